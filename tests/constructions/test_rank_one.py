"""First layers of rank one: every case of Theorem 1, records, both checkers."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import mpmath
import pytest
from flint import acb_mat, ctx
from helpers import residual

from deepexp_exact import Problem, solve
from deepexp_exact.branches import BranchRecord
from deepexp_exact.certificate import certified_certificate, check_certificate, write_certificate
from deepexp_exact.cli import main
from deepexp_exact.constructions.rank_one import search
from deepexp_exact.constructions.rank_one.family import Modular
from deepexp_exact.constructions.rank_one.modules import Candidates, components
from deepexp_exact.constructions.rank_one.rows import reach, rows
from deepexp_exact.errors import UndecidedError
from deepexp_exact.exact import ExactMatrix
from deepexp_exact.problems.families import EVERY
from deepexp_exact.problems.pieces import jordan, similar, unimodular
from deepexp_exact.problems.singular import SINGULAR_PENCILS
from deepexp_exact.solution import Label

CHECKER = Path(__file__).parents[2] / "proofs" / "checker" / "check_certificate.py"
ZERO, ONE = [[0, 0], [0, 0]], [[1, 0], [0, 1]]
#: Inputs of size 2 with the case of Theorem 1 that they make.
INPUTS: list[tuple[Any, Any, int]] = [
    (ZERO, [[1, 0], [0, 0]], 1),
    ([[1, 0], [0, 0]], ZERO, 2),
    ([[1, 0], [0, 0]], [[3, 0], [0, 0]], 3),
    ([[1, 0], [0, 0]], [[0, 1], [0, 0]], 4),
]


@pytest.mark.parametrize(("X1", "X2", "case"), INPUTS, ids=lambda v: str(v))
@pytest.mark.parametrize("blocks", [[(2, 1), ("i", 1)], [(3, 1), (3, 1)], [(-1, 2)]], ids=str)
def test_every_case_is_solved_and_both_checkers_accept(
    X1: Any, X2: Any, case: int, blocks: Any, tmp_path: Path
) -> None:
    K = similar(jordan(blocks), random.Random(case))
    Y1 = ExactMatrix.from_rows([[2, 1], [1, 1]])
    problem = Problem(X1, X2, Y1, Y1 @ K)
    assert rows(problem, K)[0].case == case
    found = solve(problem, digits=25)
    assert (found.construction, found.label) == ("rank-one", Label.CERTIFIED)
    assert residual(found.problem, found.weights) < 1e-25
    made = certified_certificate(found)
    assert [claim.id for claim in made.claims] == ["C1", "C2", "C3"]
    write_certificate(made, tmp_path / "c.json")
    assert check_certificate(tmp_path / "c.json").status == 0
    checked = subprocess.run(
        [sys.executable, "-S", str(CHECKER), str(tmp_path / "c.json")], capture_output=True
    )
    assert checked.returncode == 0, checked.stdout


def test_a_record_is_read_as_it_was_written_and_solved_again_alike(tmp_path: Path) -> None:
    problem = Problem(ZERO, [[1, 0], [0, 0]], ONE, [[2, 1], [1, 3]])
    found = solve(problem, digits=20)
    found.record.save(tmp_path / "r.json")
    record = BranchRecord.load(tmp_path / "r.json")
    assert record == found.record
    assert not record.same_branch(found.record)
    again = solve(problem, digits=40, branch=record)
    assert again.record == record
    with mpmath.workdps(50):
        for one, two in zip(found.weights, again.weights, strict=True):
            assert mpmath.mnorm(one - two, "f") < 1e-19 * mpmath.mnorm(one, "f")


@pytest.mark.parametrize(("X1", "X2", "case"), INPUTS, ids=lambda v: str(v))
def test_every_path_finds_the_recorded_solution(X1: Any, X2: Any, case: int) -> None:
    K = similar(jordan([(2, 1), (-3, 1)]), random.Random(case))
    problem = Problem(X1, X2, ONE, K)
    proved = solve(problem, digits=30)
    for path, digits in (("multiprecision", 30), ("mpmath", 30), ("double", 9)):
        other = solve(problem, digits=30, path=path, branch=proved.record)
        assert other.label is Label.AGREES
        with mpmath.workdps(60):
            for one, two in zip(proved.weights, other.weights, strict=True):
                apart = mpmath.mnorm(one - mpmath.matrix(two.tolist()), "f")
                assert apart <= mpmath.mpf(10) ** -digits * mpmath.mnorm(one, "f")


def test_a_search_without_work_left_is_undecided_and_says_what_was_tried(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    problem = Problem(ZERO, [[1, 0], [0, 0]], ONE, [[2, 1], [1, 3]])
    problem.save(tmp_path / "p.json")
    assert solve(problem, digits=10).label is Label.CERTIFIED
    monkeypatch.setattr(search, "WORK", 0)
    with pytest.raises(UndecidedError, match=r"rows ℓ, .* rows q .* paths, work") as info:
        solve(problem, digits=10)
    assert info.value.pencil_rank == 1
    assert main(["solve", str(tmp_path / "p.json"), "--json"]) == 1
    table = json.loads(capsys.readouterr().out)
    assert (table["outcome"], table["label"]) == ("undecided", "UNDECIDED")
    assert "ended without one" in table["reason"]
    assert main(["solve", str(tmp_path / "p.json")]) == 1
    assert "UNDECIDED: " in capsys.readouterr().out


@pytest.mark.parametrize("d", [2, 4, 6])
def test_a_search_that_finds_nothing_ends_with_its_work(
    d: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bound counts what is done, at every size, whatever the machine."""
    monkeypatch.setattr(search, "WORK", 1500)
    monkeypatch.setattr(search, "seal", lambda *_: None)
    problem, told = EVERY["zero-and-product"].build(d, 1), []
    for _ in range(2):
        with pytest.raises(UndecidedError) as info:
            solve(problem, digits=10)
        told.append(info.value.message)
    assert told[0] == told[1]
    words = re.search(r"(\d+) paths, work (\d+)", told[0])
    assert words is not None
    assert 1500 <= int(words[2]) < 1500 + 20_000
    assert int(words[1]) > 0


