"""One run by itself: its command line, and reading that command's words.

deepexp-exact study once accuracy family=gaussian-complex d=4 seed=0 digits=50 path=ball
"""

from __future__ import annotations

import contextlib
import json
import shlex
from collections.abc import Sequence
from typing import Any

from ..errors import FormatError
from .axes import AXES
from .plan import Run, canonical, run_of
from .problems import is_shipped

COMMAND = ("deepexp-exact", "study", "once")


def words_of(run: Run) -> list[str]:
    """``[measure, axis=value, ...]``: defaults are left out, but a seed never is."""
    shipped = is_shipped(run.params["family"]) if "family" in run.params else False
    out = [run.measure]
    for name, value in run.params.items():
        chosen = name == "seed" and not shipped
        if chosen or (value,) != AXES[name].default:
            out.append(f"{name}={value if isinstance(value, str) else canonical(value)}")
    return out


def command_of(run: Run) -> str:
    """The command that makes this one measurement again."""
    return shlex.join([*COMMAND, *words_of(run)])


def parse_run(words: Sequence[str]) -> Run:
    """The run of ``[measure, axis=value, ...]``, validated as in a study file.

    :class:`FormatError` names the word, or the axis and its meaning."""
    if not words:
        raise FormatError("no measure was named", "give a measure and its axes")
    values: dict[str, Any] = {}
    for word in words[1:]:
        name, sign, text = word.partition("=")
        if not sign or name not in AXES or name in values:
            raise FormatError(
                f"{word!r} is not AXIS=VALUE with an axis given once", f"axes: {', '.join(AXES)}"
            )
        values[name] = [_value(name, text)]
    return run_of({"measure": words[0], **values})


def _value(name: str, text: str) -> Any:
    """The text itself where the axis takes texts, otherwise the JSON value it spells."""
    with contextlib.suppress(ValueError):
        return AXES[name].read(text)
    with contextlib.suppress(ValueError):
        return json.loads(text)
    return text
