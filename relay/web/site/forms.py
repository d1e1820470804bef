"""What people send with a form: the first value of each field, cleaned of what does not print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from fastapi import Request
from starlette.datastructures import FormData, UploadFile

from relay.errors import NotDone

fields_max: Final = 500
files_max: Final = 5
field_characters_max: Final = 6_000


class NoNumber(NotDone, ValueError):
    """No whole number where one is needed. A form that has no sentence for it is answered as one that cannot be carried out."""


@dataclass(frozen=True, slots=True)
class Entered:
    """The fields of a form."""

    fields: Mapping[str, Sequence[str]]
    files: Mapping[str, UploadFile]

    def line(self, name: str) -> str:
        """One line of `name`, stripped; empty where it was not sent."""
        return "".join(one for one in self.raw(name) if one.isprintable()).strip()

    def text(self, name: str) -> str:
        """All lines of `name`; line ends of forms are CRLF, and nothing else that does not print stays."""
        lines = self.raw(name).replace("\r\n", "\n").replace("\r", "\n").split("\n")
        return "\n".join("".join(one for one in line if one.isprintable()) for line in lines).strip()

    def raw(self, name: str) -> str:
        return next(iter(self.fields.get(name, ())), "")

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of `name`: of boxes that are ticked."""
        return tuple("".join(sign for sign in one if sign.isprintable()).strip() for one in self.fields.get(name, ()))

    def whole(self, name: str) -> int | None:
        """A whole number of at most nine digits; None where it was not sent. Raises NoNumber for what is none."""
        written = self.line(name)
        if not written:
            return None
        if not written.isascii() or not written.removeprefix("-").isdigit() or len(written) > 10:
            raise NoNumber(f"{name}: a whole number is needed")
        return int(written)

    def is_ticked(self, name: str) -> bool:
        return bool(self.raw(name))


async def entered(request: Request) -> Entered:
    """What came with `request`; asked again, it is not read again. Raises starlette's HTTPException for what is no form."""
    form: FormData = await request.form(max_files=files_max, max_fields=fields_max)
    fields: dict[str, list[str]] = {}
    files: dict[str, UploadFile] = {}
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            files.setdefault(name, value)
        else:
            fields.setdefault(name, []).append(value[:field_characters_max])
    return Entered(fields, files)
