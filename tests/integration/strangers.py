"""What a stranger's tools find at our port: nmap's scripts for SMTP, testssl, swaks. By hand, since it takes minutes.

`python tests/integration/strangers.py [nmap] [testssl] [swaks]`: those of the tools that are installed (Debian: nmap,
testssl.sh, swaks with libnet-ssleay-perl).
Starts a gateway of its own, prints what each of them found, and exits 1 for an open relay, a user found, or a finding above LOW.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.certificate import self_signed
from support.gateway import Gateway, free_port
from support.world import DOMAIN, PARTNER_ADDRESS

_HARMLESS: Final = {"OK", "INFO", "LOW", "WARN"}
"""WARN: what the tool could not find out."""
_CERTIFICATE: Final = "cert_"
"""Nobody vouches for the one of this run, and it ends in 30 days: what is found of it says nothing of the server."""
tool_s: Final = 1_200


def nmap(gateway: Gateway, aliases: list[str], place: Path) -> bool:
    """Open relay: 0 of its tests; users found: 0 of its names."""
    arguments = f"smtp-open-relay.domain=elsewhere.example,smtp.domain={DOMAIN}"
    scripts = ["--script", "+smtp-open-relay,+smtp-enum-users", "--script-args", arguments]
    said = run("nmap", "-Pn", "-sT", "-p", str(gateway.smtp_port), *scripts, "127.0.0.1")
    print(said)
    return "doesn't seem to be an open relay, all tests failed" in said and "Couldn't find any accounts" in said


def testssl(gateway: Gateway, aliases: list[str], place: Path) -> bool:
    """No finding above LOW, but for the certificate of this run."""
    report = place / "testssl.json"
    run("testssl", "--quiet", "--color", "0", "--jsonfile", str(report), "-t", "smtp", f"127.0.0.1:{gateway.smtp_port}")
    findings = json.loads(report.read_text())
    counts: dict[str, int] = {}
    for one in findings:
        counts[one["severity"]] = counts.get(one["severity"], 0) + 1
    print(counts)
    bad = [one for one in findings if one["severity"] not in _HARMLESS]
    for one in bad:
        print(f"{one['severity']}: {one['id']}: {one['finding']}")
    return all(one["id"].startswith(_CERTIFICATE) for one in bad)


def swaks(gateway: Gateway, aliases: list[str], place: Path) -> bool:
    """A message over STARTTLS is taken, and one for elsewhere is not."""
    at = [
        "--server",
        f"127.0.0.1:{gateway.smtp_port}",
        "--from",
        PARTNER_ADDRESS,
        "--tls",
        "--h-From",
        f"Marco <{PARTNER_ADDRESS}>",
    ]
    said = run("swaks", *at, "--to", aliases[0])
    relayed = run("swaks", *at, "--to", "somebody@elsewhere.example")
    print("\n".join(line for line in (said + relayed).splitlines() if line.startswith(("<~", "<**", "===", "***"))))
    return "<~  250 2.6.0" in said and "<~* 550 5.7.1" in relayed


TOOLS: Final[Mapping[str, Callable[[Gateway, list[str], Path], bool]]] = {"nmap": nmap, "testssl": testssl, "swaks": swaks}


def run(*words: str) -> str:
    done = subprocess.run(words, capture_output=True, text=True, timeout=tool_s, check=False)
    return done.stdout + done.stderr


def main() -> int:
    wanted = sys.argv[1:] or list(TOOLS)
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        chain, key = self_signed(place)
        gateway = Gateway(place / "gateway", free_port(), changed={"smtp": {"tls_certificate": str(chain), "tls_key": str(key)}})
        gateway.start()
        failed = []
        try:
            opened = gateway.open_conversation("R1")
            for tool in wanted:
                print(f"== {tool}")
                if shutil.which(tool) is None:
                    print("not installed")
                elif not TOOLS[tool](gateway, [opened["customer_alias"], opened["partner_alias"]], place):
                    failed.append(tool)
        finally:
            gateway.stop()
    print(f"failed: {', '.join(failed) or 'none'}")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
