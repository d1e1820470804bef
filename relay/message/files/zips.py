"""ZIP archives, and the documents that are ones: their members cleaned by the rules of their own kind (LEAK-62, LEAK-64).

Members that tell nothing keep their packed octets, and an archive of such members keeps all of its own (LEAK-56).
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from relay.errors import Unreadable
from relay.message.archives import members_max, unpacked_bytes_max
from relay.message.files.cleaned import Cleaned, Inside, Tells
from relay.message.files.office import cleaned_part, is_marked_up, is_office, is_signature

name_characters_max: Final = 1000

_LOCAL: Final = struct.Struct("<4s5H3I2H")
_CENTRAL: Final = struct.Struct("<4s6H3I5H2I")
_END: Final = struct.Struct("<4s4H2IH")
_encrypted: Final = 0x1 | 0x40
_in_utf8: Final = 0x800
_version: Final = 20
_stored: Final = 0
_deflated: Final = 8
_first_day: Final = (0, 1 << 5 | 1)
"""Time and date as ZIP has them: the first of January 1980, which Office itself writes. Others are local, and show the zone."""
_ENDING: Final = re.compile(r"\.[A-Za-z0-9]{1,8}\Z")
_BROKEN: Final = (zipfile.BadZipFile, zlib.error, struct.error, ValueError, LookupError, RuntimeError, OSError, EOFError)
_PLAIN_LOCAL: Final = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive. `packed` are its octets as they stand there."""

    name: str = field(repr=False)
    is_in_utf8: bool
    """Else the name is in whatever its maker had, and kept so."""
    method: int
    time: int
    date: int
    checksum: int
    size: int
    attributes: int
    system: int
    packed: bytes = field(repr=False)

    def octets(self, octets_max: int) -> bytes | None:
        """What it holds; None for a method that is not unpacked here. Raises Unreadable when it does not hold what it says."""
        if self.method not in {_stored, _deflated}:
            return None
        if self.size > octets_max:
            raise Unreadable("an archive that unpacks too far")
        octets = self.packed
        if self.method == _deflated:
            octets = zlib.decompressobj(wbits=-15).decompress(self.packed, self.size + 1)
        if len(octets) != self.size or zlib.crc32(octets) != self.checksum:
            raise Unreadable("a damaged archive")
        return octets

    def holding(self, octets: bytes) -> Member:
        """The same member with other content."""
        packed = octets
        if self.method == _deflated:
            deflater = zlib.compressobj(wbits=-15)
            packed = deflater.compress(octets) + deflater.flush()
        return replace(self, checksum=zlib.crc32(octets), size=len(octets), packed=packed)


def is_zip(octets: bytes) -> bool:
    return octets.startswith(_PLAIN_LOCAL)


def clean_zip(octets: bytes, tells: Tells, inside: Inside) -> Cleaned:
    """The archive with its members cleaned, in their order, under their names unless those tell.

    Written anew it has no comments, no extra fields and nothing between members. Raises Unreadable for one that is broken,
    encrypted, has two members of one name, or exceeds a bound.
    """
    try:
        members, comment = _members(octets)
        names = [member.name for member in members]
        if len(set(names)) < len(names):
            raise Unreadable("an archive with two members of one name")
        of_office = is_office(names)
        taken: list[str] = []
        kept = list(_cleaned_members(members, tells, inside, taken, of_office=of_office))
        if not of_office:
            kept = list(_renamed(kept, tells, taken))
        if comment and tells(comment):
            taken.append("comment of an archive")
        if not taken:
            return Cleaned(octets)
        if of_office:
            kept = [replace(member, time=_first_day[0], date=_first_day[1]) for member in kept]
        return Cleaned(_zipped(kept), tuple(dict.fromkeys(taken)))
    except _BROKEN as broken:
        raise Unreadable("a damaged archive") from broken


def _members(octets: bytes) -> tuple[list[Member], str]:
    """The members by the directory at the end, and the comment there."""
    with zipfile.ZipFile(io.BytesIO(octets)) as archive:
        infos = archive.infolist()
        comment = archive.comment + b"\n" + b"\n".join(info.comment for info in infos[:members_max])
    if len(infos) > members_max or any(info.flag_bits & _encrypted or len(info.filename) > name_characters_max for info in infos):
        raise Unreadable("an archive that is not opened")
    return [_member(info, octets) for info in infos], comment.decode("utf-8", "replace").strip()


def _member(info: zipfile.ZipInfo, octets: bytes) -> Member:
    *_, name_length, extra_length = _LOCAL.unpack_from(octets, info.header_offset)
    begin = info.header_offset + _LOCAL.size + name_length + extra_length
    year, month, day, hour, minute, second = info.date_time
    return Member(
        name=info.orig_filename,
        is_in_utf8=bool(info.flag_bits & _in_utf8),
        method=info.compress_type,
        time=hour << 11 | minute << 5 | second // 2,
        date=(year - 1980) << 9 | month << 5 | day,
        checksum=info.CRC,
        size=info.file_size,
        attributes=info.external_attr,
        system=info.create_system,
        packed=octets[begin : begin + info.compress_size],
    )


def _cleaned_members(
    members: Sequence[Member], tells: Tells, inside: Inside, taken: list[str], *, of_office: bool
) -> Iterator[Member]:
    left = unpacked_bytes_max
    for member in members:
        if of_office and is_signature(member.name):
            taken.append("signature")
            continue
        octets = member.octets(left)
        if octets is None:
            yield member
            continue
        left -= len(octets)
        if of_office and is_marked_up(member.name):
            after = Cleaned(cleaned_part(member.name, octets, tells), ("document properties",))
        else:
            after = inside(octets)
        if after.octets == octets:
            yield member
        else:
            taken += after.taken
            yield member.holding(after.octets)


def _renamed(members: Sequence[Member], tells: Tells, taken: list[str]) -> Iterator[Member]:
    """The members under names that do not tell; what is in the same folder stays together."""
    stand_ins: dict[str, str] = {}
    for member in members:
        steps = []
        for step in member.name.split("/"):
            if step not in stand_ins:
                ending = _ENDING.search(step)
                stem = step[: ending.start()] if ending else step
                number = len(stand_ins) + 1
                stand_ins[step] = f"file-{number}{ending[0] if ending else ''}" if stem and tells(stem) else step
            steps.append(stand_ins[step])
        name = "/".join(steps)
        if name != member.name:
            taken.append("name in an archive")
        yield replace(member, name=name)


def _zipped(members: Sequence[Member]) -> bytes:
    """An archive of these members (APPNOTE §4.3)."""
    pieces: list[bytes] = []
    directory: list[bytes] = []
    at = 0
    for member in members:
        name = member.name.encode("utf-8" if member.is_in_utf8 else "cp437")
        flags = _in_utf8 if member.is_in_utf8 else 0
        sizes = (member.checksum, len(member.packed), member.size)
        common = (_version, flags, member.method, member.time, member.date, *sizes, len(name), 0)
        head = _LOCAL.pack(b"PK\x03\x04", *common) + name
        made_by = member.system << 8 | _version
        directory.append(_CENTRAL.pack(b"PK\x01\x02", made_by, *common, 0, 0, 0, member.attributes, at) + name)
        pieces += (head, member.packed)
        at += len(head) + len(member.packed)
    listed = b"".join(directory)
    end = _END.pack(b"PK\x05\x06", 0, 0, len(members), len(members), len(listed), at, 0)
    return b"".join((*pieces, listed, end))
