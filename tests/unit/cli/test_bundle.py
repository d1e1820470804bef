"""A conversation as evidence: exported, opened and verified without us, and every way of tampering with it is found (AR-1)."""

from __future__ import annotations

import hashlib
import json
import mailbox
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from support.archive import World
from support.cli import House
from support.world import CUSTOMER_ADDRESS, PARTNER_ADDRESS

from relay.transit.crossing import Fate
from relay.values import Role

REFERENCE = "GYG4K7Q2X9ABC"
OPENSSL = shutil.which("openssl")


@pytest.fixture
def house_with_mail(house: House, world: World) -> House:
    """Two messages that crossed, one that was refused; another conversation beside it."""
    conversation = world.opened(REFERENCE)
    world.accepted(world.crossing(conversation, body="Where is the meeting point?"))
    world.accepted(
        world.crossing(conversation, writer=Role.PARTNER, subject="At the\x1b[2J fountain", body="<script>alert(1)</script>")
    )
    world.accepted(world.crossing(conversation, fate=Fate.REFUSED, body="From here it was too large"))
    world.accepted(world.crossing(world.opened("OTHER"), body="nothing to do with it"))
    return house


def exported(house: House, profile: str = "internal") -> Path:
    file = house.directory / f"{profile}.zip"
    done = house.relay("archive", "export", REFERENCE, "--output", str(file), "--profile", profile)
    assert done.code == 0, done.err
    return file


def unpacked(file: Path) -> Path:
    into = file.with_suffix("")
    with zipfile.ZipFile(file) as archive:
        archive.extractall(into)
    [directory] = into.iterdir()
    return directory


def by_sh(directory: Path, *words: str) -> tuple[int, list[str]]:
    """What verify.sh says, in a shell that knows nothing but the standard."""
    if OPENSSL is None:
        pytest.skip("openssl is not installed")
    done = subprocess.run(["sh", str(directory / "verify.sh"), *words], capture_output=True, text=True, check=False, cwd="/")
    return done.returncode, [line for line in done.stdout.splitlines() if line.startswith("FAILED")] + done.stderr.splitlines()


