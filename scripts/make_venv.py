"""Make the virtual environment that the Makefile uses: `make_venv.py DIR`. Uses nothing but the standard library.

Some systems ship Python without `ensurepip` (Debian's python3 without python3-venv); then pip is taken from the `virtualenv`
package where that exists, or the package that is missing is named.
"""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

OLDEST = (3, 11)


def main() -> int:
    if sys.version_info < OLDEST:
        print(f"Python {OLDEST[0]}.{OLDEST[1]} or later is needed, this is {sys.version.split()[0]}", file=sys.stderr)
        return 1
    where = Path(sys.argv[1])
    try:
        venv.EnvBuilder(with_pip=True, symlinks=True, clear=False).create(where)
    except subprocess.CalledProcessError:
        print("Python's ensurepip is missing: install the package python3-venv, then try again", file=sys.stderr)
        return 1
    pip = [str(where / "bin" / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check"]
    root = Path(__file__).resolve().parent.parent
    subprocess.run([*pip, "install", "--require-hashes", "-r", str(root / "requirements.lock")], check=True)
    subprocess.run([*pip, "install", "--no-deps", "--no-build-isolation", "-e", str(root)], check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
