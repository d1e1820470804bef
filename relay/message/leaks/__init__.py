"""The second reading: whether a finished message still tells who or where a party is (leaks.md section 7, invariant 2).

It takes the octets that are about to leave and knows nothing of how they were made: no parser, table or matcher is shared
with the rest of `relay.message`, so that a misunderstanding there is not repeated here. A finding holds the message.
"""

from relay.message.leaks.finding import Finding, Kind
from relay.message.leaks.reading import leaks
from relay.message.leaks.watched import Watched

__all__ = ["Finding", "Kind", "Watched", "leaks"]
