"""A stretch of octets, looked at where it lies: messages lie within one another, each as long as its largest file."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Stretch:
    """What stands in `octets` from `begin` to `end`."""

    octets: bytes = field(repr=False)
    begin: int
    end: int

    @classmethod
    def whole(cls, octets: bytes) -> Stretch:
        """All of them."""
        return cls(octets, 0, len(octets))

    def __len__(self) -> int:
        return self.end - self.begin

    def copied(self) -> bytes:
        """Its octets by themselves."""
        return self.octets[self.begin : self.end]

    def split(self, between: bytes) -> list[Stretch]:
        """What stands between the occurrences of `between`, as `bytes.split` has it."""
        found = []
        begin = self.begin
        while (at := self.octets.find(between, begin, self.end)) != -1:
            found.append(Stretch(self.octets, begin, at))
            begin = at + len(between)
        return [*found, Stretch(self.octets, begin, self.end)]
