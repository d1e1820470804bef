"""The HTTP side: health and figures, the API under /api/v1, and pages for people.

`application.web_app` puts it together from what `ports` asks for; it knows neither the database nor the configuration.
"""

from __future__ import annotations

import sys

# FastAPI asks of every type whether it is a model of pydantic's first version, and loads all of that to ask. There is none here,
# and pydantic is to drop it; FastAPI expects it to be missing, and each process that serves the web is spared 2 MB (PERF-10).
sys.modules["pydantic.v1"] = None  # type: ignore[assignment]  # Python's sign for a module that is not to be had
