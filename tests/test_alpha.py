"""The choice of α: the predictor against measured losses, its modes, branches and extremes."""

from __future__ import annotations

import math

import numpy as np
import pytest

from deepexp_exact.alpha import Predictor, choose_alpha, predicted_loss, prediction
from deepexp_exact.alpha.norms import Weight
from deepexp_exact.branches import make_record
from deepexp_exact.errors import BranchError
from deepexp_exact.exact import ExactMatrix, gaussian, parse_number, to_gaussian
from deepexp_exact.paths.multiprecision.functions.arrays import rounded, to_mpmath
from deepexp_exact.paths.multiprecision.network.residuals import residuals
from deepexp_exact.paths.multiprecision.network.second_layer import construct
from deepexp_exact.problems import Problem, load_problem
from deepexp_exact.problems.families import FAMILIES
from deepexp_exact.solving import solve

CARRIED = 2000


def measured_loss(problem: Problem, alpha: str) -> float:
    """Digits between what the rounded weights carry and the residual they leave."""
    record = make_record(problem, to_gaussian(alpha))
    found = construct(problem, record, CARRIED + 300, 10**6)
    W1, W2, W3 = (to_mpmath(rounded(w, CARRIED)) for w in found.weights)
    both = residuals(problem, (W1, W2, W3), -CARRIED / 2, CARRIED + 300, 10**6)
    return (max(one.upper for one in both) + CARRIED) / math.log2(10)


@pytest.mark.parametrize("alpha", ["3", "1/3", "i", "-1", "2-i", "21/20"])
@pytest.mark.parametrize("name", ["gaussian-complex", "gaussian-real", "integer", "negative-axis"])
def test_the_predictor_is_within_a_few_digits_of_what_is_measured(name: str, alpha: str) -> None:
    problem = FAMILIES[name].build(4, 2)
    measured = measured_loss(problem, alpha)
    predicted = predicted_loss(problem, to_gaussian(alpha))
    assert measured <= predicted + 2.5
    assert predicted <= measured + 4.5


def test_the_predictor_follows_hundreds_of_digits() -> None:
    problem = load_problem("color-spaces")
    # Weights of 2000 bits cannot serve this α; its prediction is held against the digits carried.
    assert predicted_loss(problem, to_gaussian("6001/6000")) == pytest.approx(2040, abs=8)
    assert predicted_loss(problem, to_gaussian("i")) == pytest.approx(5.4, abs=2)
    assert predicted_loss(problem, to_gaussian("3")) > 1e6


def test_auto_and_positive_for_color_spaces() -> None:
    problem = load_problem("color-spaces")
    auto, positive = choose_alpha(problem, "auto"), choose_alpha(problem, "positive")
    assert auto.predicted_loss < 8
    assert auto.alpha.norm() == 1
    assert positive.alpha.is_real()
    assert positive.alpha.re > 1
    assert positive.predicted_loss < 2045


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_positive_is_the_papers_case_and_auto_is_no_worse(name: str) -> None:
    problem = FAMILIES[name].build(2, 3)
    auto, positive = choose_alpha(problem, "auto"), choose_alpha(problem, "positive")
    for chosen in (auto, positive):
        assert not chosen.alpha.is_zero()
        assert chosen.alpha != gaussian(1)
        assert chosen.predicted_loss >= 0
        assert chosen.candidates
    assert positive.alpha.is_real()
    assert positive.alpha.re > 0
    if math.isfinite(positive.predicted_loss):
        assert auto.predicted_loss <= positive.predicted_loss + 3.5


@pytest.mark.parametrize("exponent", [12, 30])
def test_one_huge_complex_eigenvalue_is_steered_around(exponent: int) -> None:
    """D of rank one less but for 1e-exponent: μ of that size, not real; no simple α serves."""
    rng = np.random.default_rng(4)
    thin = rng.integers(-5, 5, (4, 3)), rng.integers(-5, 5, (3, 4))
    parts = rng.standard_normal((3, 4, 4))
    X1 = ExactMatrix.from_rows(parts[0] + 1j * parts[1])
    low = ExactMatrix.from_rows(thin[0].tolist()) @ ExactMatrix.from_rows(thin[1].tolist())
    tiny = ExactMatrix.identity(4).scale(to_gaussian(f"1e-{exponent}"))
    Y = [ExactMatrix.from_rows(rng.standard_normal((4, 4))) for _ in range(2)]
    problem = Problem(X1, X1 + low + tiny, Y[0], Y[1])
    chosen = choose_alpha(problem, "auto")
    assert chosen.predicted_loss < exponent + 10
    assert predicted_loss(problem, to_gaussian("3")) > 1e6