#: Cubes of Jordan blocks, a block that p sees at a height, and lower ranks: K where the first
#: solution in reach is far from normal, or where the usual completion hides p.
HARD = [
    ("product-and-zero", [(2, 4)], 4),
    ("left-kernel", [(-3, 1), (2, 3)], 4),
    ("nilpotent", [(1, 1), (3, 3)], 4),
    ("zero-and-product", [(-1, 3)], 3),
    ("diagonal", [("i", 2), (1, 2)], 4),
]


@pytest.mark.parametrize(("family", "blocks", "d"), HARD, ids=str)
@pytest.mark.parametrize("lower", [False, True], ids=["full", "lower"])
def test_long_blocks_and_outputs_of_lower_rank_are_solved(
    family: str, blocks: Any, d: int, lower: bool
) -> None:
    rng = random.Random(f"{family}{blocks}")
    X1, X2 = SINGULAR_PENCILS[family](d)
    K, Y1 = similar(jordan(blocks), rng), unimodular(d, rng)
    if lower:
        Y1 = Y1 @ ExactMatrix.diagonal([1] * (d - 1) + [0]) @ unimodular(d, rng)
    found = solve(Problem(X1, X2, Y1, Y1 @ K), digits=20)
    assert (found.construction, found.label) == ("rank-one", Label.CERTIFIED)
    assert residual(found.problem, found.weights) < 1e-20


