"""Texts for pages: escaped, and without characters that control or turn what is around them."""

from __future__ import annotations

import html

from ..errors import printable


def escape(text: str, quote: bool = True) -> str:
    """A plain text as HTML; control characters and marks of direction are shown as escapes."""
    return html.escape(printable(text, "\n\t"), quote)
