"""Labels of results, and the shape of a solution that every path returns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from .errors import ShapeError, printable
from .exact import ExactMatrix, libraries
from .exact.binary import from_mpf, packed, text_above, to_mp_matrix, unpacked

if TYPE_CHECKING:
    from .branches import BranchRecord
    from .problems import Problem


class Label(StrEnum):
    """How a result is known.  Unknown is never a pass."""

    PROVED = "PROVED"  # exact algebra
    CERTIFIED = "CERTIFIED"  # rigorous bound
    AGREES = "AGREES"  # numerical comparison, with its tolerance
    FAILED = "FAILED"
    UNDECIDED = "UNDECIDED"  # a ceiling or time limit was reached
    NOT_APPLICABLE = "NOT_APPLICABLE"  # with its reason
    REFUTED = "REFUTED"  # a negative control or mutation, as expected

    @property
    def passes(self) -> bool:
        """Whether this label lets a run succeed (FAILED and UNDECIDED do not)."""
        return self not in (Label.FAILED, Label.UNDECIDED)


@dataclass(frozen=True, repr=False)
class Solution:
    """W1, W2, W3 with everything needed to judge and rebuild them.

    W1, W2, W3 of :func:`solve` are of one type on every path, :class:`MpMatrix`: mpmath matrices
    that know their way to other libraries, W.own being the path's (a path's own function returns
    these).  ``enclosures`` are balls (``acb_mat``) that contain the exact weights of the record,
    where they were proved.  The steps are in the path's own type.  ``digits`` are
    the decimal digits asked, ``step`` gives the matrices A, K, L, Z by name, when they are
    first asked for;
    ``digits_carried`` those the weights carry, ``working_digits`` those of the computation.
    ``residuals`` are ‖f(Xi) − Yi‖/‖Yi‖ of the weights as returned, measured with the evaluation's
    own error added (or proved); ``errors`` are the relative Frobenius errors of W1, W2, W3 against
    the exact weights of the record, and ``errors_are`` says how these are known: "estimated" (to
    first order), "measured" (against a second computation), "proved", "exact" or "unknown".
    ``conditions`` are estimated condition numbers: floats, mpmath numbers beyond their range, None
    where no estimate could be had; making them when they are first read takes time that is not in
    ``seconds``.  ``measuring_seconds`` of the multiprecision path is processor time spent on the
    residuals of the weights returned and on their errors.  ``recomputations`` counts how often the
    construction was repeated at a higher precision.
    """

    problem: Problem
    construction: str
    path: str
    record: BranchRecord
    digits: int
    digits_carried: int
    working_digits: int
    W1: Any
    W2: Any
    W3: Any
    step: Callable[[str], Any]
    residuals: tuple[Any, Any]
    errors: tuple[Any, Any, Any]
    label: Label
    errors_are: str = "estimated"
    seconds: float = 0.0
    measuring_seconds: float = 0.0
    condition_source: Callable[[], dict[str, Any]] = field(default=dict, compare=False)
    predicted_loss: float | None = None
    findings: tuple[str, ...] = ()
    recomputations: int = 0
    #: Real weights were asked for, and every imaginary part is exactly zero.
    real: bool = False
    enclosures: tuple[Any, Any, Any] | None = None

    def with_one_type(self) -> Self:
        """The same with W1, W2, W3 as :class:`MpMatrix`."""
        W1, W2, W3 = map(self._mp_matrix, self.weights)
        return replace(self, W1=W1, W2=W2, W3=W3)

    def _mp_matrix(self, weight: Any) -> Any:
        return weight if "mpmath" in libraries(weight) else self.as_mp_matrix(weight)

    def as_mp_matrix(self, weight: Any) -> Any:
        """A weight in the path's own type (here NumPy's) as :class:`MpMatrix`, no entry rounded."""
        from mpmath import mpmathify

        rows, cols = weight.shape
        return to_mp_matrix(rows, cols, map(mpmathify, weight.flat), weight)

    @property
    def weights(self) -> tuple[Any, Any, Any]:
        return self.W1, self.W2, self.W3

    def __call__(self, X: Any) -> Any:
        """f(X) = W3·exp(W2·exp(W1·X)) for the weights as they are, X an exact d×d matrix, in the
        type of the path: balls at python-flint's precision, float64, otherwise mpmath at twice the
        digits carried (evaluated, not certified)."""
        exact, d = ExactMatrix.from_rows(X, "X"), self.problem.d
        if (exact.rows, exact.cols) != (d, d):
            raise ShapeError(f"X is {exact.rows}x{exact.cols}, not {d}x{d}", "give a d×d matrix")
        W1, W2, W3 = (w if getattr(w, "own", None) is None else w.own for w in self.weights)
        if hasattr(W1, "eig"):  # balls
            return W3 * (W2 * (W1 * exact.to_acb_mat()).exp()).exp()
        if hasattr(W1, "dtype"):
            from scipy.linalg import expm

            return W3 @ expm(W2 @ expm(W1 @ exact.to_numpy()))
        from mpmath import mp

        digits = 2 * self.digits_carried + 20
        given = map(self._mp_matrix, self.weights)
        W1, W2, W3 = (w.at_digits(digits) if w.at_digits else w for w in given)
        with mp.workdps(digits):
            return W3 * mp.expm(W2 * mp.expm(W1 * exact.to_mpmath()))

    @property
    def residuals_are(self) -> str:
        """How the residuals are known: "measured" on the weights returned, the evaluation's error
        included; "proved"; "exact"; or, of the float64 path alone, "seen by float64"."""
        if self.path == "double" and isinstance(self.residuals[0], float):
            return "seen by float64"
        if self.errors_are == "exact":  # of closed forms
            return "exact"
        return "proved" if self.label is Label.CERTIFIED else "measured"

    #: How ``conditions`` are known.
    conditions_are = "estimated"

    @cached_property
    def conditions(self) -> dict[str, Any]:
        """Condition numbers by name, relative (Frobenius); empty where the path gives none."""
        return self.condition_source()

    @cached_property
    def A(self) -> Any:
        """exp(W1·X1)."""
        return self.step("A")

    @cached_property
    def K(self) -> Any:
        """Y1⁻¹·Y2."""
        return self.step("K")

    @cached_property
    def L(self) -> Any:
        """The logarithm of K that the record describes."""
        return self.step("L")

    @cached_property
    def Z(self) -> Any:
        """L/(α − 1)."""
        return self.step("Z")

    def __getstate__(self) -> dict[str, Any]:
        """For copies and pickles: what is computed when asked for is computed now."""
        steps = {name: getattr(self, name) for name in ("A", "K", "L", "Z")}
        given = {"step": steps, "condition_source": self.conditions}
        return {name: packed(value) for name, value in (self.__dict__ | given).items()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        found = {name: unpacked(value) for name, value in state.items()}
        lazy = {"step": found["step"].__getitem__, "condition_source": found["conditions"].copy}
        self.__dict__.update(found | lazy)

    def __str__(self) -> str:
        """A few lines: problem, path, label, digits, residuals, errors, α and branch."""
        residuals, errors = (
            ", ".join(map(bound_text, figures)) for figures in (self.residuals, self.errors)
        )
        return (
            f"{printable(self.problem.name)}: d = {self.problem.d}, construction "
            f"{self.construction}, path {self.path}\n"
            f"{self.label}: {self.digits} digits asked, {self.digits_carried} carried"
            f"\nresiduals {residuals} ({self.residuals_are})\nerrors of W1, W2, W3 {errors} "
            f"({self.errors_are})\n{self.record}"
        )

    def __repr__(self) -> str:
        name = printable(self.problem.name)
        return f"<Solution of {name}: {self.path}, {self.label}, {self.digits} digits>"

    def _repr_latex_(self) -> str:
        """The weights for a notebook, every entry rounded to six digits."""
        texts = (self._mp_matrix(weight)._repr_latex_().strip("$") for weight in self.weights)
        parts = (f"W_{j} = {text}" for j, text in enumerate(texts, 1))
        return "$" + r" \quad ".join(parts) + "$"

    def _repr_html_(self) -> str:
        """Path, label, digits, residuals and the branch record for a notebook."""
        first, second = map(bound_text, self.residuals)
        return (
            f"<p>{self.path}: {self.label}, {self.digits} digits asked, {self.digits_carried} "
            f"carried</p><p>‖f(X1) − Y1‖/‖Y1‖ ≤ {first}, ‖f(X2) − Y2‖/‖Y2‖ ≤ "
            f"{second} ({self.residuals_are})</p>{self.record._repr_html_()}"
        )


def bound_text(value: Any) -> str:
    """An upper bound of any path with two digits, rounded up, however small: "7.2e-55"; exactly
    zero is 0, what is not finite inf or nan."""
    if hasattr(value, "mid"):  # python-flint's
        if not value.is_finite():
            return "inf"
        mantissa, exponent = map(int, value.mid().man_exp())
        return text_above(mantissa, exponent)
    if value - value != 0:
        return str(float(value))
    if isinstance(value, int | float):
        top, power_of_two = value.as_integer_ratio()
        return text_above(top, 1 - power_of_two.bit_length())
    return text_above(*from_mpf(value))


def condition_text(value: Any, digits: int = 3) -> str:
    """A condition number for people: "unknown" where there is no estimate."""
    if value is None:
        return "unknown"
    if isinstance(value, float):
        return f"{value:.{digits}g}"
    from mpmath import nstr

    return str(nstr(value, digits))
