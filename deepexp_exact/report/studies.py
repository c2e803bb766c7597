"""Writing a study's tables and figures into a folder, and the paper that holds them all."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from ..errors import ClaimError
from ..files import make_folder, write_text
from ..study import Results
from .figures import Figure, write_figure
from .latex import latex_code, latex_text
from .study_figures import study_figures
from .study_tables import study_tables
from .tables import Table

_PREAMBLE = r"""\documentclass[10pt,a4paper]{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{lmodern}
\usepackage[margin=18mm]{geometry}
\usepackage{amsmath,booktabs,longtable,array,siunitx,graphicx,etoolbox}
\usepackage[font=small,labelfont=bf,skip=4pt]{caption}
\sisetup{exponent-product=\cdot,tight-spacing=true}
% Figures float, at most one page, and tables break: no page has to end early.
\renewcommand{\topfraction}{.95}\renewcommand{\textfraction}{.02}
\renewcommand{\floatpagefraction}{.85}\setcounter{topnumber}{4}\setcounter{totalnumber}{6}
\setlength{\intextsep}{8pt plus 4pt}\setlength{\floatsep}{8pt plus 4pt}
\setlength{\textfloatsep}{8pt plus 4pt}
% longtable keeps floats that wait from the tops of its pages, and forgets those on its first one.
\makeatletter
\newcommand{\LT@page}{\@outputpage\global\@textfloatsheight\z@\@floatplacement\@startcolumn
  \@whilesw\if@fcolmade\fi{\@outputpage\@floatplacement\@startcolumn}%
  \global\advance\@colroom-\ht\LT@foot}
\patchcmd{\LT@output}{\@outputpage}{\LT@page}{}{}
\patchcmd{\LT@output}{\@outputpage}{\LT@page}{}{}
\patchcmd{\LT@start}{\global\@colroom\@colht}{}{}{}
\makeatother
\AddToHook{env/longtable/begin}{\scriptsize}
\setlength{\extrarowheight}{1pt}
\setlength{\LTcapwidth}{\textwidth}
\setlength{\LTpre}{8pt plus 4pt}\setlength{\LTpost}{6pt plus 4pt}
\setlength{\tabcolsep}{3pt}
\setlength{\emergencystretch}{3em}
\newcommand{\room}[1]{\par\ifdim\dimexpr\pagegoal-\pagetotal\relax<#1\relax\ifdim\pagetotal>0pt
  \newpage\fi\fi}
\pdfinfoomitdate=1
\pdftrailerid{}
\begin{document}
"""

_READING = """
Sizes are relative Frobenius norms and digits are decimal, unless a caption says otherwise. Powers
of ten are upper bounds, rounded up to two significant digits; other decimals are rounded to
nearest; the CSV and JSON files beside this document hold the values as they were kept (six
significant digits). n counts the runs behind a row. A run that ended at a ceiling, failed, or was
not made because of its predicted loss is censored: it is counted in n and ranks as worse than every
measured one, in medians and quantiles too; where one of these falls on a censored run it says
cens. Quantiles are order statistics, of two candidates the worse one; quartiles are told from four
runs on. A dash means that there is no value. Figures with shaded bands show medians and quartiles
by the same rule. Times are processor seconds of runs made alone, one after the other, with one BLAS
thread.
"""

_LABELS = """
PROVED: exact algebra. CERTIFIED: a rigorous bound in ball arithmetic. AGREES: measured, within a
stated tolerance. REFUTED: a wrong variant, as it has to be. NOT_APPLICABLE: with its reason.
UNDECIDED: a ceiling or a time limit was reached; never a pass. FAILED: a claim or a check does not
hold.
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
        "Paths, scripts and condition numbers",
        (
            "What do the paths and the scripts of an ordinary user reach on the same problems, in "
            "error and in time, and is the error what the condition number explains?"
        ),
        ("peers", "forward-errors"),
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


def write_tables(results: Results, folder: Path, more: Sequence[Table] = ()) -> list[Path]:
    """Every table as .tex, .md, .csv and .json; the paths written."""
    make_folder(folder)
    out = []
    for table in (*study_tables(results), *more):
        for suffix, text in (
            ("tex", table.to_latex()),
            ("md", table.to_markdown()),
            ("csv", table.to_csv()),
            ("json", table.to_json()),
        ):
            path = folder / f"{table.id}.{suffix}"
            write_text(path, text)
            out.append(path)
    return out


def timing_columns(results: Results) -> dict[str, list[str]]:
    """The headings of the columns that change from run to run, for each table that has any."""
    found = {
        table.id: [column.key for column in table.columns if column.timing]
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


def paper_source(
    results: Results, figures: Sequence[Figure], more: Sequence[Table] = (), words: str = ""
) -> str:
    """One LaTeX document with these figures and all tables, which lie in figures/ and tables/: a
    title page, a section for each study, a last one for the runs that did not pass.  ``words`` say
    how it was made and what was expected."""
    tables = [*study_tables(results), *more]
    parts = [_PREAMBLE, title_page(results, words)]
    for title, question, measures in SECTIONS:
        drawn = [f for f in figures if f.measure in measures]
        listed = [t for t in tables if t.measure in measures]
        if drawn or listed:
            parts.append(
                f"\\room{{58mm}}\\section{{{latex_text(title)}}}\n{latex_text(question)}\n\n"
            )
            parts += [*_floats(drawn), *map(_input, listed)]
    rest = [_input(t) for t in tables if not t.measure]
    if rest:
        parts += ["\\room{42mm}\\section{Runs that did not pass}\n", *rest]
    return "".join([*parts, "\\end{document}\n"])


def title_page(results: Results, words: str = "") -> str:
    """Version, date, machine, commands, what was run, hash of the data, how to read the rest."""
    facts = results.facts
    versions = next((f["versions"] for f in facts if f.get("versions")), "")
    program, _, others = versions.partition(", ")
    rows = [
        ("Version", program),
        ("Measured", _span(f["date"] for f in facts if f.get("date"))),
        ("Machine", _machine(facts)),
        ("Libraries", others),
        ("Runs", _counted(results)),
        ("Data", f"SHA-256 {results.sha256} (of every outcome of the studies, times apart)"),
    ]
    lines = [rf"{name} & {_breakable(latex_text(text))} \\" for name, text in rows if text]
    commands = [c for f in facts for c in f.get("commands", "").split("\n") if c]
    shown = "\\\\\n".join(rf"\texttt{{{_breakable(latex_code(c))}}}" for c in commands)
    return "".join(
        [
            "{\\centering\\LARGE Precision studies: tables and figures\\par}\n\\medskip\n",
            "{\\centering\\large deepexp-exact\\par}\n\\bigskip\n\\noindent\n",
            "\\begin{tabular}{@{}l>{\\raggedright\\arraybackslash}p{0.86\\linewidth}@{}}\n",
            "\n".join(lines),
            "\n\\end{tabular}\n",
            *([f"\n\\medskip\n{latex_text(words)}\n"] if words else []),
            "\n\\paragraph{How to read.}",
            latex_text(_READING),
            "\n\\paragraph{Labels.}",
            latex_text(_LABELS),
            *(
                [
                    "\n\\paragraph{Commands.}\n{\\raggedright\\scriptsize\\noindent ",
                    shown,
                    "\\par}\n",
                ]
                if commands
                else []
            ),
            "\n{\\small\\tableofcontents}\n\\clearpage\n",
        ]
    )


def _machine(facts: Sequence[Mapping[str, str]]) -> str:
    told = "; ".join(dict.fromkeys(f["machine"] for f in facts if f.get("machine")))
    loads = [float(f["load"]) for f in facts if f.get("load")]
    return f"{told}; load average {min(loads):.1f} to {max(loads):.1f}" if loads else told


def _span(dates: Iterable[str]) -> str:
    ordered = sorted(dates)
    return " to ".join(dict.fromkeys([ordered[0], ordered[-1]])) if ordered else ""


def _counted(results: Results) -> str:
    counts = Counter(str(row.outcome.label) if row.outcome else "missing" for row in results)
    told = ", ".join(f"{label} {count}" for label, count in sorted(counts.items()))
    return f"{len(results)} of {', '.join(f.get('name', '') for f in results.facts)}: {told}"


def _breakable(text: str) -> str:
    """Long names and digests may break after a slash, and hexadecimal ones anywhere."""
    text = re.sub(r"[0-9a-f]{40,}", lambda m: r"\allowbreak ".join(re.findall("....", m[0])), text)
    return text.replace("/", r"/\allowbreak ")


def _floats(figures: Sequence[Figure]) -> list[str]:
    """Each figure as a float; two of half the width that follow each other, side by side."""
    out, waiting = [], list(figures)
    while waiting:
        row = [waiting.pop(0)]
        if row[0].half and waiting and waiting[0].half:
            row.append(waiting.pop(0))
        share = 0.485 if row[0].half else 1
        drawn = "\\hfill\n".join(
            f"\\begin{{minipage}}[t]{{{share}\\linewidth}}\\centering\n"
            f"\\includegraphics[width=\\linewidth]{{figures/{figure.id}.pdf}}\n"
            f"\\caption{{{latex_text(figure.caption)}}}\\end{{minipage}}"
            for figure in row
        )
        out.append(f"\\begin{{figure}}[!htp]\\centering\n{drawn}\n\\end{{figure}}\n")
    return out


def _input(table: Table) -> str:
    return f"\\input{{tables/{table.id}.tex}}\n"


def write_paper(
    results: Results,
    folder: Path,
    more: tuple[Sequence[Table], Sequence[Figure]] = ((), ()),
    words: str = "",
) -> Path | None:
    """Tables, figures, paper.tex and, where pdflatex is installed, paper.pdf; None without it.

    ``more`` tables and figures are those of other measurements.  :class:`ClaimError` with the first
    lines of the log if LaTeX reports an error."""
    write_tables(results, folder / "tables", more[0])
    figures = [*study_figures(results), *more[1]]
    for figure in figures:
        write_figure(figure, folder / "figures")
    write_text(folder / "paper.tex", paper_source(results, figures, more[0], words))
    command = shutil.which("pdflatex")
    if command is None:
        return None
    for _ in range(4):  # longtable settles its column widths
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
