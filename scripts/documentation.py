"""What the documentation's site takes from the code and from files outside docs/, so that no
page of it can go stale.  MkDocs calls the functions named on_...; see mkdocs.yml.

A line ``<!-- generated: NAME -->`` of a page is replaced by :data:`GENERATED`'s text of that name;
files of :data:`INCLUDED` become pages; links to files that are no page become plain words.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import os
import posixpath
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

#: Files of the tree that are pages too, and where they appear.
INCLUDED = {
    "proofs/theorem.md": "theory/theorem.md",
    "proofs/TRUST.md": "theory/TRUST.md",
    "CHANGELOG.md": "changes.md",
}
_MARK = re.compile(r"^<!-- generated: ([a-z-]+) -->$", re.MULTILINE)
_LINK = re.compile(r"(?<!!)\[([^\]\[]+)\]\(([^()\s]+)\)")
_ROLE = re.compile(r":(?:class|func|meth|mod|attr|data|exc):(?=<code>|`)")


# ------------------------------------------------------------------- texts from the code


def help_text(*command: str) -> str:
    """What ``deepexp-exact COMMAND... --help`` prints, 96 columns wide."""
    from deepexp_exact.cli.arguments import build_parser

    kept = {name: os.environ.get(name) for name in ("COLUMNS", "NO_COLOR")}
    os.environ.update(COLUMNS="96", NO_COLOR="1")
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out), contextlib.suppress(SystemExit):
            build_parser().parse_args([*command, "--help"])
    finally:
        for name, value in kept.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
    return out.getvalue()


def subcommands(text: str) -> list[str]:
    """The names in the list of commands of a help text."""
    found = re.search(r"\n(?:    |  )(?:COMMAND|ACTION)\n((?:    .*\n)+)", text)
    return re.findall(r"^    (\w+)", found[1], re.MULTILINE) if found else []


def command_line() -> str:
    """Every command's help under a heading of its own."""

    def sections(command: tuple[str, ...]) -> Iterator[str]:
        text = help_text(*command)
        title = " ".join(("deepexp-exact", *command))
        yield f"## {title}\n\n```text\n{text.rstrip()}\n```\n"
        for name in subcommands(text):
            yield from sections((*command, name))

    return "\n".join(sections(()))


def measures() -> str:
    """Every measure of a study: what it measures and its axes."""
    from deepexp_exact.study.measures import MEASURES

    rows = (
        (f"`{m.name}`", m.words, ", ".join(f"[`{a}`](#{a})" for a in m.axes))
        for m in MEASURES.values()
    )
    return table(("measure", "what it measures", "axes"), rows)


def axes() -> str:
    """Every axis of a study: meaning, default, accepted values, measures."""
    from deepexp_exact.study.axes import AXES
    from deepexp_exact.study.measures import MEASURES

    out = []
    for axis in AXES.values():
        default = "required" if axis.default is None else f"default `{axis.default[0]}`"
        if axis.name == "d":
            default = "required by families; files and shipped problems have their own"
        used = ", ".join(f"`{m.name}`" for m in MEASURES.values() if axis.name in m.axes)
        out.append(f"### {axis.name}\n\n{axis.words}; {default}.\n\n")
        out.append(f"Accepted: {accepted(axis.read)}. Measures: {used}.\n\n")
    return "".join(out)


def accepted(read: Callable[[Any], Any]) -> str:
    """The words with which an axis refuses a value that is none, turned round."""
    try:
        read(None)
    except ValueError as error:
        text = str(error)
    else:
        raise ValueError("an axis accepts anything")
    if found := re.match(r"is not one of (.*)", text):
        names = [f"`{name}`" for name in found[1].split(", ")]
        return ", ".join(names)
    text = re.sub(r"is not text: write (.*)", r"texts such as `\1`", text)
    text = re.sub(r"is neither (.*) nor (.*) nor", r"\1, \2 or", text)
    return text.removeprefix("is not ")


