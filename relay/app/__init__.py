"""The one place where implementations are chosen and handed in.

keys      the installation's own secrets
archive   the store, as the path of mail asks it
gateway   everything that runs in one process, put together from the settings
web       the HTTP side, put together
indexing  making what was accepted findable
serving   running it all, until SIGTERM
workers   several processes of it
"""

from relay.app.keys import Secrets
from relay.app.serving import serve

__all__ = ["Secrets", "serve"]
