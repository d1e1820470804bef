"""What the second reading found, as the API shows it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Finding(BaseModel):
    """What would have told who or where the writer is, and could not be taken out. It never holds the thing itself."""

    model_config = ConfigDict(from_attributes=True)

    kind: str = Field(description="address, domain, word (of a name), host, or unreadable.")
    place: str = Field(description="Where in the message as the recipient would have got it.")
    layer: str = Field(description="The encodings it was under, the outermost first; raw for none.")
