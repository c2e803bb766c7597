"""Every subcommand with its options.

Only the standard library is imported, so that ``--help`` answers at once."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from typing import Any

from .. import __version__

#: Options whose value may begin with a minus sign.
_VALUED = (
    "--alpha",
    "--branch",
    "--turn",
    "--digits",
    "--seconds",
    "--jobs",
    "--workers",
    "--starts",
    "--seed",
)


def integer(low: int, high: int) -> Callable[[str], int]:
    """The type of an option: an integer from low to high in decimal digits."""

    def read(text: str) -> int:
        if re.fullmatch("[+-]?[0-9]{1,18}", text, re.ASCII) and low <= int(text) <= high:
            return int(text)
        words = f"{text[:40]!r} is not an integer"
        raise argparse.ArgumentTypeError(f"{words}: give one from {low} to {high}")

    return read


def seconds(text: str) -> float:
    """The type of a time limit: a positive number of seconds."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= _YEAR:
        words = f"{text[:40]!r} is not a time limit"
        raise argparse.ArgumentTypeError(f"{words}: give a number of seconds above 0, such as 60")
    return value


_YEAR = 366 * 24 * 3600.0
_LARGE = 10**18 - 1
_workers = integer(1, 512)
_JSON = "write every figure as JSON (- is standard output)"
_WORKERS = "worker processes, from 1 up (default: one a processor)"


class Parser(argparse.ArgumentParser):
    """A parser whose help cannot be lost in silence."""

    def print_help(self, file: Any = None) -> None:
        (file or sys.stdout).write(self.format_help())


