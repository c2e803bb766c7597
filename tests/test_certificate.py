"""Certificates: exact numbers, reader and writer, schemas, claims for weights of any path."""

from __future__ import annotations

import copy
import json
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import mpmath
import pytest
import sympy
from flint import acb_mat, arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st

from deepexp_exact.branches import make_record
from deepexp_exact.certificate import (
    Certificate,
    Dyadic,
    canonical_sha256,
    certificate_from_solution,
    certified_certificate,
    certify,
    check_certificate,
    check_files,
    dyadic_matrix,
    read_certificate,
    write_certificate,
)
from deepexp_exact.errors import ClaimError, FormatError, NumberError
from deepexp_exact.exact import ExactMatrix, gaussian, rational
from deepexp_exact.paths.ball.shift import solve_shift
from deepexp_exact.problems import load_problem, shipped
from deepexp_exact.problems.families import FAMILIES

#: Run with the lowest and the newest dependencies too.
pytestmark = pytest.mark.core


@pytest.fixture(scope="module")
def solution() -> Any:
    problem = FAMILIES["gaussian-complex"].build(3, 11)
    return solve_shift(problem, make_record(problem, gaussian(3)), 40)


@pytest.fixture(scope="module")
def certificate(solution: Any) -> Certificate:
    return certified_certificate(solution, "a command", 11)


# ------------------------------------------------------------------------------ dyadic numbers


@given(st.integers(-(2**200), 2**200), st.integers(-3000, 3000))
@settings(derandomize=True)
def test_dyadic_text_reads_back_and_is_unique(mantissa: int, exponent: int) -> None:
    value = Dyadic.of(mantissa, exponent)
    assert Dyadic.parse(str(value)) == value
    assert Dyadic.of(mantissa * 2, exponent - 1) == value
    with ctx.workprec(20):  # exact at any precision
        top, power = value.to_arb().man_exp()
        assert Dyadic.of(int(top), int(power)) == value
    assert value.to_fmpq() == rational(mantissa) * rational(2) ** exponent


@pytest.mark.parametrize(
    "text", ["", "0x0", "0x1", "0x2p0", "-0x0p0", "0x1p+1", "0x01p0", "0xAp0", "1p0", "0x1p00", 1]
)
def test_only_the_canonical_text_is_read(text: Any) -> None:
    with pytest.raises(NumberError):
        Dyadic.parse(text)


def test_limits_of_mantissa_and_exponent() -> None:
    with pytest.raises(NumberError, match="exponent"):
        Dyadic.of(1, 10**9)
    with pytest.raises(NumberError, match="mantissa"):
        Dyadic.of((1 << 90_000) + 1)


@given(st.integers(1, 10**60), st.integers(1, 10**60))
@settings(derandomize=True)
def test_below_and_above_enclose(top: int, bottom: int) -> None:
    exact = rational(top, bottom)
    below, above = Dyadic.below(exact), Dyadic.above(arb(exact))
    assert below.to_fmpq() <= exact <= above.to_fmpq()
    assert exact * (1 - rational(1, 2**62)) < below.to_fmpq()
    assert above.to_fmpq() < exact * (1 + rational(1, 2**25))


@pytest.mark.parametrize("digits", [30, 200])
def test_closed_forms_convert_with_the_digits_asked(digits: int) -> None:
    entries = [sympy.sqrt(2), -sympy.I * sympy.pi / 3, sympy.Integer(-3), sympy.exp(-900)]
    stored = dyadic_matrix(sympy.Matrix(2, 2, entries), digits)
    with mpmath.workdps(digits + 20):
        truth = [mpmath.sqrt(2), -1j * mpmath.pi / 3, mpmath.mpf(-3), mpmath.exp(-900)]
        for mine, exact in zip(stored.to_mpmath(), truth, strict=True):
            assert abs(mine - exact) <= abs(exact) * mpmath.mpf(10) ** (1 - digits)
    with pytest.raises(NumberError, match="does not evaluate"):
        dyadic_matrix(sympy.Matrix([[sympy.Symbol("x")]]), digits)


def test_weights_of_every_kind_convert_without_rounding() -> None:
    rows = [[1.5, 0.1 - 2j], [0, -3e-300j]]
    expected = ExactMatrix.from_rows(rows)
    numpy = pytest.importorskip("numpy")
    sources = [numpy.array(rows), mpmath.matrix(rows), acb_mat(rows)]
    for source in sources:
        stored = dyadic_matrix(source)
        found = [[(re.to_fmpq(), im.to_fmpq()) for re, im in row] for row in stored.rows]
        assert found == [[(z.re, z.im) for z in row] for row in expected.to_rows()]
        assert dyadic_matrix(stored.to_mpmath()) == stored
        assert dyadic_matrix(stored.to_acb_mat()) == stored
    with pytest.raises(NumberError, match="NaN"):
        dyadic_matrix(mpmath.matrix([[mpmath.nan]]))
    with pytest.raises(NumberError, match="infinity"):
        dyadic_matrix(mpmath.matrix([[mpmath.mpc(1, mpmath.inf)]]))


