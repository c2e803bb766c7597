"""Limits of both checkers: what is long is cut, what is too much work is undecided with its reason,
and a bound that is only too weak for a checker is never called false."""

from __future__ import annotations

import copy
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from conftest import certify_problem
from flint import fmpq
from forging import CLAIM, MALFORMED, OK, claim, rehashed

from deepexp_exact import solve
from deepexp_exact.certificate import (
    CheckReport,
    Dyadic,
    certified_certificate,
    check,
    check_certificate,
    check_files,
)
from deepexp_exact.exact import ExactMatrix, gaussian
from deepexp_exact.paths.ball.proving import certifying as proving
from deepexp_exact.problems import Problem
from deepexp_exact.problems.families import FAMILIES
from deepexp_exact.solution import Label

#: Run with the lowest and the newest dependencies too.
pytestmark = pytest.mark.core

Bases = dict[str, dict[str, Any]]


def both(
    table: dict[str, Any] | bytes, checker: ModuleType, folder: Path, capsys: Any
) -> tuple[int, str, CheckReport]:
    """Status and output of the standard checker, report of the ball checker."""
    path = folder / "c.json"
    path.write_bytes(table if isinstance(table, bytes) else rehashed(table))
    status = checker.check(str(path))
    return status, capsys.readouterr().out, check_certificate(path)


def labels(report: CheckReport, id_: str) -> set[Label]:
    return {line.label for line in report.lines if line.claim == id_}


def test_one_endless_mantissa_costs_no_more_than_the_claims_need(
    bases: Bases, checker: ModuleType, tmp_path: Path, capsys: Any
) -> None:
    for name in ("simple", "defective"):
        table = copy.deepcopy(bases[name])
        pair = table["weights"]["W1"][0][0]
        value = Dyadic.parse(pair[0])
        pair[0] = str(Dyadic((value.mantissa << 64_000) + 1, value.exponent - 64_000))
        status, out, report = both(table, checker, tmp_path, capsys)
        assert (status, report.status) == (OK, OK), out + str(report)
        pair[0] = "0x" + "f" * 16_000 + "p-64000"
        status, out, report = both(table, checker, tmp_path, capsys)
        assert status == CLAIM
        assert "FAILED" in out
        assert labels(report, "C1") == {Label.FAILED}


