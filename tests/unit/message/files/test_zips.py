"""ZIP archives (LEAK-64): members are cleaned by their own kind, in their order, within bounds."""

from __future__ import annotations

import io
import zipfile

import pytest
from support.canaries import AUTHOR, anybody, nobody, planted
from support.leaking import a_jpeg, a_zip, an_office_file

from relay.message.archives import members_max
from relay.message.files import cleaned

TOLD = a_jpeg(AUTHOR)
WHO = AUTHOR.decode()


def members(octets: bytes) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(octets)) as archive:
        assert archive.testzip() is None
        return [(info.filename, archive.read(info)) for info in archive.infolist()]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_pictures_and_documents_in_an_archive_are_cleaned_and_the_rest_stays(method: int) -> None:
    core = f"<dc:creator>{WHO}</dc:creator>".encode()
    told = a_zip(
        ("a/photo.jpg", TOLD), ("plan.txt", b"at nine " * 50), ("a/offer.docx", an_office_file("docProps/core.xml", core)),
        ("inner.zip", a_zip(("photo.jpg", TOLD))), method=method,
    )  # fmt: skip
    clean = cleaned(told, nobody)
    assert clean.taken
    after = dict(members(clean.octets))
    assert list(after) == ["a/photo.jpg", "plan.txt", "a/offer.docx", "inner.zip"]
    assert after["plan.txt"] == b"at nine " * 50
    assert not planted(after["a/photo.jpg"])
    assert members(after["a/offer.docx"])[-1] == ("docProps/core.xml", b"<dc:creator></dc:creator>")
    assert not planted(members(after["inner.zip"])[0][1])
    assert cleaned(clean.octets, nobody).octets is clean.octets


def test_members_keep_dates_rights_and_methods() -> None:
    octets = io.BytesIO()
    with zipfile.ZipFile(octets, "w") as archive:
        for name, method in (("a.jpg", zipfile.ZIP_DEFLATED), ("b.txt", zipfile.ZIP_BZIP2), ("ü.txt", zipfile.ZIP_STORED)):
            info = zipfile.ZipInfo(name, (2026, 5, 4, 10, 20, 30))
            info.compress_type, info.external_attr = method, 0o100640 << 16
            archive.writestr(info, TOLD)
    with (
        zipfile.ZipFile(octets) as before,
        zipfile.ZipFile(io.BytesIO(cleaned(octets.getvalue(), nobody).octets)) as after,
    ):
        for one, other in zip(before.infolist(), after.infolist(), strict=True):
            assert (one.filename, one.date_time, one.external_attr) == (other.filename, other.date_time, other.external_attr)
            assert one.compress_type == other.compress_type


def test_names_and_comments_that_tell_go() -> None:
    told = a_zip((f"{WHO}/plan.txt", b"at nine"), (f"{WHO}/{WHO}.txt", b"at ten"), comment=AUTHOR)
    clean = cleaned(told, anybody)
    assert clean.taken == ("name in an archive", "comment of an archive")
    assert not planted(clean.octets)
    assert members(clean.octets) == [("file-1/plan.txt", b"at nine"), ("file-1/file-3.txt", b"at ten")]
    assert cleaned(clean.octets, anybody).octets is clean.octets


@pytest.mark.parametrize("comment", [b"", b"holiday"])
def test_an_archive_with_nothing_to_take_keeps_its_very_octets(comment: bytes) -> None:
    """LEAK-56."""
    octets = a_zip(("plan.txt", b"at nine"), ("photo.jpg", a_jpeg(b"JFIF\0", 0xE0)), comment=comment)
    assert cleaned(octets, anybody).octets is octets


def with_flag(octets: bytes, flag: int) -> bytes:
    at = octets.index(b"PK\x01\x02") + 8
    return octets[:at] + bytes([flag]) + octets[at + 1 :]


def with_the_same_name_twice() -> bytes:
    return a_zip(("a.jpg", TOLD), ("b.jpg", TOLD)).replace(b"b.jpg", b"a.jpg")


@pytest.mark.parametrize(
    "octets",
    [
        with_flag(a_zip(("a.jpg", TOLD)), 1),
        with_the_same_name_twice(),
        a_zip(("a.jpg", TOLD))[:-30],
        a_zip(("a.jpg", TOLD), method=zipfile.ZIP_STORED).replace(TOLD[-9:], bytes(9)),
        a_zip(*((str(number), b"") for number in range(members_max + 1))),
        a_zip(("a.jpg", TOLD), ("zeros", bytes(101 * 1024 * 1024))),
    ],
    ids=["encrypted", "one name twice", "cut", "wrong sum", "many members", "bomb"],
)
def test_what_cannot_be_read_safely_stays_as_it_is(octets: bytes) -> None:
    """Invariant 12; the second reading judges it."""
    assert cleaned(octets, anybody).octets is octets
