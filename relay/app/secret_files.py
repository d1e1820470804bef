"""Secrets that stand in files, each alone, for this user to read."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Final

from relay.errors import WrongConfiguration
from relay.settings import Settings

secret_octets_max: Final = 500


def oidc_secret(settings: Settings) -> str:
    """The secret that the house's provider knows. Raises WrongConfiguration, also where what asks it is not installed."""
    if importlib.util.find_spec("authlib") is None or importlib.util.find_spec("httpx") is None:
        raise WrongConfiguration("sign_in.oidc_issuer: its libraries are not installed; install relay-gateway[oidc]")
    file = settings.sign_in.oidc_client_secret_file
    assert file is not None  # the settings have seen to it
    return _alone_in(file)


def _alone_in(file: Path) -> str:
    """It is in no error, for errors are printed and logged."""
    try:
        with file.open("rb") as opened:
            octets = opened.read(secret_octets_max + 1)
    except OSError as error:
        raise WrongConfiguration(f"{file}: {error.strerror}") from error
    secret = octets.decode("utf-8", "replace").strip()
    if not secret or not secret.isprintable() or len(octets) > secret_octets_max:
        raise WrongConfiguration(f"{file}: one secret is expected there, and nothing else")
    return secret