def test_beyond_the_limit_on_work_a_claim_is_undecided_with_that_reason(
    bases: Bases, checker: ModuleType, tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert both(bases["simple"], checker, tmp_path, capsys)[::2][0] == OK  # the control
    monkeypatch.setattr(proving, "MAX_WORK", 1e-9)
    monkeypatch.setattr(checker, "MAX_WORK", 1)
    status, out, report = both(bases["simple"], checker, tmp_path, capsys)
    assert (status, report.status) == (CLAIM, CLAIM)
    assert "UNDECIDED" in out
    assert "limit on work" in out
    assert "FAILED" not in out
    assert {line.label for line in report.lines} == {Label.UNDECIDED}
    assert all("limit on work" in line.text for line in report.lines)


def test_an_exponential_beyond_every_limit_is_given_up_before_its_argument_is_refined(
    bases: Bases, checker: ModuleType, tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """W1 changed so that exp(W1·X1) is of size e^50000: exp of that is out of reach, and no
    precision is worth raising for it."""
    scales: list[int] = []
    own = checker.exponential

    def watched(x: Any, p: int) -> Any:
        scales.append(p)
        return own(x, p)

    monkeypatch.setattr(checker, "exponential", watched)
    table = copy.deepcopy(bases["other"])
    for row in table["weights"]["W1"]:
        row[0][0] = "-0x1p16"
    status, out, _ = both(table, checker, tmp_path, capsys)
    assert status == CLAIM
    assert "limit on work" in out
    assert max(scales) < 10_000


def test_exact_eigenvalues_of_endless_entries_are_beyond_the_limit_on_work(
    bases: Bases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "c.json"
    path.write_bytes(rehashed(bases["simple"]))
    monkeypatch.setattr(check, "MAX_WORK", 1e-9)
    report = check_certificate(path)
    assert labels(report, "C1") == {Label.CERTIFIED}
    assert labels(report, "C2") == labels(report, "C3") == {Label.UNDECIDED}
    assert "exact eigenvalues" in str(report)


def test_work_grows_with_size_and_precision_as_measured() -> None:
    assert proving.work(40, 64_000) > proving.MAX_WORK  # minutes of one exponential
    assert proving.work(32, 512) < proving.MAX_WORK / 10  # what `solve` writes at 50 digits
    assert proving.work(4, 50_000) < proving.MAX_WORK


def test_a_check_has_a_time_limit_of_its_own(bases: Bases, tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    path.write_bytes(rehashed(bases["simple"]))
    (report,) = check_files([path], seconds=1e-3)
    assert report.status == CLAIM
    assert "UNDECIDED: the time limit" in str(report)
    (control,) = check_files([path], seconds=60, memory_mb=4096)
    assert control.status == OK


def test_a_bound_that_is_true_but_too_weak_for_a_checker_is_undecided(
    checker: ModuleType, tmp_path: Path, capsys: Any
) -> None:
    Y = ExactMatrix.from_rows([[2, 1], [0, 3]])
    problem = Problem(ExactMatrix.zero(2, 2), ExactMatrix.identity(2), Y, Y)
    table = certify_problem(problem).to_json()
    control = both(table, checker, tmp_path, capsys)
    assert (control[0], control[2].status) == (OK, OK)
    # W2 = 0 and W3 = Y1 exactly: the residual is zero, which fixed point cannot tell.
    claim(table, "C1")["bounds"] = ["0x0p0", "0x0p0"]
    status, out, report = both(table, checker, tmp_path, capsys)
    assert status == CLAIM
    assert out.count("UNDECIDED") == 2
    assert labels(report, "C1") <= {Label.CERTIFIED, Label.UNDECIDED}


def test_C3_fails_for_another_branch_and_is_undecided_for_a_radius_it_cannot_reach(
    bases: Bases, checker: ModuleType, tmp_path: Path, capsys: Any
) -> None:
    for name in ("simple", "defective"):
        table = copy.deepcopy(bases[name])
        radii = claim(table, "C3")["radii"]
        # The radius obtained is at least 1/16 of the one claimed, and the truth far below it.
        halved = [Dyadic.parse(text) for text in radii]
        radii[:] = [str(Dyadic(v.mantissa, v.exponent - 6)) for v in halved]
        report = both(table, checker, tmp_path, capsys)[2]
        assert labels(report, "C3") == {Label.UNDECIDED}, str(report)
        table = copy.deepcopy(bases[name])
        matrix = table["weights"]["W2"]
        value = Dyadic.parse(matrix[0][0][0])
        matrix[0][0][0] = str(Dyadic.of(value.mantissa * 3, value.exponent))
        report = both(table, checker, tmp_path, capsys)[2]
        assert labels(report, "C3") == {Label.FAILED}, str(report)


def far_apart(exponent: int, real: bool) -> Problem:
    """K with eigenvalues 10^±exponent; the larger one on the cut if ``real``."""
    sign = "-" if real else ""
    K = ExactMatrix.from_rows([[f"{sign}1e{exponent}", 1], [0, f"1e-{exponent}"]])
    X1 = ExactMatrix.from_rows([["1/2", "1-i"], ["-2/3", "1+i"]])
    return Problem(X1, X1 + ExactMatrix.identity(2), ExactMatrix.identity(2), K)


@pytest.mark.parametrize(("exponent", "real"), [(1500, True), (3000, False), (5000, True)])
def test_what_we_certify_both_checkers_decide(
    exponent: int, real: bool, checker: ModuleType, tmp_path: Path, capsys: Any
) -> None:
    solution = solve(far_apart(exponent, real), path="ball", digits=30)
    certificate = certified_certificate(solution)
    status, out, report = both(certificate.to_json(), checker, tmp_path, capsys)
    assert (status, report.status) == (OK, OK), out + str(report)


@pytest.mark.parametrize("key", ["name", "title", "source"])
def test_half_a_character_and_a_mark_before_the_text(
    key: str, bases: Bases, checker: ModuleType, tmp_path: Path, capsys: Any
) -> None:
    table = copy.deepcopy(bases["simple"])
    table["problem"][key] = "a\U0001f600"
    for data in (rehashed(table), b"\xef\xbb\xbf" + rehashed(table)):
        status, _, report = both(data, checker, tmp_path, capsys)
        assert (status, report.status) == (OK, OK)
    table["problem"][key] = "a\ud83d"
    status, _, report = both(table, checker, tmp_path, capsys)
    assert (status, report.status) == (MALFORMED, MALFORMED)


def test_values_without_end_are_malformed_for_both(
    checker: ModuleType, tmp_path: Path, capsys: Any
) -> None:
    status, out, report = both(b'{"a":[' + b"1," * 4_000_000 + b"1]}", checker, tmp_path, capsys)
    assert (status, report.status) == (MALFORMED, MALFORMED)
    assert "commas" in out
    assert "commas" in str(report)


def test_a_turn_is_seen_by_C2_and_not_by_C3(
    checker: ModuleType, tmp_path: Path, capsys: Any
) -> None:
    problem = FAMILIES["gaussian-complex"].build(2, 4)
    table = certify_problem(problem, alpha=gaussian(3)).to_json()
    assert both(table, checker, tmp_path, capsys)[2].status == OK
    table["record"]["first_layer"]["turn"] = 1
    report = both(table, checker, tmp_path, capsys)[2]
    assert labels(report, "C2") == {Label.FAILED, Label.CERTIFIED}
    assert labels(report, "C3") == {Label.CERTIFIED}


@pytest.mark.parametrize("part", [0, 1])
@pytest.mark.parametrize("digit", [2, 8, 16])
def test_a_forged_weight_beyond_every_exponent_is_no_crash(
    checker: ModuleType, tmp_path: Path, capsys: Any, part: int, digit: int
) -> None:
    """d = 1 and D = 6e-30: W1 is of size 1e29, so that a wrong digit makes exp(W1·X1) of a size
    that no number holds, in claim C3 too."""
    X1, D, Y1, Y2 = (
        ExactMatrix.from_rows([[z]])
        for z in (gaussian(fmpq(3, 4), -1), gaussian(fmpq(-6, 10**30)), gaussian(3), gaussian(0, 7))
    )
    table = certified_certificate(solve(Problem(X1, X1 + D, Y1, Y2), digits=20)).to_json()
    status, out, report = both(table, checker, tmp_path, capsys)
    assert (status, report.status) == (OK, OK), out  # the control
    entry = table["weights"]["W1"][0][0]
    sign, text = entry[part].split("0x")
    entry[part] = f"{sign}0x{text[:digit]}{int(text[digit], 16) ^ 8:x}{text[digit + 1 :]}"
    status, out, report = both(table, checker, tmp_path, capsys)
    assert (status, report.status) == (CLAIM, CLAIM), out
