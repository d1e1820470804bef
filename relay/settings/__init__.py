"""Configuration: read once, from a TOML file and the environment, into frozen models (design.md section 5).

`read(file).settings` is what `relay.app` chooses the implementations by; below it, a function receives the figure that it
needs, never the settings. Paths are relative to the working directory: `state_dir = "var"` is ./var of whoever starts it.
"""

from relay.settings.choices import (
    Enforcement,
    LogFormat,
    LogLevel,
    OpenOn,
    OrderedBy,
    OutboundTls,
    PaymentProvider,
    Refusals,
    Scanning,
)
from relay.settings.endpoints import Mx, Smarthost, Tcp, UnixSocket
from relay.settings.example import example, literal
from relay.settings.reading import Configuration, Effective, effective, known_keys, read
from relay.settings.settings import Origin, Settings

__all__ = [
    "Configuration",
    "Effective",
    "Enforcement",
    "LogFormat",
    "LogLevel",
    "Mx",
    "OpenOn",
    "OrderedBy",
    "Origin",
    "OutboundTls",
    "PaymentProvider",
    "Refusals",
    "Scanning",
    "Settings",
    "Smarthost",
    "Tcp",
    "UnixSocket",
    "effective",
    "example",
    "known_keys",
    "literal",
    "read",
]
