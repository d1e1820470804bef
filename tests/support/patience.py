"""How long tests wait for what is about to happen."""

from typing import Final

patience_s: Final = 25.0
"""More than a machine takes that is merely busy; less than half a minute, after which much of it comes by itself: the courier's
next look at its table, the end of the grace for what is under way when the gateway stops.
"""
