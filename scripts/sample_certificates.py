#!/usr/bin/env python3
"""Write the sample certificates of proofs/certificates and their manifest.

    python scripts/sample_certificates.py [FOLDER]

One for each shipped problem, `color-spaces` also with α > 0, one for each verification family and
one for each kind of certificate beyond the theorem's hypotheses, all at 50 digits.  The manifest
lists file, sha256, dimension, construction, α and digits carried.  The folder `version-1` beside
them holds certificates that an earlier program wrote; they are not written again.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deepexp_exact.certificate import (
    Certificate,
    NoSolution,
    certificate_of_no_solution,
    certified_certificate,
    write_certificate,
)
from deepexp_exact.errors import NoSolutionError
from deepexp_exact.exact import format_number
from deepexp_exact.files import write_json
from deepexp_exact.problems import Problem, load_problem, shipped
from deepexp_exact.problems.families import BEYOND, FAMILIES, REALS
from deepexp_exact.solving import solve

SEED, DIGITS = 1, 50
COMMAND = "python scripts/sample_certificates.py"


def samples() -> Iterator[tuple[str, Problem, str]]:
    """File name, problem and choice of α."""
    for name in shipped():
        yield name, load_problem(name), "auto"
    yield "color-spaces-positive", load_problem("color-spaces"), "positive"
    for family in (FAMILIES | BEYOND | REALS).values():
        yield family.name, family.build(min(family.sizes), SEED), "auto"


def certificate(
    problem: Problem, alpha: str, real: bool
) -> tuple[Certificate | NoSolution, dict[str, Any]]:
    """The certificate and what the manifest says of it."""
    try:
        solution = solve(problem, digits=DIGITS, path="ball", alpha=alpha, real=real)
    except NoSolutionError as error:
        none = certificate_of_no_solution(problem, error, COMMAND, SEED)
        return none, {"construction": none.construction, "claim": none.statement}
    made = certified_certificate(solution, COMMAND, SEED)
    value = made.record.first_layer.alpha
    return made, {
        "construction": made.construction,
        "alpha": None if value is None else format_number(value),
        "digits": DIGITS,
        "digits_carried": made.digits_carried,
    }


def main() -> int:
    default = Path(__file__).parents[1] / "proofs" / "certificates"
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for name, problem, alpha in samples():
        made, row = certificate(problem, alpha, name in REALS)
        path = folder / f"{name}.json"
        write_certificate(made, path)
        sha = hashlib.sha256(path.read_bytes()).hexdigest()
        rows.append({"file": path.name, "sha256": sha, "d": problem.d} | row)
        print(f"{path.name}: d = {problem.d}, {made.construction}")
    write_json(folder / "MANIFEST", {"certificates": rows})
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
