"""Reading the HTML pages in tests, with the standard library's parser."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any

#: A text that ends attributes, elements and scripts wherever it is not escaped.
HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)> & \"' <!--"


SILENT = ("script", "style", "code", "pre", "svg", "title", "b")


class Reading(HTMLParser):
    """Tags with their attributes, and the text of every element of some tags."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {
            name: [] for name in ("script", "code", "h1", "summary", "caption", "sub", "sup")
        }
        #: The words of the page: no scripts, styles, commands, problems' names or drawings.
        self.words = ""
        self._open: list[str] = []
        self._silent = 0
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._silent += tag in SILENT
        if tag in self.texts:
            self._open.append(tag)
            self.texts[tag].append("")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in SILENT
        if self._open and self._open[-1] == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        for tag in self._open:
            self.texts[tag][-1] += data
        if not self._silent:
            self.words += data if self._open[-1:] not in (["sub"], ["sup"]) else f"[{data}]"

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

    def flaws(self) -> list[str]:
        """What one who hears the page would miss; mathematics that is not set."""
        out = []
        ids = [attrs["id"] for _, attrs in self.tags if "id" in attrs]
        out += [f"id {name} twice" for name in {i for i in ids if ids.count(i) > 1}]
        links = [a["href"] or "" for tag, a in self.tags if tag == "a" and "href" in a]
        out += [f"link {link} leads nowhere" for link in links if link[1:] not in ids]
        names = [tag for tag, _ in self.tags]
        captions = [text for text in self.texts["caption"] if text.strip()]
        out += ["a table without a caption"] * (names.count("table") != len(captions))
        out += [
            "a heading without scope" for tag, a in self.tags if tag == "th" and "scope" not in a
        ]
        pictures = [a for tag, a in self.tags if tag == "figure" or a.get("role") == "img"]
        spoken = [a for a in pictures if a.get("role") == "img"]
        out += ["a picture without words" for a in spoken if not a.get("aria-label")]
        out += ["a figure that is no picture"] * (names.count("figure") > len(spoken))
        out += [] if ("html", {"lang": "en"}) in self.tags else ["no language"]
        bare = re.findall(r"(?<![\w.])[WXY][123](?!\w)|\w\^\S+", self.words)
        return out + [f"bare {text}" for text in bare]
