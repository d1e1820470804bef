"""Pages: read as a browser reads them, and written anew from what is allowed (leaks.md section 3)."""

from relay.message.html.attributes import RemoteImages
from relay.message.html.page import scrubbed_html
from relay.message.html.visible import visible_lines, visible_text

__all__ = ["RemoteImages", "scrubbed_html", "visible_lines", "visible_text"]
