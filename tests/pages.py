"""Reading the HTML pages in tests, with the standard library's parser."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

#: A text that ends attributes, elements and scripts wherever it is not escaped.
HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)> & \"' <!--"


class Reading(HTMLParser):
    """Tags with their attributes, and the text of every element of some tags."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {"script": [], "code": [], "h1": [], "summary": []}
        self._open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in self.texts:
            self._open.append(tag)
            self.texts[tag].append("")

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1] == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        for tag in self._open:
            self.texts[tag][-1] += data

    def data(self) -> Any:
        """The JSON that the page carries."""
        return json.loads(self.texts["script"][0])

    def harmless(self) -> bool:
        """Two scripts, the page's own, nothing from elsewhere, no handler in an attribute."""
        names = [tag for tag, _ in self.tags]
        foreign = {"img", "iframe", "link", "object", "embed", "base", "form"} & set(names)
        handlers = [name for _, attrs in self.tags for name in attrs if name.startswith("on")]
        sources = [name for _, attrs in self.tags for name in attrs if name == "src"]
        return names.count("script") == 2 and not foreign and not handlers and not sources
