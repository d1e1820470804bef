"""The configuration written out with comments: what `relay config example` prints."""

from __future__ import annotations

import json
from typing import Final

from pydantic import BaseModel

from relay.settings.reading import sections
from relay.settings.settings import Settings

_OPENING: Final = """\
# Every key with its default. Each is also an environment variable, RELAY_SECTION__KEY, which wins over this file; lists
# are written there with commas between. An unknown key is an error. Durations: "30s", "90m", "7d"; sizes: "10 MiB",
# "10 MB". Paths are relative to the working directory. `relay config check` says what is wrong with a file, and
# `relay config show` what counts in the end.
"""
_comment_column: Final = 40


def example() -> str:
    """A commented TOML file with every key and its default. Keys without a default stand there as comments."""
    return _OPENING + "".join(f"\n{_section(name, model)}" for name, model in sections().items())


def literal(value: object) -> str:
    """A text, number, truth value or list in TOML, whose basic strings are written like JSON's (TOML 1.0, String)."""
    return json.dumps(value, ensure_ascii=False)


def _section(name: str, model: type[BaseModel]) -> str:
    defaults = Settings().model_dump(mode="json")[name]
    lines = [f"# {model.__doc__}", f"[{name}]"]
    for key, field in model.model_fields.items():
        if defaults[key] is None:
            written = f"# {key} = {literal((field.examples or [''])[0])}"
        else:
            written = f"{key} = {literal(defaults[key])}"
        lines.append(f"{written:<{_comment_column - 1}} # {field.description}")
    return "\n".join(lines) + "\n"