def build_parser() -> Parser:
    """Every subcommand with its options."""
    parser = Parser(
        prog="deepexp-exact",
        description="Exact, certified and arbitrary-precision verification of the three-layer "
        "matrix-exponential network theorem f(X) = W3·exp(W2·exp(W1·X)).",
        epilog="PROBLEM is a path if it contains a separator or an extension, otherwise the name "
        "of a shipped problem (see: deepexp-exact show); - is standard input, as a FILE too. Exit "
        "status: 0 accepted, 1 failed or undecided, 2 malformed input, usage or a file that cannot "
        "be written, 3 no solution, proved, 130 interrupted, 141 the output was no longer read.",
    )
    parser.add_argument("--version", action="version", version=f"deepexp-exact {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_solve(commands)
    _add_verify(commands)
    prove = commands.add_parser("prove", help="prove every step for every matrix of size d <= N")
    prove.add_argument("--max-d", type=integer(1, 6), default=3, metavar="N", help="default 3")
    prove.add_argument(
        "--engine", choices=("sympy", "normal-forms", "both"), default="both",
        help="who decides the identities; both (default): sympy too for d <= 3",
    )  # fmt: skip
    prove.add_argument("--step", action="append", metavar="ID", help="only this statement")
    prove.add_argument("--jobs", type=_workers, metavar="N", help=_WORKERS)
    prove.add_argument("--json", metavar="FILE", help=_JSON)
    prove.add_argument("--latex", metavar="FILE", help="write the table as LaTeX")
    _add_depth(commands)
    check = commands.add_parser("check", help="prove the claims of certificates again")
    check.add_argument("files", nargs="+", metavar="CERTIFICATE")
    check.add_argument("--jobs", type=_workers, metavar="N", help=_WORKERS)
    check.add_argument("--json", action="store_true", help="print the verdicts as JSON")
    compare = commands.add_parser(
        "compare", help="two records or certificates: same branch? same weights?"
    )
    compare.add_argument("first", metavar="A")
    compare.add_argument("second", metavar="B")
    _add_study(commands)
    _add_functions(commands)
    show = commands.add_parser("show", help="shipped problems, or one problem, record, certificate")
    show.add_argument("what", nargs="?", metavar="NAME|FILE")
    show.add_argument(
        "--files", action="store_true",
        help="where the shipped studies, the checker and the certificates are (or NAME's alone)",
    )  # fmt: skip
    _add_weights(show, "print the weights of a certificate (without being asked)")
    return parser


def _add_weights(parser: Parser, words: str) -> None:
    parser.add_argument("--weights", action="store_true", help=words)
    parser.add_argument(
        "--weight-digits", type=integer(1, 100_000), metavar="N",
        help="significant digits of the weights printed (default: four more than they carry)",
    )  # fmt: skip
    parser.add_argument(
        "--format", choices=("text", "latex", "matlab", "numpy", "csv"),
        help="how the weights are written; all but text print nothing else",
    )  # fmt: skip


def _add_solve(commands: argparse._SubParsersAction[Parser]) -> None:
    solve = commands.add_parser("solve", help="W1, W2, W3 of a problem, to the digits asked")
    solve.add_argument("problem", metavar="PROBLEM")
    solve.add_argument(
        "--digits",
        type=integer(1, 100_000),
        metavar="N",
        help="decimal digits, default 50 (15 with --path double)",
    )
    solve.add_argument(
        "--path",
        metavar="NAME",
        help="multiprecision, mpmath, ball, symbolic or double (default: the best label there is)",
    )
    solve.add_argument(
        "--alpha",
        default="auto",
        metavar="A",
        help="auto (default), positive (the paper's case) or an exact number",
    )
    solve.add_argument(
        "--turn", type=integer(-_LARGE, _LARGE), default=0, metavar="U", help="c = Log α + 2πi·U"
    )
    solve.add_argument(
        "--branch",
        default="principal",
        metavar="B",
        help="principal (default), smallest-norm, real, integers K1,K2,... or a record file",
    )
    solve.add_argument(
        "--real",
        action="store_true",
        help="real weights for real data, or the proof that there are none",
    )
    _add_weights(solve, "print W1, W2, W3")
    solve.add_argument(
        "--construction", metavar="NAME",
        help="shift, constant or split (default: the first that applies and loses little)",
    )  # fmt: skip
    solve.add_argument(
        "--accept-no-solution", action="store_true", help="no solution is exit status 0, not 3"
    )
    solve.add_argument("--out", metavar="FILE", help="write a certificate (- is standard output)")
    solve.add_argument("--record", metavar="FILE", help="write the branch record (- too)")
    solve.add_argument("--json", action="store_true", help="print JSON")


def _add_functions(commands: argparse._SubParsersAction[Parser]) -> None:
    for name, words in (("logm", "logarithm"), ("expm", "exponential")):
        made = commands.add_parser(name, help=f"the certified {words} of one matrix")
        made.add_argument(
            "matrix",
            metavar="FILE|PROBLEM:K",
            help=".json (deepexp-exact/matrix), .npy or .mtx, or one matrix of a problem: X1, X2, "
            "Y1, Y2, D or K",
        )
        made.add_argument(
            "--digits", type=integer(1, 20_000), default=50, metavar="N", help="default 50"
        )
        made.add_argument("--json", action="store_true", help="print JSON")
        if name == "logm":
            made.add_argument(
                "--branch",
                default="principal",
                metavar="B",
                help="principal (default), smallest-norm, real, integers K1,K2,... or a record",
            )


def _add_depth(commands: argparse._SubParsersAction[Parser]) -> None:
    depth = commands.add_parser("depth", help="one, two and three layers on the same data")
    depth.add_argument("problem", metavar="PROBLEM")
    depth.add_argument(
        "--digits", type=integer(1, 10_000), default=50, metavar="N", help="default 50"
    )
    depth.add_argument(
        "--starts", type=integer(1, 100_000), default=20, metavar="N",
        help="most starts of the search for two layers (default 20)",
    )  # fmt: skip
    depth.add_argument(
        "--seed", type=integer(0, _LARGE), default=0, metavar="N", help="of the starts, default 0"
    )
    depth.add_argument("--out", metavar="FILE", help="write the two-layer certificate (- too)")
    depth.add_argument("--json", action="store_true", help="print JSON")


def _add_study(commands: argparse._SubParsersAction[Parser]) -> None:
    study = commands.add_parser("study", help="precision studies: plan, run, tables, figures")
    actions = study.add_subparsers(dest="action", required=True, metavar="ACTION")
    plan = actions.add_parser("plan", help="check a study file; how many runs, how long")
    run = actions.add_parser("run", help="run what is missing; run it again to resume")
    for action in (plan, run):
        action.add_argument("study", metavar="STUDY.toml")
        action.add_argument("--quick", action="store_true", help="the smaller grids of the file")
        action.add_argument("--workers", type=_workers, metavar="N", help=_WORKERS)
    run.add_argument("--store", metavar="FILE", help="default out/studies/STUDY.sqlite")
    run.add_argument("--scheduler", metavar="ADDRESS", help="run on this Dask cluster")
    run.add_argument("--retry", action="store_true", help="repeat runs that did not pass")
    once = actions.add_parser("once", help="make one measurement, and keep nothing")
    once.add_argument("words", nargs="+", metavar="MEASURE|AXIS=VALUE")
    once.add_argument("--seconds", type=seconds, default=600, metavar="S", help="time limit")
    once.add_argument("--json", action="store_true", help="print JSON")
    for name, words in (("tables", "LaTeX, Markdown and CSV"), ("figures", "PDF, SVG and PNG")):
        made = actions.add_parser(name, help=f"{words} of the results")
        made.add_argument("stores", nargs="+", metavar="FILE.sqlite")
        made.add_argument("--out", default=f"out/{name}", metavar="FOLDER")
    page = actions.add_parser("report", help="one HTML page of the results")
    page.add_argument("stores", nargs="+", metavar="FILE.sqlite")
    page.add_argument("--html", default="out/study.html", metavar="FILE")
    page.add_argument(
        "--derive",
        type=integer(0, 100_000),
        default=40,
        metavar="N",
        help="problems whose steps and record are computed for the page, worst first (default 40)",
    )
    page.add_argument(
        "--seconds", type=seconds, default=60, metavar="S", help="time limit of each (default 60)"
    )
    page.add_argument("--workers", type=_workers, metavar="N", help=_WORKERS)


def _add_verify(commands: argparse._SubParsersAction[Parser]) -> None:
    verify = commands.add_parser("verify", help="every path on every family of problems")
    mode = verify.add_mutually_exclusive_group()
    mode.add_argument("--quick", action="store_true", help="within a minute (default)")
    mode.add_argument("--full", action="store_true", help="d up to 16, 1000 digits, more seeds")
    verify.add_argument(
        "--paper", action="store_true", help="the paper's setting: α > 0, X1 and X2 invertible too"
    )
    verify.add_argument(
        "--case",
        action="append",
        metavar="C",
        help="only this: FAMILY,d=4,seed=0,digits=50 or PROBLEM,digits=50; may be repeated",
    )
    verify.add_argument(
        "--mpmath-max-d", type=integer(0, 128), default=6, metavar="D",
        help="solve in plain mpmath too up to this d (default 6; it is slow)",
    )  # fmt: skip
    verify.add_argument("--jobs", type=_workers, metavar="N", help=_WORKERS)
    verify.add_argument("--json", metavar="FILE", help=_JSON)
    verify.add_argument("--wide", action="store_true", help="every column, however wide")
    verify.add_argument("--html", metavar="FILE", help="write the report as one HTML page")


def joined(arguments: Sequence[str]) -> list[str]:
    """``--alpha -i`` as ``--alpha=-i``: values may begin with a minus sign."""
    out: list[str] = []
    pending = iter(arguments)
    for word in pending:
        if word == "--":
            return [*out, word, *pending]
        if word in _VALUED:
            value = next(pending, None)
            out.append(word if value is None else f"{word}={value}")
        else:
            out.append(word)
    return out
