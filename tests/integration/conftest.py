"""What the tests of running servers begin with."""

from __future__ import annotations

from support.installation import gateway, sink

__all__ = ["gateway", "sink"]