@pytest.mark.parametrize("exponent", [-300, -200, 160, 200, 300])
def test_inputs_whose_squares_leave_float64_are_chosen_for(exponent: int) -> None:
    X1, X2 = ([[f"{k + r}.5e{exponent}" if r == c else f"1e{exponent}" for c in (0, 1)]
               for r in (0, 1)] for k in (1, 4))  # fmt: skip
    problem = Problem(*map(ExactMatrix.from_rows, (X1, X2, [[1, 2], [3, 5]], [[2, 1], [0, 1]])))
    assert choose_alpha(problem).predicted_loss < 10


@pytest.mark.parametrize("exponent", [6, 14, 40, 300, 700])
@pytest.mark.parametrize("construction", [None, "split"])
def test_close_numbers_have_weights_that_can_be_written_down(
    exponent: int, construction: str | None
) -> None:
    """d = 1 and D of size 1e-exponent: every α loses as much, most give weights of e^(10^exponent),
    and μ has to be known to more digits than float64 holds."""
    texts = ("-0.4+0.8i", f"3e-{exponent}-2e-{exponent}i", "-6+2i", "12-i")
    values = [to_gaussian(text) for text in texts]
    X1, D, Y1, Y2 = (ExactMatrix.from_rows([[z]]) for z in values)
    if construction and exponent > 100:
        pytest.skip("the search for a splitting is in float64")
    found = solve(Problem(X1, X1 + D, Y1, Y2), digits=20, construction=construction)
    assert found.digits_carried < exponent + 30
    for W in (found.W2, found.W3):
        assert abs(math.log10(abs(W[0, 0]))) < 10


def test_mixed_unwinding_numbers_cost_more_off_the_real_line() -> None:
    problem = FAMILIES["gaussian-complex"].build(3, 1)
    ks = (5, -5, 0)
    assert predicted_loss(problem, to_gaussian("i"), ks=ks) > 12 + predicted_loss(
        problem, to_gaussian("3"), ks=ks
    )
    assert choose_alpha(problem, "auto", ks=ks).alpha.is_real()


def test_a_turn_of_c_is_taken_into_account() -> None:
    problem = FAMILIES["gaussian-complex"].build(3, 1)
    assert predicted_loss(problem, to_gaussian("3"), turn=6) > predicted_loss(
        problem, to_gaussian("3")
    )


def test_the_same_problem_gives_the_same_choice() -> None:
    problem = FAMILIES["gaussian-real"].build(5, 9)
    assert choose_alpha(problem) == choose_alpha(problem)


@pytest.mark.parametrize("d", [1, 3])
def test_equal_outputs_lose_nothing_with_the_first_candidate(d: int) -> None:
    chosen = choose_alpha(FAMILIES["equal-outputs"].build(d, 2))
    assert chosen.predicted_loss < 3
    assert len(chosen.candidates) < 10


def test_an_unknown_mode_is_an_error() -> None:
    with pytest.raises(BranchError, match="smallest"):
        choose_alpha(FAMILIES["integer"].build(2, 1), "smallest")


def test_norms_by_the_quadratic_form_are_those_of_the_matrices() -> None:
    problem = FAMILIES["gaussian-complex"].build(5, 3)
    from flint import acb, acb_mat

    form = Predictor(problem).first
    matrix = np.linalg.solve(problem.D.to_numpy(), problem.X1.to_numpy())
    weight = np.arange(25.0).reshape(5, 5) + 1j
    from scipy.linalg import expm

    for t in (0.3, -1.0 + 0.5j, 2j):
        value = expm(t * matrix)
        assert form.log10_norm(acb(t)) == pytest.approx(math.log10(np.linalg.norm(value)), abs=1e-9)
        weighted = math.log10(np.linalg.norm(weight @ value))
        scaled = Weight.of(acb_mat(weight.tolist()))
        assert form.log10_norm(acb(t), scaled) == pytest.approx(weighted, abs=1e-9)


