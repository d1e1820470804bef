"""A mail of ours as its reader gets it: header, text, the words and links of its page, its calendar entry."""

from __future__ import annotations

import email
from email import policy
from email.message import EmailMessage
from html.parser import HTMLParser


def read(raw: bytes) -> EmailMessage:
    """The mail, parsed as mail programs do."""
    message = email.message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def body(message: EmailMessage, kind: str) -> str:
    """Its text ("plain"), its page ("html") or its calendar entry, with LF at the ends of lines."""
    part = next((one for one in message.walk() if one.get_content_type() == f"text/{kind}"), None)
    assert isinstance(part, EmailMessage)
    content = part.get_content()
    assert isinstance(content, str)
    return content.replace("\r\n", "\n")


def one_line(text: str) -> str:
    """`text` without its line breaks: words that stand beside each other are found."""
    return " ".join(text.split())


class Visible(HTMLParser):
    """The text of a page, its elements, and where it would fetch or lead."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text, self.tags, self.links = "", set[str](), list[str]()
        self._is_style = False
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self._is_style = tag == "style"
        self.links += [value or "" for name, value in attrs if name in {"href", "src", "background", "action"}]
        assert not any(name.startswith("on") for name, _ in attrs)

    def handle_endtag(self, tag: str) -> None:
        self._is_style = False

    def handle_data(self, data: str) -> None:
        if not self._is_style:
            self.text += data + " "
