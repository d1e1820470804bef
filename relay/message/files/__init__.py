"""Files without what their software wrote into them about people (leaks.md section 5).

Each kind of file has a cleaner of its own, a row in the table of `kinds`. What people see or hear of a file is their own
statement, and stays octet for octet wherever its form allows it (LEAK-56, LEAK-65).
"""

from relay.message.files.cleaned import Cleaned, DocumentMetadata, Tells
from relay.message.files.data_links import linked_picture, with_clean_pictures
from relay.message.files.kinds import cleaned, is_known, is_picture

__all__ = ["Cleaned", "DocumentMetadata", "Tells", "cleaned", "is_known", "is_picture", "linked_picture", "with_clean_pictures"]