def labels() -> str:
    """The labels of results in a table."""
    from deepexp_exact import Label

    words = {
        Label.PROVED: "exact algebra, no rounding anywhere",
        Label.CERTIFIED: "a rigorous bound, from balls",
        Label.AGREES: "a numerical comparison within a stated tolerance",
        Label.FAILED: "a comparison or a claim that does not hold",
        Label.UNDECIDED: "a ceiling or a time limit was reached: unknown, never a pass",
        Label.NOT_APPLICABLE: "this path cannot treat this problem, with the reason",
        Label.REFUTED: "a wrong input was recognised as wrong, as it has to be",
    }
    return table(
        ("label", "how the result is known", "passes"),
        ((f"`{x}`", words[x], "yes" if x.passes else "no") for x in Label),
    )


def formats() -> str:
    """The file formats and JSON answers with their schemas."""
    folder = ROOT / "deepexp_exact" / "schemas"
    names = sorted(path.name for path in folder.glob("*.json"))
    return "\n".join(f"- `deepexp_exact/schemas/{name}`" for name in names) + "\n"


def comparison() -> str:
    """The table of scripts/compare_logarithms.py, measured now."""
    path = ROOT / "scripts" / "compare_logarithms.py"
    spec = importlib.util.spec_from_file_location("compare_logarithms", path)
    if spec is None or spec.loader is None:
        raise ImportError(str(path))
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return str(module.markdown())


def table(head: tuple[str, ...], rows: Any) -> str:
    """A Markdown table."""
    lines = (f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows)
    return "\n".join([f"| {' | '.join(head)} |", "|---" * len(head) + "|", *lines])


GENERATED: dict[str, Callable[[], str]] = {
    "command-line": command_line,
    "measures": measures,
    "axes": axes,
    "labels": labels,
    "formats": formats,
    "comparison": comparison,
}


# ------------------------------------------------------------------- pages


def filled(text: str) -> str:
    """A page with its generated parts; an unknown name is a KeyError."""
    return _MARK.sub(lambda found: GENERATED[found[1]](), text)


def relinked(text: str, source: str, pages: dict[str, str]) -> str:
    """Links of a page whose file is ``source`` (both relative to the tree), for the site: to the
    page where the target is one, otherwise the words alone."""
    here = posixpath.dirname(pages[source])

    def link(found: re.Match[str]) -> str:
        words, target = found[1], found[2]
        path, mark, anchor = target.partition("#")
        if not path or re.match(r"[a-z]+:", target):
            return found[0]
        inside = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
        page = pages.get(inside)
        if page is not None:
            return f"[{words}]({posixpath.relpath(page, here or '.')}{mark}{anchor})"
        if not (ROOT / inside).exists():
            raise FileNotFoundError(f"{source} links to {target}, which is not there")
        shown = words.strip("`")
        return f"{words} (`{inside}`)" if shown != inside else f"`{inside}`"

    return _LINK.sub(link, text)


def site_pages() -> dict[str, str]:
    """Where every file that the site shows stands in it."""
    own = {
        path.relative_to(ROOT).as_posix(): path.relative_to(ROOT / "docs").as_posix()
        for path in (ROOT / "docs").rglob("*")
        if path.is_file()
    }
    return own | INCLUDED


def on_files(files: Any, config: Any) -> Any:
    """MkDocs: the included files join the pages."""
    from mkdocs.structure.files import File

    for source, page in INCLUDED.items():
        files.append(File.generated(config, page, content=(ROOT / source).read_text("utf-8")))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    """MkDocs: generated parts and links."""
    pages = site_pages()
    inverse = {place: source for source, place in pages.items()}
    return filled(relinked(markdown, inverse[page.file.src_uri], pages))


def on_page_content(html: str, page: Any, config: Any, files: Any) -> str:
    """MkDocs: the roles of docstrings (:class: and so on) are dropped, the names stay."""
    return _ROLE.sub("", html)
