"""What the optional extra ``report`` brings, asked for before work begins that would need it."""

from __future__ import annotations

from importlib.util import find_spec

from ..errors import NotApplicableError


def require_report(what: str, *modules: str) -> None:
    """:class:`NotApplicableError` naming the modules that are missing, and the remedy."""
    missing = [name for name in modules if find_spec(name) is None]
    if missing:
        raise NotApplicableError(
            f"{what} needs {' and '.join(missing)}, not installed here",
            "pip install 'deepexp-exact[report]'",
        )
