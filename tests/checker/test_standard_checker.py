"""The standard-library checker: its arithmetic keeps its radii, and its source keeps its rules."""

from __future__ import annotations

import ast
import hashlib
import json
import random
import re
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import mpmath
import pytest
from flint import acb, acb_mat, arb, ctx, fmpz
from forgeries import FORGERIES
from forging import rehashed

from deepexp_exact.branches import BranchRecord, make_record
from deepexp_exact.certificate import (
    Certificate,
    Claim,
    Dyadic,
    certificate_from_solution,
    check_certificate,
    write_certificate,
)
from deepexp_exact.constructions import CONSTRUCTIONS
from deepexp_exact.exact import ExactMatrix, gaussian, rational
from deepexp_exact.problems import Problem, load_problem
from deepexp_exact.problems.families import BEYOND, FAMILIES, REALS
from deepexp_exact.solution import Label, Solution

STANDARD = {"hashlib", "json", "math", "os", "re", "sys", "operator"}


def test_source_imports_only_the_standard_library_and_has_no_assert(checker_path: Path) -> None:
    imported = set()
    for path in checker_path.parent.glob("*.py"):
        text = path.read_text("utf-8")
        nodes = list(ast.walk(ast.parse(text)))
        imported |= {a.name for n in nodes if isinstance(n, ast.Import) for a in n.names}
        imported |= {n.module or "" for n in nodes if isinstance(n, ast.ImportFrom)}
        assert not [n for n in nodes if isinstance(n, ast.Assert)]
        names = [n.id for n in nodes if isinstance(n, ast.Name)]
        assert not {"eval", "exec", "float"} & set(names)
        assert len(text.splitlines()) < 450
    assert imported == STANDARD | {"certificate_file", "check_certificate"}
    assert set(sys.stdlib_module_names) >= STANDARD


# ------------------------------------------------------------------------------ radii


def as_balls(rows: list[list[int]], e: int, p: int) -> Any:
    """Balls about the midpoints of a fixed-point matrix (no radius; exact)."""
    d = len(rows)
    cell = lambda v: arb((fmpz(v), fmpz(-p)))  # noqa: E731
    return acb_mat(d, d, [acb(cell(r[c]), cell(r[d + c])) for r in rows for c in range(d)])


def distance(exact: Any, found: tuple[list[list[int]], int], p: int) -> Any:
    """‖exact − midpoint‖_F in units 2**-p, as a ball."""
    difference = exact - as_balls(*found, p)
    total = sum((abs(z) ** 2 for z in difference.entries()), arb(0))
    return total.sqrt() * arb(2) ** p


def random_table(rng: random.Random, d: int, size: float) -> tuple[Any, Any]:
    """An exact matrix as the checker's table and as balls."""
    rows = [
        [
            [(rng.getrandbits(60) - (1 << 59), rng.getrandbits(40) | 1, int(size)) for _ in "ri"]
            for _ in range(d)
        ]
        for _ in range(d)
    ]
    value = lambda m, q, k: arb(m) / q * arb(2) ** k  # noqa: E731
    balls = acb_mat(d, d, [acb(value(*z[0]), value(*z[1])) for row in rows for z in row])
    return rows, balls


@pytest.mark.parametrize("seed", range(12))
def test_radii_hold_for_rounding_product_and_exponential(checker: ModuleType, seed: int) -> None:
    rng = random.Random(f"radii/{seed}")
    d, p = rng.choice([1, 2, 3, 5]), rng.choice([80, 150, 333])
    with ctx.workprec(2000):
        left, exact_left = random_table(rng, d, rng.choice([-23, -20, -17]))
        right, exact_right = random_table(rng, d, rng.choice([-21, -19]))
        x, y = checker.fixed(left, p), checker.fixed(right, p)
        assert distance(exact_left, x, p) <= x[1]
        z = checker.product(x, y, p)
        assert distance(exact_left * exact_right, z, p) <= z[1]
        e = checker.exponential(x, p)
        assert distance(exact_left.exp(), e, p) <= e[1]
        # and they are not absurdly wide: at least a third of the digits survive
        assert e[1].bit_length() < p // 2 + checker.norm(e[0]).bit_length() - p + 60
        nested = checker.exponential(z, p)
        assert distance((exact_left * exact_right).exp(), nested, p) <= nested[1]


def test_radius_covers_a_wide_input(checker: ModuleType) -> None:
    p = 100
    with ctx.workprec(1000):
        for size in (10, 60, 95):
            x = ([[1 << p, 0, 3 << p - 2, 0], [0, 1 << p - 1, 0, 0]], 1 << size)
            found = checker.exponential(x, p)
            moved = as_balls(x[0], 0, p) + acb_mat(2, 2, [arb(2) ** (size - p), 0, 0, 0])
            assert distance(moved.exp(), found, p) <= found[1]


# ------------------------------------------------------------------------------ speed and verdicts


def mpmath_certificate(problem: Problem, digits: int, carried: int, alpha: Any) -> Certificate:
    """C1 for weights made with mpmath alone (principal branch, simple eigenvalues)."""
    record = make_record(problem, alpha)

    def matrix(exact: ExactMatrix) -> Any:
        return mpmath.matrix(
            [[mpmath.mpc(fraction(z.re), fraction(z.im)) for z in row] for row in exact.to_rows()]
        )

    def fraction(value: Any) -> Any:
        return mpmath.mpf(int(value.p)) / int(value.q)

    with mpmath.workdps(carried + 40):
        a = mpmath.mpc(fraction(alpha.re), fraction(alpha.im))
        W1 = mpmath.log(a) * mpmath.inverse(matrix(problem.D))
        Y1 = matrix(problem.Y1)
        values, R = mpmath.eig(mpmath.inverse(Y1) * matrix(problem.Y2))
        Z = R * mpmath.diag([mpmath.log(v) for v in values]) * mpmath.inverse(R) / (a - 1)
        W2 = Z * mpmath.expm(-W1 * matrix(problem.X1))
        W3 = Y1 * mpmath.expm(-Z)
    with mpmath.workdps(carried):
        W1, W2, W3 = +W1, +W2, +W3
    zero = mpmath.mpf(0)
    solution = Solution(
        problem, "shift", "test", record, digits, carried, carried, W1, W2, W3, None, None, None,
        None, (zero, zero), (zero, zero, zero), Label.AGREES,
    )  # fmt: skip
    bound = Dyadic.below(rational(1, 10**digits))
    return certificate_from_solution(solution, [Claim("C1", (bound, bound))])