def by_python(directory: Path) -> tuple[int, list[str]]:
    if OPENSSL is None:
        pytest.skip("openssl is not installed")
    command = [sys.executable, "-I", str(directory / "verify.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    return done.returncode, [line for line in done.stdout.splitlines() if line.startswith("FAILED")] + done.stderr.splitlines()


@pytest.mark.slow  # a shell and an interpreter for each
@pytest.mark.parametrize("profile", ["internal", "authority", "partner", "customer"])
def test_a_bundle_is_verified_by_us_and_without_us(house_with_mail: House, profile: str) -> None:
    file = exported(house_with_mail, profile)
    done = house_with_mail.bare("archive", "verify", str(file))
    assert (done.code, done.out.splitlines()[-1]) == (0, "OK")
    directory = unpacked(file)
    assert by_sh(directory) == (0, [])
    assert by_python(directory) == (0, [])


def test_it_is_for_its_owner_alone_and_overwrites_nothing(house_with_mail: House) -> None:
    file = exported(house_with_mail)
    assert file.stat().st_mode & 0o777 == 0o600
    again = house_with_mail.relay("archive", "export", REFERENCE, "--output", str(file))
    assert (again.code, "overwritten" in again.err) == (1, True)


def test_that_it_was_made_is_noted_and_the_next_one_tells_of_it(house_with_mail: House) -> None:
    exported(house_with_mail, "customer")
    directory = unpacked(exported(house_with_mail))
    [noted] = [json.loads(line) for line in (directory / "access.jsonl").read_text().splitlines()]
    assert (noted["what"], noted["reason"]) == ("export", "customer")


def test_mail_programs_and_browsers_read_it(house_with_mail: House) -> None:
    directory = unpacked(exported(house_with_mail))
    box = mailbox.mbox(directory / "thread.mbox")
    assert len(box) == 3
    box.close()
    page = (directory / "transcript.html").read_text()
    assert "<script>" not in page
    assert "default-src 'none'" in page
    assert page.count("<article") == 3


@pytest.mark.parametrize("profile", ["partner", "customer"])
def test_what_is_for_a_party_names_nobody(house_with_mail: House, profile: str) -> None:
    """Invariant 1, and AR-1: party-facing, as delivered only."""
    directory = unpacked(exported(house_with_mail, profile))
    for file in directory.rglob("*"):
        octets = file.read_bytes().lower() if file.is_file() else b""
        for address in (CUSTOMER_ADDRESS, PARTNER_ADDRESS):
            assert address.encode() not in octets, file
        assert b"192.0.2.7" not in octets
        assert file.name not in {"raw.eml", "dns.json", "access.jsonl"}


def test_what_the_virus_scan_found_is_in_no_bundle(house_with_mail: House, world: World) -> None:
    world.tamper("UPDATE passages SET reason = 'virus' WHERE fate = 'refused'")
    directory = unpacked(exported(house_with_mail))
    assert not (directory / "messages/0003/raw.eml").exists()
    assert "the virus scan found something" in (directory / "transcript.html").read_text()
    assert by_sh(directory) == (0, [])


def _resummed(directory: Path) -> None:
    """Whoever tampers makes the list of sums anew, too."""
    names = [line.partition("  ")[2] for line in (directory / "SHA256SUMS").read_text().splitlines()]
    lines = [
        f"{hashlib.sha256((directory / one).read_bytes()).hexdigest()}  {one}\n" for one in names if (directory / one).exists()
    ]
    (directory / "SHA256SUMS").write_text("".join(lines))


def _signed_anew(directory: Path) -> None:
    """… and signs all of it with a key of their own."""
    _resummed(directory)
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (directory / "record/key.pem").write_bytes(pem)
    (directory / "record/head.sig").write_bytes(key.sign((directory / "record/head").read_bytes()))
    _resummed(directory)
    manifest = json.loads((directory / "manifest.json").read_text())
    manifest["sha256sums"] = hashlib.sha256((directory / "SHA256SUMS").read_bytes()).hexdigest()
    octets = json.dumps(manifest, sort_keys=True, separators=(",", ":")).encode() + b"\n"
    (directory / "manifest.json").write_bytes(octets)
    (directory / "manifest.sig").write_bytes(key.sign(octets))


def _replace(name: str, old: bytes, new: bytes) -> Callable[[Path], None]:
    def tamper(directory: Path) -> None:
        octets = (directory / name).read_bytes()
        assert old in octets
        (directory / name).write_bytes(octets.replace(old, new))

    return tamper


def _reordered(directory: Path) -> None:
    for kind in ("json", "leaf", "path"):
        first, second = directory / f"timeline/00002.{kind}", directory / f"timeline/00003.{kind}"
        kept = first.read_bytes()
        first.write_bytes(second.read_bytes())
        second.write_bytes(kept)
    _signed_anew(directory)


def _cut_off(directory: Path) -> None:
    """The last entry goes, with a count that fits; but every entry has to be there that the manifest counts."""
    last = max(directory.glob("timeline/*.json"))
    for kind in (".json", ".leaf", ".path"):
        last.with_suffix(kind).unlink()
    _resummed(directory)


def _then(*steps: Callable[[Path], None]) -> Callable[[Path], None]:
    def tamper(directory: Path) -> None:
        for step in steps:
            step(directory)

    return tamper


TAMPERINGS: dict[str, tuple[Callable[[Path], None], str]] = {
    "a received mail is edited": (_replace("messages/0001/raw.eml", b"meeting", b"meating"), "changed: messages/0001/raw.eml"),
    "a delivered mail is edited, and the sums made anew": (
        _then(_replace("messages/0001/delivered.eml", b"Hello", b"Hallo"), _resummed),
        "SHA256SUMS: not the one that the manifest names",
    ),
    "a mail is edited, and all signed anew": (
        _then(_replace("messages/0001/raw.eml", b"meeting", b"meating"), _signed_anew),
        "not what was received: messages/0001/raw.eml",
    ),
    "a delivered mail is edited, and all signed anew": (
        _then(_replace("messages/0001/delivered.eml", b"Hello", b"Hallo"), _signed_anew),
        "not what was sent: messages/0001/delivered.eml",
    ),
    "a message is taken out": (lambda at: shutil.rmtree(at / "messages/0002"), "missing: messages/0002/raw.eml"),
    "the end of the timeline is cut off": (_cut_off, "missing: entry"),
    "an entry is edited, and all signed anew": (
        _then(_replace("timeline/00002.json", b"customer", b"partner1"), _signed_anew),
        "changed: entry 2 of the timeline",
    ),
    "two entries change places, and all is signed anew": (_reordered, "changed: entry 2 of the timeline"),
    "a leaf is made to fit an edited entry": (
        _then(_replace("timeline/00004.leaf", b'"entry":4', b'"entry":9'), _signed_anew),
        "changed: entry 4 of the timeline",
    ),
    "the head is replaced by another": (
        _replace("record/head", b"size ", b"size 1"),
        "signature of record/head: not by this key",
    ),
    "a salt is replaced, and all signed anew": (
        _then(lambda at: (at / "messages/0001/salt").write_text("00" * 16 + "\n"), _signed_anew),
        "not what was received: messages/0001/raw.eml",
    ),
    "a file is added": (lambda at: (at / "messages/0001/extra.eml").write_text("x"), "added: messages/0001/extra.eml"),
    "the manifest is edited": (
        _replace("manifest.json", b'"internal"', b'"customer"'),
        "signature of manifest.json: not by this key",
    ),
}


@pytest.mark.slow  # a shell and an interpreter for each
@pytest.mark.parametrize("name", TAMPERINGS)
def test_whoever_tampers_is_found_out_and_where_is_named(house_with_mail: House, name: str) -> None:
    tamper, told = TAMPERINGS[name]
    directory = unpacked(exported(house_with_mail))
    tamper(directory)
    for code, found in (by_sh(directory), by_python(directory)):
        assert code == 1
        assert any(told in line for line in found), found


@pytest.mark.slow  # a shell for each
def test_a_bundle_that_is_forged_as_a_whole_has_another_key(house_with_mail: House) -> None:
    own = house_with_mail.relay("archive", "record", "--sign", "--json").json["fingerprint"]
    file = exported(house_with_mail)
    directory = unpacked(file)
    assert by_sh(directory, own) == (0, [])
    _signed_anew(directory)
    assert by_sh(directory) == (0, [])
    assert house_with_mail.relay("archive", "verify", str(file)).code == 0
    (house_with_mail.directory / "forged").mkdir()
    forged = shutil.make_archive(str(house_with_mail.directory / "forged" / "bundle"), "zip", directory.parent)
    told = house_with_mail.relay("archive", "verify", forged)
    assert (told.code, told.out.splitlines()[0]) == (
        1,
        "FAILED key: the bundle was signed by another key than the one that you named",
    )
    code, found = by_sh(directory, own)
    assert (code, len(found)) == (1, 1)
    assert "another key" in found[0]
    assert house_with_mail.bare("archive", "verify", str(file), "--fingerprint", own).code == 0
    assert house_with_mail.bare("archive", "verify", str(file), "--fingerprint", "0" * 64).code == 1


def test_what_is_no_bundle_is_told_in_a_line(house_with_mail: House) -> None:
    file = house_with_mail.directory / "none.zip"
    for octets in (b"", b"PK\x05\x06" + bytes(18), b"nonsense"):
        file.write_bytes(octets)
        done = house_with_mail.bare("archive", "verify", str(file))
        assert done.code == 1
        assert done.out.startswith("FAILED")
    assert house_with_mail.bare("archive", "verify", str(file.with_name("not-there"))).code == 1


def test_a_booking_that_is_not_there_is_told(house_with_mail: House) -> None:
    done = house_with_mail.relay("archive", "export", "NOPE", "--output", str(house_with_mail.directory / "x.zip"))
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert not (house_with_mail.directory / "x.zip").exists()


def test_the_same_conversation_gives_the_same_files(house_with_mail: House) -> None:
    """But for when it was made, and who looked meanwhile."""
    first = unpacked(exported(house_with_mail, "authority"))
    second_file = house_with_mail.directory / "second.zip"
    house_with_mail.relay("archive", "export", REFERENCE, "--output", str(second_file), "--profile", "authority")
    second = unpacked(second_file)
    differ = [
        one.relative_to(first).as_posix()
        for one in sorted(first.rglob("*"))
        if one.is_file() and one.read_bytes() != (second / one.relative_to(first)).read_bytes()
    ]
    assert set(differ) <= {"SHA256SUMS", "manifest.json", "manifest.sig", "transcript.html"}