@pytest.mark.parametrize("smallest", ["0.01", "0.001", "1e-6"])
def test_the_search_finds_the_direction_for_a_moderately_large_eigenvalue(smallest: str) -> None:
    """D's inverse of 1e2 to 1e6: once the search looked for a direction only beyond 1e3."""
    for seed in (0, 1, 3, 7):
        rng = np.random.default_rng(seed)
        a = rng.standard_normal((5, 2, 8, 8))
        X1, Y1, Y2, P, Q = (ExactMatrix.from_rows(m[0] + 1j * m[1]) for m in a)
        problem = Problem(X1, X1 + P @ ExactMatrix.diagonal(["1"] * 7 + [smallest]) @ Q, Y1, Y2)
        assert choose_alpha(problem).predicted_loss < 6 - math.log10(float(smallest))


@pytest.mark.parametrize("name", ["al-mohy-higham-K", "al-mohy-higham-layer", "nearly-defective"])
def test_highly_non_normal_matrices_are_predicted_too(name: str) -> None:
    """Where float64 loses K's or D⁻¹·X1's eigenvectors the prediction is made at more bits."""
    problem = FAMILIES[name].build(4, 4)
    solution = solve(problem, digits=40, alpha="2", path="ball")
    worst = max(float(r.log().mid()) / math.log(10) for r in solution.residuals)
    # the ball path's weights have a few digits that it does not count as carried
    assert (
        -3 < predicted_loss(problem, to_gaussian("2")) - (solution.digits_carried + 3 + worst) < 8
    )


def test_a_huge_eigenvalue_of_size_one_leaves_unimodular_alpha() -> None:
    """d = 1: float64 inverts D = 1e-30 without loss, but the angle of exp(c·μ) is unknown to it."""
    problem = FAMILIES["near-singular-1e-30"].build(1, 294706)
    chosen = choose_alpha(problem)
    assert chosen.alpha.norm() == 1
    assert chosen.predicted_loss < 40


def test_a_quotient_beyond_float64s_range_is_decomposed_with_more_bits() -> None:
    small, large = (ExactMatrix.diagonal([scale]) for scale in ("1e-300", "1e300"))
    problem = Problem(large, small, small, large)
    assert choose_alpha(problem).predicted_loss < 5


@pytest.mark.parametrize("d", [2, 5, 11])
@pytest.mark.parametrize(
    "name", ["gaussian-complex", "rotations", "graded", "near-singular-1e-12", "integer"]
)
def test_what_float64_predicts_is_what_many_bits_predict(
    name: str, d: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both ways of evaluating the predictor, and the search that leaves hopeless candidates at
    what float64 makes of them against one that evaluates each in full."""
    for seed in (11, 12):
        problem = FAMILIES[name].build(d, seed)
        alphas = [to_gaussian(a) for a in ("3", "-1", "2/3+i", "10001/10000", "3/5+4/5i")]
        quick, chosen = Predictor(problem).judged(alphas), choose_alpha(problem)
        with monkeypatch.context() as patched:
            patched.setattr(prediction, "FORMED", 0.0)
            full, searched = Predictor(problem).judged(alphas), choose_alpha(problem)
        assert np.allclose(quick, full, rtol=1e-7, atol=1e-7)
        assert chosen.alpha == searched.alpha
        assert chosen.predicted_loss == pytest.approx(searched.predicted_loss, abs=1e-6)


def test_a_candidate_is_judged_alike_alone_and_among_others() -> None:
    predictor = Predictor(FAMILIES["gaussian-real"].build(7, 3))
    alphas = [to_gaussian(a) for a in ("2", "1/3", "-i", "1000000000001/1000000000000", "-1")]
    together = predictor.judged(alphas)
    for alpha, (loss, _) in zip(alphas, together, strict=True):
        assert predictor.loss(alpha) == pytest.approx(loss, rel=1e-12)


@pytest.mark.parametrize("entries", [("1e-500", "2e-500"), ("1e-3000", "3"), ("-5e-400", "7e-900")])
def test_outputs_that_underflow_in_float64_have_a_prediction(entries: tuple[str, str]) -> None:
    one, zero = gaussian(1), gaussian(0)
    identity = ExactMatrix.identity(2)
    first, second = map(parse_number, entries)
    K = ExactMatrix.from_rows([[first, zero], [one * first, second]])
    problem = Problem(identity, identity + identity, identity, K)
    assert math.isfinite(choose_alpha(problem).predicted_loss)