@pytest.mark.parametrize(
    ("make", "carried", "alpha", "seconds"),
    [
        (lambda: FAMILIES["gaussian-complex"].build(8, 1), 75, gaussian(3), 3),
        (lambda: FAMILIES["gaussian-real"].build(16, 1), 80, gaussian(0, 1), 15),
        (lambda: load_problem("color-spaces"), 2200, gaussian(rational(6001, 6000)), 30),
    ],
    ids=["d=8", "d=16", "color-spaces, alpha > 0"],
)
def test_weights_made_without_this_package_are_accepted_in_time(
    make: Any, carried: int, alpha: Any, seconds: float, checker_path: Path, tmp_path: Path
) -> None:
    path = tmp_path / "certificate.json"
    write_certificate(mpmath_certificate(make(), 50, carried, alpha), path)
    started = time.perf_counter()
    run = subprocess.run(
        [sys.executable, str(checker_path), str(path)], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.count("ACCEPTED") == 2
    assert time.perf_counter() - started < seconds


def test_several_files_and_usage(checker_path: Path, bases: Any, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_bytes(rehashed(bases["simple"]))
    bad.write_bytes(b"{}")
    command = [sys.executable, "-O", str(checker_path)]
    both = subprocess.run([*command, good, bad], capture_output=True, text=True, check=False)
    assert both.returncode == 2
    assert "ACCEPTED" in both.stdout
    assert "MALFORMED" in both.stdout
    absent = subprocess.run([*command, "none.json"], capture_output=True, text=True, check=False)
    assert (absent.returncode, absent.stderr) == (2, "")
    assert subprocess.run(command, capture_output=True, check=False).returncode == 2


# ------------------------------------------------------------------------------ samples and TRUST


def test_samples_match_their_manifest_and_are_accepted(
    checker: ModuleType, checker_path: Path, capsys: Any
) -> None:
    folder = checker_path.parents[1] / "certificates"
    rows = json.loads((folder / "MANIFEST").read_text("utf-8"))["certificates"]
    assert {row["file"] for row in rows} == {path.name for path in folder.glob("*.json")}
    assert set(FAMILIES | BEYOND | REALS) <= {row["file"].removesuffix(".json") for row in rows}
    assert set(CONSTRUCTIONS) | {"none"} <= {row["construction"] for row in rows}
    for row in rows:
        path = folder / row["file"]
        assert hashlib.sha256(path.read_bytes()).hexdigest() == row["sha256"]
        assert checker.check(str(path)) == 0, capsys.readouterr().out
        report = check_certificate(path)
        assert (report.status, report.failed) == (0, ()), str(report)


def test_samples_of_version_1_are_accepted_and_compared(
    checker: ModuleType, checker_path: Path, capsys: Any
) -> None:
    folder = checker_path.parents[1] / "certificates"
    files = sorted((folder / "version-1").glob("*.json"))
    assert len(files) >= 20
    for path in files:
        assert json.loads(path.read_text("utf-8"))["version"] == 1
        assert checker.check(str(path)) == 0, capsys.readouterr().out
    for name in ("gaussian-complex.json", "defective.json"):
        report = check_certificate(folder / "version-1" / name)
        assert (report.status, report.failed) == (0, ()), str(report)
        old, new = (BranchRecord.load(f / name) for f in (folder / "version-1", folder))
        told = old.same_branch(new)  # α was chosen otherwise when the first was written
        assert [text for text in told if not text.startswith("α")] == []


def test_trust_document_states_the_measured_numbers(checker_path: Path) -> None:
    document = (checker_path.parents[1] / "TRUST.md").read_text("utf-8")
    files = [checker_path.parent / name for name in ("certificate_file.py", checker_path.name)]
    lines = [line.strip() for f in files for line in f.read_text("utf-8").splitlines()]
    package = {
        line.strip()
        for path in (checker_path.parents[2] / "deepexp_exact").rglob("*.py")
        for line in path.read_text("utf-8").splitlines()
    }
    shared = [line for line in lines if len(line) >= 12 and line in package]
    assert len(shared) <= 18  # the document says how many there were when it was written
    assert f"({len(FORGERIES)} kinds;" in document


def test_trust_document_counts_lines_as_they_are(checker_path: Path) -> None:
    """Every "(about N lines)" after a file or folder is its count, to a tenth."""
    root = checker_path.parents[2]
    document = " ".join((root / "proofs" / "TRUST.md").read_text("utf-8").split())
    told = re.findall(r"`((?:deepexp_exact|proofs)/[\w/.]+)`? \(?about (\d+) lines", document)
    assert len(told) == len(re.findall(r"\d+ lines\b", document)) >= 4
    for name, count in told:
        place = root / name
        files = [place] if place.is_file() else place.rglob("*.py")
        lines = sum(len(file.read_text("utf-8").splitlines()) for file in files)
        assert abs(lines - int(count)) <= lines / 10, (name, lines)