@pytest.mark.parametrize("blocks", [[(2, 3)], [(-3, 2), (1, 2)], [("1/7", 1), ("i", 2)]], ids=str)
def test_poles_are_placed_for_defective_quotients(blocks: Any) -> None:
    """exp(A) = I and p·exp(B) = q = p·K to many digits, B = A + K⁻¹·x·p."""
    K = similar(jordan(blocks), random.Random(len(blocks)))
    d = K.rows
    p = next(row for row in _units(d) if reach(row, K) == d)
    placed = search.place(K, p)
    assert placed is not None
    with ctx.workprec(256):
        A, x = acb_mat(d, d, placed[0]), acb_mat(d, 1, placed[1])
        rows_ = p.to_acb_mat()
        B = A + K.to_acb_mat().inv() * x * rows_
        defect = rows_ * B.exp() - (p @ K).to_acb_mat()
        one = acb_mat(d, d, [int(r == c) for r in range(d) for c in range(d)])
        apart = [*defect.entries(), *(A.exp() - one).entries()]
        assert max(float(abs(z).upper()) for z in apart) < 1e-30


def _units(d: int) -> list[ExactMatrix]:
    one = ExactMatrix.identity(d)
    return [*(one.part([r], range(d)) for r in range(d)), ExactMatrix.from_rows([range(1, d + 1)])]


@pytest.mark.parametrize("name", SINGULAR_PENCILS)
@pytest.mark.parametrize("d", [3, 4])
def test_the_families_are_singular_for_every_z(name: str, d: int) -> None:
    problem = EVERY[name].build(d, 0)
    assert not problem.D.is_zero()
    assert problem.Y1 != problem.Y2
    assert all((problem.X1 + problem.D.scale(z)).rank() < d for z in range(d + 1))


@pytest.mark.parametrize("d", [1, 2, 3, 4])
def test_every_type_with_one_eigenvalue_has_a_row_of_full_rank(d: int) -> None:
    """1, 3, 7, 15 types (K, p): Jordan blocks at 1 and the heights of p in them."""
    rng, counted = random.Random(d), 0
    for sizes in _partitions(d, d):
        for heights in _heights(sizes, None):
            if all(h is None for h in heights):
                continue
            counted += 1
            p, at = [0] * d, 0
            for size, h in zip(sizes, heights, strict=True):
                if h is not None:
                    p[at + h] = 1
                at += size
            S = unimodular(d, rng)
            K = S @ jordan([(1, size) for size in sizes]) @ S.inverse()
            row = ExactMatrix.from_rows([p]) @ S.inverse()
            modular = Modular(K, row)
            assert any(modular.rank(q, 1)[1] == 2 * d for q in Candidates(K, row, 1))
            (component,) = components(K, row)
            seen = [part for part in component.parts if part.height is not None]
            total = ExactMatrix.zero(1, d)
            for part in seen:
                total = total + component.row(part, part.height or 0)
            assert total == row
    assert counted == {1: 1, 2: 3, 3: 7, 4: 15}[d]


def _partitions(d: int, most: int) -> list[tuple[int, ...]]:
    if d == 0:
        return [()]
    return [(k, *rest) for k in range(min(d, most), 0, -1) for rest in _partitions(d - k, k)]


def _heights(sizes: tuple[int, ...], last: Any) -> list[tuple[int | None, ...]]:
    """Ulm's normal forms: heights and orders strictly decrease; equal blocks in one order only."""
    out: dict[Any, tuple[int | None, ...]] = {}
    for heights in _all_heights(sizes, last):
        pairs = zip(sizes, heights, strict=True)
        out[tuple(sorted((n, -1 if h is None else h) for n, h in pairs))] = heights
    return list(out.values())


def _all_heights(sizes: tuple[int, ...], last: Any) -> list[tuple[int | None, ...]]:
    if not sizes:
        return [()]
    out: list[tuple[int | None, ...]] = [(None, *rest) for rest in _all_heights(sizes[1:], last)]
    for h in range(sizes[0]):
        if last is None or (h < last[0] and sizes[0] - h < last[1]):
            out += [(h, *rest) for rest in _all_heights(sizes[1:], (h, sizes[0] - h))]
    return out
