"""One self-contained HTML page for a verification run: no scripts or styles from elsewhere."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from ..solution import Label

if TYPE_CHECKING:
    from ..verification import CaseReport, Check, VerifyReport

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem;
  padding: 0 1rem }
table { border-collapse: collapse; margin: 1rem 0 }
th, td { padding: .25rem .7rem; text-align: left; border-bottom: 1px solid #ccc }
td { vertical-align: top } .number { font-variant-numeric: tabular-nums }
.label { font-weight: 600; white-space: nowrap } .FAILED, .UNDECIDED { background: #f4b6a6 }
.PROVED { background: #bfe3c9 } .CERTIFIED { background: #d5ecd9 } .AGREES { background: #d6e6f5 }
.REFUTED { background: #e7d9f0 } .NOT_APPLICABLE { color: #666 } summary { cursor: pointer }
"""
_KEY = (
    (Label.PROVED, "exact algebra"),
    (Label.CERTIFIED, "rigorous bound in ball arithmetic"),
    (Label.AGREES, "numerical comparison within the stated tolerance"),
    (Label.REFUTED, "a wrong input, refuted as it has to be"),
    (Label.NOT_APPLICABLE, "with its reason"),
    (Label.FAILED, "does not hold"),
    (Label.UNDECIDED, "a ceiling or time limit was reached; counts as not passed"),
)


def verify_page(report: VerifyReport) -> str:
    """The run as HTML: the few numbers that matter, failures first, then every problem."""
    counts = ", ".join(f"{escape(name)} {count}" for name, count in sorted(report.counts.items()))
    bad = report.bad
    verdict = "interrupted" if report.interrupted else "all pass" if not bad else "NOT passed"
    key = "".join(
        f'<tr><td class="label {label}">{label}</td><td>{escape(words)}</td></tr>'
        for label, words in _KEY
    )
    versions = ", ".join(f"{escape(k)} {escape(v)}" for k, v in report.versions.items())
    parts = [
        "<!doctype html><html lang='en'><meta charset='utf-8'>",
        f"<title>deepexp-exact verify</title><style>{_STYLE}</style>",
        f"<h1>verify {escape(report.mode)}: {verdict}</h1>",
        f"<p>{len(report.cases)} of {report.planned} problems: {counts}.</p>",
        f"<p><code>{escape(report.command)}</code></p><p>{versions}</p>",
        _failures(bad),
        f"<h2>Labels</h2><table>{key}</table><h2>Problems</h2>",
        "<p>Residuals and differences are relative (Frobenius norm); smaller is better.</p>",
        *(_case(case) for case in report.cases),
        "</html>\n",
    ]
    return "\n".join(parts)


def _failures(bad: list[Check]) -> str:
    if not bad:
        return ""
    return f"<h2>Not passed</h2><table>{''.join(map(_row, bad))}</table>"


def _row(check: Check) -> str:
    tolerance = f" (tolerance {escape(check.tolerance)})" if check.tolerance else ""
    return (
        f"<tr><td>{escape(check.problem)}</td><td>{escape(check.subject)}</td>"
        f'<td class="label {check.label}">{check.label}</td>'
        f'<td class="number">{escape(check.figure)}{tolerance}</td>'
        f"<td>{escape(check.detail)}</td></tr>"
    )


def _case(case: CaseReport) -> str:
    state = "passes" if case.passes else "does not pass"
    summary = "; ".join(f"{escape(k)}: {escape(v)}" for k, v in case.summary.items())
    return (
        f"<details id='{escape(case.problem)}'{'' if case.passes else ' open'}>"
        f"<summary>{escape(case.problem)}: {state}, d = {case.d}, {case.digits} digits, "
        f"{case.seconds:.1f} s</summary><p>{escape(case.purpose)}. Seed {case.seed}. {summary}</p>"
        f"<table>{''.join(map(_row, case.checks))}</table></details>"
    )
