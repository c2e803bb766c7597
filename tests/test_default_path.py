"""solve without a path: the best label there is, and every figure with how it is known."""

from __future__ import annotations

import copy
import json
import subprocess
from pathlib import Path
from typing import Any

import mpmath
import pytest
from commands import prompt
from flint import acb, acb_mat, arb, ctx, fmpz

from deepexp_exact.certificate import (
    certificate_from_solution,
    check_certificate,
    provable_certificate,
    read_certificate,
    write_certificate,
)
from deepexp_exact.errors import PrecisionCeilingError
from deepexp_exact.paths.ball.network import weights as ball
from deepexp_exact.problems.families import FAMILIES
from deepexp_exact.solution import Label
from deepexp_exact.solving import solve

PROBLEM = FAMILIES["gaussian-complex"].build(3, 1)


def balls(matrix: Any) -> acb_mat:
    def part(x: Any) -> arb:
        return arb((fmpz((-1 if x < 0 else 1) * abs(int(x.man))), fmpz(int(x.exp))))

    return acb_mat([[acb(part(z.real), part(z.imag)) for z in row] for row in matrix.tolist()])


def test_certified_weights_are_mpmath_matrices_that_keep_the_promise() -> None:
    found = solve(PROBLEM, digits=40)
    assert (found.label, found.path, found.errors_are) == (Label.CERTIFIED, "ball", "proved")
    exact = solve(PROBLEM, digits=60, path="ball", alpha=found.record.alpha)
    for mine, other, bound in zip(found.weights, exact.enclosures, found.errors, strict=True):
        assert isinstance(mine, mpmath.matrix)
        with ctx.workprec(600):
            change = balls(mine) - other
            size = sum((abs(z) ** 2 for z in other.entries()), arb(0)).sqrt()
            moved = sum((abs(z) ** 2 for z in change.entries()), arb(0)).sqrt() / size
            assert moved < arb(10) ** -40
            assert moved < arb(str(bound)) * 1.001
    with mpmath.workdps(60):
        assert mpmath.mnorm(mpmath.expm(found.L) - found.K) < 1e-35
    assert copy.deepcopy(found).Z == found.Z


@pytest.mark.parametrize("d", [1, 2, 5])
@pytest.mark.parametrize("family", ["negative-axis", "defective", "integer"])
def test_the_default_is_certified_for_ordinary_and_hard_problems(family: str, d: int) -> None:
    found = solve(FAMILIES[family].build(max(d, 2), d), digits=20)
    assert found.label is Label.CERTIFIED
    assert max(found.residuals) <= mpmath.mpf(10) ** -20


def test_beyond_the_ball_paths_ceiling_the_reason_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ball, "MAX_BITS", 60)
    found = solve(PROBLEM, digits=40)
    assert (found.label, found.path) == (Label.AGREES, "multiprecision")
    assert (found.residuals_are, found.errors_are) == ("measured", "estimated")
    assert any("not CERTIFIED" in text and "60 bits" in text for text in found.findings)


@pytest.mark.parametrize("path", ["multiprecision", "ball", "mpmath", "double"])
def test_a_path_that_is_named_is_used_alone(path: str) -> None:
    found = solve(PROBLEM, digits=20, path=path)
    assert found.path == path
    assert isinstance(found.W1, mpmath.matrix)


def test_weights_that_nothing_is_proved_of_are_written_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = solve(PROBLEM, digits=20, path="multiprecision")

    def refuse(*_: Any) -> Any:
        raise PrecisionCeilingError("undecided with 0 bits")

    monkeypatch.setattr("deepexp_exact.certificate.check.prove", refuse)
    made, reason = provable_certificate(found)
    assert [claim.id for claim in made.claims] == ["C1"]
    assert "C2, C3" in reason
    assert "undecided with 0 bits" in reason
    write_certificate(made, tmp_path / "c.json")
    monkeypatch.undo()
    assert check_certificate(tmp_path / "c.json").status == 0
    assert read_certificate(tmp_path / "c.json").weights == certificate_from_solution(found).weights


def test_a_weight_that_is_wrong_claims_nothing() -> None:
    from dataclasses import replace

    found = solve(PROBLEM, digits=20, path="multiprecision")
    W3 = found.W3.copy()
    W3[0, 0] *= mpmath.mpf(3) / 2
    made, reason = provable_certificate(replace(found, W3=W3))
    assert made.claims == ()
    assert "C1, C2, C3" in reason


def test_the_command_line_says_how_figures_are_known(tmp_path: Path) -> None:
    command = prompt("solve", "quantum-gates", "--digits", 20)
    told = subprocess.run(
        [*command, "--json", "--out", str(tmp_path / "c.json")], capture_output=True, text=True
    )
    table = json.loads(told.stdout)
    assert told.returncode == 0
    assert table["label"] == "CERTIFIED"
    assert table["certificate"] == {"claims": ["C1", "C2", "C3", "C4"], "not_proved": ""}
    shown = subprocess.run(
        [*command, "--path", "multiprecision"], capture_output=True, text=True
    ).stdout
    assert "(measured)" in shown
    assert "estimated)" in shown