# ------------------------------------------------------------------------------ files


def test_written_certificates_read_back_equal(certificate: Certificate, tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    write_certificate(certificate, path)
    again = read_certificate(path)
    assert again == certificate
    assert again.to_json() == certificate.to_json()
    assert [c.id for c in again.claims] == ["C1", "C2", "C3", "C4"]
    assert json.loads(path.read_text())["sha256"] == canonical_sha256(certificate.to_json())


def test_a_certificate_without_claims_is_read_and_not_accepted(
    solution: Any, tmp_path: Path
) -> None:
    path = tmp_path / "c.json"
    write_certificate(certificate_from_solution(solution), path)
    assert read_certificate(path).claims == ()
    report = check_certificate(path)
    assert report.status == 1
    assert "claims nothing" in str(report)


def schema(name: str) -> Any:
    text = (resources.files("deepexp_exact") / "schemas" / f"{name}.schema.json").read_text("utf-8")
    found = json.loads(text)
    jsonschema.Draft202012Validator.check_schema(found)
    return jsonschema.Draft202012Validator(found)


def test_files_satisfy_the_published_schemas(certificate: Certificate) -> None:
    schema("certificate").validate(certificate.to_json())
    schema("branch-record").validate(certificate.record.to_json())
    schema("problem").validate(certificate.problem.to_json())
    for name in shipped():
        schema("problem").validate(load_problem(name).to_json())


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("weights", "W1", 0, 0, 0), "0x2p0"),
        (("weights", "W1", 0, 0, 0), 0.5),
        (("record", "first_layer", "alpha", 0), "3"),
        (("claims", 0, "bounds", 0), "-0x1p-9"),
        (("digits",), 0),
        (("digits",), "40"),
        (("extra",), 1),
        (("provenance", "seed"), -1),
        (("sha256",), "0"),
    ],
)
def test_schema_and_reader_refuse_alike(
    certificate: Certificate, place: tuple[Any, ...], value: Any, tmp_path: Path
) -> None:
    table = copy.deepcopy(certificate.to_json())
    target: Any = table
    for step in place[:-1]:
        target = target[step]
    target[place[-1]] = value
    if place != ("sha256",):
        table["sha256"] = canonical_sha256(table)
    assert not schema("certificate").is_valid(table)
    path = tmp_path / "c.json"
    path.write_text(json.dumps(table))
    assert check_certificate(path).status == 2


def test_a_damaged_file_is_a_format_error(certificate: Certificate, tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    write_certificate(certificate, path)
    path.write_text(path.read_text().replace('"turn": 0', '"turn": 1'))
    with pytest.raises(FormatError, match="sha256"):
        read_certificate(path)


# ------------------------------------------------------------------------------ claims


def test_claims_of_the_ball_path_equal_claims_proved_from_the_stored_weights(
    solution: Any, certificate: Certificate
) -> None:
    W1, W2, W3 = solution.weights
    claims = certify(solution.problem, solution.record, W1, W2, W3, solution.digits)
    assert claims[0] == certificate.claims[0]
    for mine, theirs in zip(claims[1].numbers, certificate.claims[1].numbers, strict=True):
        assert abs(mine.log10() - theirs.log10()) < 0.1


def test_a_first_enclosure_of_absurd_width_only_costs_another_round(tmp_path: Path) -> None:
    """At first the check's enclosure of the residual reached 2^(6·10^9), finite but no bound."""
    problem = FAMILIES["near-singular-1e-30"].build(3, 320448)
    solution = solve_shift(problem, make_record(problem, gaussian(-1)), 50)
    write_certificate(certified_certificate(solution), tmp_path / "c.json")
    report = check_certificate(tmp_path / "c.json")
    assert report.status == 0, str(report)


def test_certify_refuses_false_weights(solution: Any) -> None:
    W1, W2, W3 = solution.weights
    with pytest.raises(ClaimError, match="C1"):
        certify(solution.problem, solution.record, W1, W2 * acb_mat(3, 3, 1.001), W3, 40)
    other = make_record(solution.problem, gaussian(3), 0, (1, 0, 0))
    with pytest.raises(ClaimError, match="C2"):
        certify(solution.problem, other, W1, W2, W3, 40)


def test_several_files_in_parallel_keep_their_order(
    certificate: Certificate, tmp_path: Path
) -> None:
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    write_certificate(certificate, good)
    bad.write_text("{")
    reports = list(check_files([good, bad, good], jobs=2))
    assert [r.status for r in reports] == [0, 2, 0]
    assert [r.path for r in reports] == [str(good), str(bad), str(good)]
    assert [line.label.value for line in reports[0].lines] == ["CERTIFIED"] * 7
