#!/usr/bin/env python3
"""Write the sample certificates of proofs/certificates and their manifest.

    python scripts/sample_certificates.py [FOLDER]

One for each shipped problem, `color-spaces` also with α > 0, and one for each verification family,
all at 50 digits.  The manifest lists file, sha256, dimension, α and digits carried.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

from deepexp_exact.certificate import certified_certificate, write_certificate
from deepexp_exact.exact import format_number
from deepexp_exact.files import write_json
from deepexp_exact.problems import Problem, load_problem, shipped
from deepexp_exact.problems.families import FAMILIES
from deepexp_exact.solving import solve

SEED, DIGITS = 1, 50


def samples() -> Iterator[tuple[str, Problem, str]]:
    """File name, problem and choice of α."""
    for name in shipped():
        yield name, load_problem(name), "auto"
    yield "color-spaces-positive", load_problem("color-spaces"), "positive"
    for family in FAMILIES.values():
        yield family.name, family.build(min(family.sizes), SEED), "auto"


def main() -> int:
    default = Path(__file__).parents[1] / "proofs" / "certificates"
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for name, problem, alpha in samples():
        solution = solve(problem, digits=DIGITS, path="ball", alpha=alpha)
        path = folder / f"{name}.json"
        write_certificate(
            certified_certificate(solution, "python scripts/sample_certificates.py", SEED), path
        )
        rows.append(
            {
                "file": path.name,
                "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
                "d": problem.d,
                "alpha": format_number(solution.record.alpha),
                "digits": DIGITS,
                "digits_carried": solution.digits_carried,
            }
        )
        print(f"{path.name}: d = {problem.d}, {solution.digits_carried} digits carried")
    write_json(folder / "MANIFEST", {"certificates": rows})
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
