"""Write requirements.lock from pyproject.toml: every version and hash, for all supported Pythons, naming no package index."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXTRAS = ("dev", "fast", "postgresql", "s3", "stripe")
"""The extras that are locked: what the product and its tests need. Who fuzzes or measures installs the others by hand."""


def main() -> int:
    command = [
        *(sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml"),
        *(word for extra in EXTRAS for word in ("--extra", extra)),
        *("--universal", "--python-version", "3.11", "--generate-hashes"),
        *("--no-header", "--no-annotate", "--quiet", "--output-file", "requirements.lock"),
    ]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
