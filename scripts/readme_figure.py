"""Draw docs/float64.svg from a verification run: digits that float64 keeps, problem by problem.

    deepexp-exact verify --json verify.json && python scripts/readme_figure.py verify.json

Greyscale-safe: weights are filled dots, residuals open ones.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any


def rows(report: dict[str, Any]) -> list[tuple[str, float, float]]:
    """(problem, digits of the weights, digits of the residuals), best first."""
    out = []
    for case in report["cases"]:
        for check in case["checks"]:
            if check["subject"] == "double" and "/" in check["figure"]:
                weights, residuals = map(float, check["figure"].split("/"))
                out.append((case["problem"], weights, residuals))
    return sorted(out, key=lambda row: (row[1], row[2]))


def draw(report: dict[str, Any], target: Path) -> None:
    """One line a problem; to the right is better."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "deepexp-exact"
    from matplotlib import pyplot as plt

    found = rows(report)
    figure, axes = plt.subplots(figsize=(7.5, 0.22 * len(found) + 1.2), layout="constrained")
    places = range(len(found))
    axes.hlines(places, 0, [max(w, r) for _, w, r in found], color="#cccccc", linewidth=0.8)
    axes.plot([w for _, w, _ in found], places, "o", color="#1f4e79", label="weights W1, W2, W3")
    axes.plot(
        [r for _, _, r in found],
        places,
        "o",
        markerfacecolor="none",
        color="#c55a11",
        markersize=9,
        label="residuals f(Xi) − Yi",
    )
    axes.set_yticks(list(places), [name for name, _, _ in found], fontsize=7)
    axes.set_xlabel("decimal digits that float64 keeps (the multiprecision path: 50 of 50)")
    axes.set_xlim(-0.3, 17)
    axes.legend(loc="lower right", fontsize=8)
    figure.savefig(target, metadata={"Date": None})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("report", type=Path, help="JSON written by verify --json")
    parser.add_argument("--out", type=Path, default=Path("docs/float64.svg"))
    options = parser.parse_args()
    draw(json.loads(options.report.read_text(encoding="utf-8")), options.out)


if __name__ == "__main__":
    main()
