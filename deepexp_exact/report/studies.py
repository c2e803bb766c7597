"""Writing a study's tables and figures into a folder, and the paper that holds them all."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..errors import ClaimError
from ..files import make_folder, write_text
from ..study import Results
from .figures import Figure, write_figure
from .study_figures import study_figures
from .study_tables import study_tables
from .tables import Table, latex_text

_PREAMBLE = r"""\documentclass[10pt,a4paper]{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{lmodern}
\usepackage[margin=18mm]{geometry}
\usepackage{amsmath,booktabs,longtable,array,siunitx,graphicx,float}
\usepackage[font=small,skip=4pt]{caption}
\sisetup{output-exponent-marker=\ensuremath{\mathrm{e}}}
\floatplacement{figure}{H}
\floatplacement{table}{H}
\AddToHook{env/tabular/begin}{\scriptsize}
\AddToHook{env/longtable/begin}{\scriptsize}
\setlength{\LTcapwidth}{\textwidth}
\setlength{\tabcolsep}{3pt}
\setlength{\emergencystretch}{3em}
\pdfinfoomitdate=1
\pdftrailerid{}
\title{Precision studies: tables and figures}
\author{deepexp-exact}
\date{}
\begin{document}
\maketitle
\noindent Sizes are relative Frobenius norms. Powers of ten are upper bounds rounded up to two
digits; other decimals are rounded to nearest. Digits are decimal. The median of an even number of
values is the upper of the two in the middle. A dash means that there is no value; runs without a
result are listed with their reasons in the last table.
"""


#: The sections of the paper: a title, what is asked, and the measures that answer.
SECTIONS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "Residual and forward error",
        (
            "How close do the weights come, path by path, and is the number of digits that they "
            "have to carry known beforehand?"
        ),
        ("accuracy",),
    ),
    (
        "The choice of α",
        (
            "The theorem leaves α = e^c free (the paper takes α > 0): how many digits does each c "
            "cost, and where do the rules land?"
        ),
        ("choice", "scale"),
    ),
    (
        "Branches of the logarithm",
        (
            "Every logarithm of K solves the two equations: what do other branches than the "
            "principal one cost, and what does the principal one cost near its cut?"
        ),
        ("unwinding", "rule"),
    ),
    (
        "Depth",
        (
            "What do networks of one, two and three layers reach on the same two equations, and "
            "three layers on three?"
        ),
        ("depth", "equations"),
    ),
    (
        "Hypotheses close to failing",
        "What happens as X2 − X1, or Y1, comes close to a singular matrix?",
        ("distance",),
    ),
    ("Cost", "How does the time of a solve grow with d and with the digits?", ("cost",)),
    (
        "Proof steps and verification",
        (
            "Which statements are decided by exact algebra, which wrong variants are refuted, and "
            "what does the verification harness find on each family?"
        ),
        ("proof", "refutation", "verification"),
    ),
)


def write_tables(results: Results, folder: Path) -> list[Path]:
    """Every table as .tex, .md and .csv; the paths written."""
    make_folder(folder)
    out = []
    for table in study_tables(results):
        for suffix, text in (
            ("tex", table.to_latex()),
            ("md", table.to_markdown()),
            ("csv", table.to_csv()),
        ):
            path = folder / f"{table.id}.{suffix}"
            write_text(path, text)
            out.append(path)
    return out


def timing_columns(results: Results) -> dict[str, list[str]]:
    """The headings of the columns that change from run to run, for each table that has any."""
    found = {
        table.id: [column.heading for column in table.columns if column.timing]
        for table in study_tables(results)
    }
    return {name: headings for name, headings in found.items() if headings}


def differing_tables(mine: Path, other: Path, timing: Mapping[str, Sequence[str]]) -> list[str]:
    """File names of two folders of tables whose bytes are not the same.

    A table named in ``timing`` is compared by its CSV cells outside these columns: LaTeX and
    Markdown of the same cells set their widths by all of them."""
    names = sorted({path.name for folder in (mine, other) for path in folder.iterdir()})
    out = []
    for name in names:
        a, b = mine / name, other / name
        if not (a.exists() and b.exists()):
            out.append(name)
        elif headings := timing.get(a.stem):
            if a.suffix == ".csv" and _cells(a, headings) != _cells(b, headings):
                out.append(name)
        elif a.read_bytes() != b.read_bytes():
            out.append(name)
    return out


def _cells(path: Path, without: Sequence[str]) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    kept = [j for j, heading in enumerate(rows[0]) if heading not in without]
    return [[row[j] for j in kept] for row in rows]


def write_figures(results: Results, folder: Path) -> list[Path]:
    """Every figure as .pdf, .svg and .png; the paths written."""
    return [path for figure in study_figures(results) for path in write_figure(figure, folder)]


def paper_source(results: Results, figures: Sequence[Figure]) -> str:
    """One LaTeX document with these figures and all tables, which lie in figures/ and tables/: a
    section for each study, a last one for the runs that did not pass."""
    tables = study_tables(results)
    parts = [_PREAMBLE]
    for title, question, measures in SECTIONS:
        shown = [_figure(f) for f in figures if f.measure in measures]
        shown += [_input(t) for t in tables if t.measure in measures]
        if shown:
            head = f"\\section*{{{latex_text(title)}}}\n\\noindent {latex_text(question)}\n"
            parts += ["\\filbreak\n", head, shown[0].removeprefix("\\filbreak\n"), *shown[1:]]
    rest = [_input(t) for t in tables if not t.measure]
    if rest:
        parts += ["\\section*{Runs that did not pass}\n", *rest]
    return "".join([*parts, "\\end{document}\n"])


# Pages break before whole figures and tables (\filbreak), but within a longtable as it likes.


def _figure(figure: Figure) -> str:
    return (
        "\\filbreak\n\\begin{figure}\\centering\n"
        f"\\includegraphics[width=\\linewidth]{{figures/{figure.id}.pdf}}\n"
        f"\\caption{{{latex_text(figure.caption)}}}\\end{{figure}}\n"
    )


def _input(table: Table) -> str:
    before = "\\filbreak\n" if table.on_one_page else ""
    return f"{before}\\input{{tables/{table.id}.tex}}\n"


def write_paper(results: Results, folder: Path) -> Path | None:
    """Tables, figures, paper.tex and, where pdflatex is installed, paper.pdf; None without it.

    :class:`ClaimError` with the first lines of the log if LaTeX reports an error."""
    write_tables(results, folder / "tables")
    figures = study_figures(results)
    for figure in figures:
        write_figure(figure, folder / "figures")
    write_text(folder / "paper.tex", paper_source(results, figures))
    command = shutil.which("pdflatex")
    if command is None:
        return None
    for _ in range(3):  # longtable settles its column widths
        done = subprocess.run(
            [command, "-interaction=nonstopmode", "-halt-on-error", "paper.tex"],
            cwd=folder,
            capture_output=True,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            env=os.environ | {"SOURCE_DATE_EPOCH": "0", "FORCE_SOURCE_DATE": "1"},
            check=False,
        )
        if done.returncode:
            lines = [x for x in done.stdout.splitlines() if x.startswith("!") or x[:2] == "l."]
            raise ClaimError(f"pdflatex failed: {' '.join(lines[:4])}", "see paper.log")
    return folder / "paper.pdf"


def overfull(folder: Path) -> list[str]:
    """The lines of paper.log that report boxes more than 2 pt too wide."""
    log = (folder / "paper.log").read_text("utf-8", errors="replace")
    lines = [x for x in log.splitlines() if x.startswith("Overfull \\hbox")]
    return [x for x in lines if float(x.split("(")[1].split("pt")[0]) > 2]
