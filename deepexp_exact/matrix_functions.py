"""The certified logarithm and exponential of one exact matrix, for everybody.

``logm`` decides the branch exactly (the side of the cut never hangs on a rounding), records it, and
encloses the value in balls (Johansson 2017; for the logarithm Higham, *Functions of Matrices*,
chapters 1 and 11); ``branch="real"`` gives the real logarithm of a real matrix or says that none
exists (Culver 1966).  ``expm`` encloses the exponential."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from .branches import LogarithmRecord, make_logarithm
from .branches.rules import Rule
from .errors import ShapeError
from .exact import ExactMatrix, as_quotient, whole
from .precision import MoreBits, raise_until
from .solution import Label
from .threads import one_blas_thread

#: Most digits, and the ceiling of the working precision in bits.
MAX_DIGITS, MAX_BITS = 20_000, 400_000
#: Bits that the value carries beyond the digits asked.
_SPARE = 8
#: Largest size for which a condition number is estimated, and the ceiling for it in bits.
_CONDITIONED, _CONDITION_BITS = 24, 20_000


@dataclass(frozen=True)
class MatrixFunction:
    """f(A) of an exact A: ``value`` is a d×d mpmath matrix, ``radius`` a proved bound of
    ‖value − f(A)‖_F/‖value‖_F, at most 10^−``digits``.

    ``condition`` is ‖f'(A)‖·‖A‖/‖f(A)‖ (Frobenius, estimated: a float, an mpmath number beyond
    its range, None where it is unknown or A or f(A) is zero).  For a logarithm ``record`` says
    which; ``J`` is the rational matrix of a real one (None where no eigenvalue is negative)."""

    value: Any
    radius: Any
    digits: int
    condition: Any
    record: LogarithmRecord | None = None
    J: ExactMatrix | None = None
    label: Label = Label.CERTIFIED

    def rounded(self) -> tuple[list[list[str]], Any]:
        """The entries as texts of ``digits`` significant digits, and a proved bound of their
        relative error as a matrix: ``radius`` with what rounding adds."""
        from flint import acb_mat, arb, ctx

        from .paths.ball.functions import enclosures as en

        rows = self.value.decimal(self.digits)
        with ctx.workprec(8 * self.digits + 128):
            exact = self.value.to_acb_mat()
            moved = en.norm_upper(acb_mat([list(map(_ball, row)) for row in rows]) - exact)
            return rows, (en.quotient(moved, en.norm_lower(exact)) + arb(self.radius)).upper()


@one_blas_thread()
def logm(K: Any, digits: int = 50, branch: Rule | LogarithmRecord = "principal") -> MatrixFunction:
    """L with exp(L) = K for an exact invertible K (whatever :class:`ExactMatrix` reads), to
    ``digits`` decimal digits, proved.

    ``branch``: ``"principal"`` (−π < Im ≤ π, closed at +π), ``"smallest-norm"``, ``"real"``, one
    integer k for each distinct eigenvalue in order of (Re, Im), or a record.  Raises
    :class:`HypothesisError` for a singular K, or where no real logarithm exists,
    :class:`BranchError` for a branch that does not fit, :class:`PrecisionCeilingError`."""
    matrix = _square(K, "K")
    digits = whole(digits, "digits", 1, MAX_DIGITS)
    quotient = as_quotient(matrix)
    quotient.require_invertible()
    record = make_logarithm(quotient, branch)
    value, radius = _certified(lambda: _branch(matrix, record), digits)
    condition = None
    if matrix.rows <= _CONDITIONED:
        from .paths.multiprecision.network.conditions import condition_of_log

        condition = condition_of_log(record, quotient, _CONDITION_BITS)
    return MatrixFunction(value, radius, digits, condition, record, record.J)


@one_blas_thread()
def expm(A: Any, digits: int = 50) -> MatrixFunction:
    """exp(A) of an exact A to ``digits`` decimal digits, proved.

    Raises :class:`PrecisionCeilingError` where ‖A‖ is so large that the ceiling is reached."""
    from .paths.ball.functions import enclosures as en

    matrix = _square(A, "A")
    digits = whole(digits, "digits", 1, MAX_DIGITS)
    value, radius = _certified(
        lambda: en.require_finite(en.from_exact(matrix).exp(), "exp(A)"), digits
    )
    condition = None
    if matrix.rows <= _CONDITIONED and not matrix.is_zero():
        from .paths.multiprecision.network.conditions import condition_of_exp

        condition = condition_of_exp(matrix, _CONDITION_BITS)
    return MatrixFunction(value, radius, digits, condition)


def _ball(text: str) -> Any:
    """The number of a text such as 1.25-3.0e-7i in a ball."""
    from flint import acb, arb

    parts = re.findall(r"[+-]?[0-9.]+(?:e[+-]?[0-9]+)?i?", text)
    return sum((acb(0, arb(p[:-1])) if p[-1] == "i" else acb(arb(p)) for p in parts), acb(0))


def _square(rows: Any, name: str) -> ExactMatrix:
    matrix = ExactMatrix.from_rows(rows, name)
    if matrix.rows != matrix.cols:
        raise ShapeError(f"{name} is {matrix.rows}x{matrix.cols}, not square", "give a d×d matrix")
    return matrix


def _branch(matrix: ExactMatrix, record: LogarithmRecord) -> Any:
    """The recorded logarithm in balls at the current precision."""
    from .paths.ball.functions import enclosures as en
    from .paths.ball.functions.logarithm import logarithm

    quotient = as_quotient(matrix)
    return logarithm(quotient, record, en.from_exact(matrix)).L


def _certified(enclosed: Any, digits: int) -> tuple[Any, Any]:
    """The rounded midpoint of an enclosure and a proved relative radius of at most 10^−digits."""
    from flint import ctx

    from .paths.ball.functions import enclosures as en

    carried = math.ceil(digits * math.log2(10)) + _SPARE

    def attempt(bits: int) -> tuple[Any, Any]:
        with ctx.workprec(bits):
            exact = enclosed()
            center = en.rounded_midpoints(exact, carried)
            radius = en.quotient(en.norm_upper(exact - center), en.norm_lower(center))
            lack = en.log2_of(radius) - en.log2_of(en.ten_to_minus(digits))
            if lack > 0:
                raise MoreBits("the enclosure stays too wide", lack)
            return en.to_mpmath(center), en.to_mpf(radius)

    value: tuple[Any, Any] = raise_until(
        attempt, carried + 64, MAX_BITS, f"{digits} digits need", "ask for fewer digits"
    )
    return value
