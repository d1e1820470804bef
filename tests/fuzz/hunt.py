"""Coverage-guided fuzzing of parsing, surgery and second reading, on the machine's own time.

    python tests/fuzz/hunt.py TARGET [--seconds 3600] [--work DIR] [--seeds DIR ...] [--jobs-seed N]

TARGET is one of tests/fuzz/targets.py. It begins with the traps of `relay self-test` and whatever `--seeds` names, for example
folders of a corpus. Inputs that widen what is covered are kept in DIR/TARGET, so that a later run goes on from there. A finding
stops the run, exits 1, and leaves its input as DIR/TARGET.finding-*; put it, made small, into tests/fuzz/found, where the fast
tests replay it for good.
Needs the extra `fuzz` (pip install '.[fuzz]').
"""

from __future__ import annotations

import argparse
import base64
import email
import random
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent.parent)]

import atheris  # noqa: E402 -- the product is found by the path above

with atheris.instrument_imports(include=["relay.message", "relay.transit"]):
    from fuzz.targets import TARGETS

    from relay.selftest.traps import TRAPS

from support.scenes import SCENES  # noqa: E402 -- as above
from support.world import CUSTOMER_ADDRESS, PARTNER_ADDRESS  # noqa: E402 -- as above

octets_max = 60_000
memory_megabytes_max = 2048
input_seconds_max = 60

OF_KIND = {
    "text": ("text/plain",),
    "flowed": ("text/plain",),
    "page": ("text/html",),
    "calendar": ("text/calendar",),
    "card": ("text/vcard", "text/x-vcard"),
    "tnef": ("application/ms-tnef",),
    "cms": ("application/pkcs7-mime", "application/x-pkcs7-mime"),
    "file": (
        "image/jpeg",
        "image/png",
        "image/webp",
        "image/tiff",
        "application/pdf",
        "application/octet-stream",
        "application/zip",
    ),
}
"""The media types of the parts that a target begins with."""

TOKENS = (
    *("Content-Type: ", "Content-Transfer-Encoding: ", "Content-Disposition: attachment; filename=", "Subject: ", "From: "),
    *("multipart/mixed; boundary=b", "multipart/alternative; boundary=", "multipart/related", "multipart/signed", "\r\n--b\r\n"),
    *("--b--", "message/rfc822", "text/html", "text/calendar", "text/vcard", "application/ms-tnef", "application/pkcs7-mime"),
    *("base64", "quoted-printable", "x-uuencode", "charset=utf-16", "charset=utf-7", "charset=iso-2022-jp", "format=flowed"),
    *("=?utf-8?q?", "=?utf-7?b?", "?=", "filename*0*=", "filename*1=", "begin 644 a\r\n", "BEGIN:VCALENDAR\r\n", "END:VCALENDAR"),
    *("ATTENDEE;CN=x:mailto:", "UID:", "DESCRIPTION:", '<a href="mailto:', '<img src="cid:', "<style>", "<!--[if", "&#64;"),
    *("&commat;", "%40", "&shy;", " (at) ", " [dot] ", "wrote:\r\n> ", "-----BEGIN PGP SIGNED MESSAGE-----\r\n", "PK\x03\x04"),
    *(
        "-----BEGIN PGP SIGNATURE-----\r\n",
        "-----END PGP SIGNATURE-----",
        "%PDF-1.5\r\n",
        "\xff\xd8\xff\xe1",
        "data:image/png;base64,",
    ),
    *(
        PARTNER_ADDRESS,
        CUSTOMER_ADDRESS,
        "bellini",
        "kowalska",
        "alpine-tours.example",
        "\u200b",
        "\u202e",
        "\uff20",
        "=\r\n",
        "=20\r\n",
    ),
)


def mutated(data: bytes, size_max: int, seed: int) -> bytes:
    """The library's own mutation, or one that knows mail: a token, a known address, or a mutation inside a run of Base64."""
    draw = random.Random(seed)
    way = draw.randrange(8)
    if way == 0 and data:
        at = draw.randrange(len(data) + 1)
        token = draw.choice(TOKENS).encode("utf-8" if draw.random() < 0.7 else "latin-1", "replace")
        return (data[:at] + token + data[at + draw.choice((0, 0, len(token))) :])[:size_max]
    if way == 1 and (found := _run_of_base64(data, draw)) is not None:
        begin, end = found
        inside = atheris.Mutate(base64.b64decode(data[begin:end] + b"==="), size_max)
        return (data[:begin] + base64.b64encode(inside) + data[end:])[:size_max]
    if way == 2 and len(data) > 4:  # a piece once more, somewhere else
        begin = draw.randrange(len(data))
        piece = data[begin : begin + draw.randrange(1, 400)]
        at = draw.randrange(len(data))
        return (data[:at] + piece * draw.choice((1, 1, 1, 2, 9)) + data[at:])[:size_max]
    return bytes(atheris.Mutate(data, size_max))


def _run_of_base64(data: bytes, draw: random.Random) -> tuple[int, int] | None:
    letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    begin = end = draw.randrange(len(data)) if data else 0
    while begin > 0 and data[begin - 1] in letters:
        begin -= 1
    while end < len(data) and data[end] in letters:
        end += 1
    return (begin, begin + (end - begin) // 4 * 4) if end - begin >= 16 else None


def beginnings(target: str) -> Iterator[bytes]:
    """The traps, or those of their parts that are of the target's kind."""
    for trap in TRAPS:
        octets = trap.build(SCENES["partner"])
        octets = octets.replace(SCENES["partner"].writer.address.encode(), PARTNER_ADDRESS.encode())
        if target == "message":
            yield octets
            continue
        for part in email.message_from_bytes(octets).walk():
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes) and (target == "body" or part.get_content_type() in OF_KIND.get(target, ())):
                yield payload


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("target", choices=sorted(TARGETS))
    arguments.add_argument("--seconds", type=int, default=3600)
    arguments.add_argument("--work", type=Path, default=Path("fuzzing"))
    arguments.add_argument("--seeds", type=Path, nargs="*", default=[])
    given = arguments.parse_args()
    kept = given.work / given.target
    if not kept.exists():
        kept.mkdir(parents=True)
        for number, octets in enumerate(beginnings(given.target)):
            (kept / f"trap-{number}").write_bytes(octets[:octets_max])
    options = [
        f"-max_total_time={given.seconds}",
        f"-max_len={octets_max}",
        f"-rss_limit_mb={memory_megabytes_max}",
        f"-timeout={input_seconds_max}",
        f"-artifact_prefix={kept}.finding-",
        "-print_final_stats=1",
        "-len_control=50",
    ]
    seeds = [str(one) for one in given.seeds]
    atheris.Setup([sys.argv[0], *options, str(kept), *seeds], TARGETS[given.target], custom_mutator=mutated)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
