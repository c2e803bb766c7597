"""The ``shift`` construction in closed form, with f(X1) = Y1 and f(X2) = Y2 proved exactly.

The weights are elements of Q(i)[√Δ1, ..., c, ℓ1, ...] with exponentials.  The only relations used
are i² = −1, (√Δ)² = Δ, e^c = α, e^(ℓ_j) = λ_j and e^p·e^q = e^(p+q); each is true of the numbers,
so a normal form of zero proves an identity.  Each exponential of a matrix is proved to be one
(:mod:`spectral`), each step P1..P7 is an identity of matrices, and together they are the two
equations.  No floating-point number and no numerical test for zero takes part; balls are used
only to tell which eigenvalue a box of the branch record holds, by disjointness.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import Any

from ....branches import BranchRecord
from ....constructions import fitting
from ....errors import NotApplicableError
from ....problems import Problem
from ....solution import Label, Solution
from ..algebra.evidence import Identities
from ..algebra.functions import TIME
from ..algebra.matrices import Matrix
from ..algebra.radicals import (
    IMAGINARY,
    Surds,
    eigenvalues,
    exact_matrix,
    gaussian_element,
    invert,
    root_element,
)
from ..algebra.rings import Element, Ring
from ..algebra.spectral import logarithm, split
from ..closed_form import (
    expression,
    expression_matrix,
    sympy_logarithm,
    sympy_root,
    sympy_scale,
)
from ..evaluation import to_digits
from ..matching import match_entries
from .formulas import Shift

#: Largest size of a problem on this path.
MAX_D = 4
FORMULAS = Shift()


@dataclass(frozen=True, repr=False)
class SymbolicSolution(Solution):
    """A solution in closed form, with the identities that prove it.

    ``identities`` names every exact identity decided; ``latex`` holds the weights in terms of
    c and the ℓ_j, and what these are."""

    identities: tuple[str, ...] = ()
    latex: tuple[str, ...] = ()

    def evaluate(self, digits: int) -> tuple[Any, Any, Any]:
        """W1, W2, W3 as mpmath matrices, each within 10^−digits (relative, Frobenius)."""
        W1, W2, W3 = (to_digits(getattr(W, "own", None) or W, digits) for W in self.weights)
        return W1, W2, W3

    def as_mp_matrix(self, weight: Any) -> Any:
        """The closed form to the digits carried; it stays with them."""
        made = to_digits(weight, self.digits_carried)
        made.own, made.at_digits = weight, partial(to_digits, weight)
        return made

    def to_latex(self) -> str:
        """The solution as LaTeX display formulas (amsmath)."""
        return "\n".join(f"\\[ {formula} \\]" for formula in self.latex) + "\n"

    def _repr_latex_(self) -> str:
        return "\n\n".join(f"$\\displaystyle {formula}$" for formula in self.latex)


def solve_shift(problem: Problem, record: BranchRecord, digits: int = 50) -> SymbolicSolution:
    """W1, W2, W3 in closed form for the recorded branch; label PROVED.

    ``digits`` is only recorded: the weights are exact (``evaluate`` gives as many digits as one
    asks for).  :class:`NotApplicableError` if d > 4 or an eigenvalue of K or D⁻¹·X1 has degree
    above 2 over Q(i); :class:`HypothesisError` if D is singular or no K has Y1·K = Y2;
    :class:`BranchError` if the record is of another problem.  Gai & Zhang (2024), theorem 1."""
    started = time.perf_counter()
    if problem.d > MAX_D:
        raise NotApplicableError(
            f"closed forms are given for d ≤ {MAX_D}, not {problem.d}", "use another path"
        )
    if record.logarithm.J is not None:
        raise NotApplicableError(
            "closed forms are given for primary logarithms, not for one paired by J",
            "use another path",
        )
    fitting(problem, "shift")
    try:
        return _Instance(problem, record).solution(digits, started)
    except OverflowError as error:
        raise NotApplicableError(
            f"a closed form would hold a huge power: {error}", "use another path"
        ) from None


class _Instance:
    """The ring of one problem, and the construction carried out in it."""

    def __init__(self, problem: Problem, record: BranchRecord) -> None:
        self.problem, self.record = problem, record
        inverse_of_D = problem.D.inverse()
        M = inverse_of_D @ problem.X1
        surds = Surds()
        self.inner_roots = eigenvalues(M, "D⁻¹·X1", surds)
        self.quotient = record.quotient(problem)
        self.roots = eigenvalues(self.quotient.matrix, "K", surds)
        self.surds = surds
        self.entries = match_entries(self.roots, surds, record)
        self.surd_names = [f"s{n + 1}" for n in range(len(surds.radicands))]
        self.log_names = [f"l{j + 1}" for j in range(len(self.roots))]
        ring = Ring([TIME, *self.surd_names, "c", *self.log_names, IMAGINARY], keep_first=True)
        self.ring = ring
        i = ring.generator(IMAGINARY)
        ring.add_relation(i * i + ring.one)
        for name, radicand in zip(self.surd_names, surds.radicands, strict=True):
            s = ring.generator(name)
            ring.add_relation(s * s - gaussian_element(ring, radicand))
        self.alpha = gaussian_element(ring, record.alpha)
        ring.add_logarithm("c", self.alpha, self._inverse(self.alpha))
        self.values = [root_element(ring, root, self.surd_names) for root in self.roots]
        for name, value in zip(self.log_names, self.values, strict=True):
            ring.add_logarithm(name, value, self._inverse(value))
        self.inverse_of_D, self.M = exact_matrix(ring, inverse_of_D), exact_matrix(ring, M)

    def _inverse(self, value: Element) -> Element:
        return invert(self.ring, value, self.surd_names)

    def solution(self, digits: int, started: float) -> SymbolicSolution:
        evidence = Identities()
        matrices = self._construct(evidence)
        values = self._sympy_values()
        weights = {name: expression_matrix(m, values) for name, m in matrices.items()}
        findings = [f"{evidence.identities} exact identities decided over {self._field()}"]
        findings += [f"not an identity: {words}" for words in evidence.failures]
        return SymbolicSolution(
            problem=self.problem,
            construction="shift",
            path="symbolic",
            record=self.record,
            digits=digits,
            digits_carried=digits + 15,
            working_digits=digits,
            residuals=(0, 0),
            errors=(0, 0, 0),
            errors_are="exact",
            label=Label.PROVED if evidence.holds else Label.FAILED,
            seconds=time.perf_counter() - started,
            findings=tuple(findings),
            identities=tuple(evidence.words),
            latex=self._latex(matrices),
            W1=weights["W1"],
            W2=weights["W2"],
            W3=weights["W3"],
            step=weights.__getitem__,
        )

    def _construct(self, evidence: Identities) -> dict[str, Matrix]:
        """Carry out the construction and decide P1..P7 on this problem."""
        ring, formulas, problem = self.ring, FORMULAS, self.problem
        X1, X2, Y1, Y2 = (
            exact_matrix(ring, m) for m in (problem.X1, problem.X2, problem.Y1, problem.Y2)
        )
        left, right = self.quotient.left, self.quotient.right  # Y1 and Y2, or I and K completed
        identity = Matrix.identity(ring, problem.d)
        c, alpha = ring.generator("c"), self.alpha
        beta = self._inverse(alpha - ring.one)

        W1 = formulas.first_weight(c, self.inverse_of_D)
        first, second = W1 @ X1, W1 @ X2
        evidence.equal("P1: W1·X2 = W1·X1 + c·I", second, first + identity.scale(c))
        inner = split(
            self.M,
            [root_element(ring, root, self.surd_names) for root in self.inner_roots],
            [root.multiplicity for root in self.inner_roots],
            self.surd_names,
        ).scale(c)
        A = inner.proved_exponential(first, evidence, "W1·X1", formulas)
        shifted = inner.shift(c).proved_exponential(second, evidence, "W1·X2", formulas)
        claimed = formulas.second_exponential(alpha, A)
        evidence.equal("P2: exp(W1·X2) = α·A", shifted, claimed)
        inverse_of_A = inner.scale(-ring.one).proved_exponential(
            formulas.inverse_argument(first), evidence, "(−W1·X1)", formulas
        )
        evidence.equal("P3: exp(−W1·X1)·A = I", inverse_of_A @ A, identity)

        K = formulas.quotient(exact_matrix(ring, left.inverse()), exact_matrix(ring, right))
        evidence.equal("P4: Y1·K = Y2", Y1 @ K, Y2)
        logs = ring.generators(self.log_names)
        multiplicities = [root.multiplicity for root in self.roots]
        spectral = split(K, self.values, multiplicities, self.surd_names)
        parts = logarithm(spectral, logs, self.surd_names, formulas)
        L = parts.matrix()
        evidence.equal("P4: exp(L) = K", parts.proved_exponential(L, evidence, "L", formulas), K)

        Z = formulas.scaled_logarithm(L, beta)
        W2 = formulas.second_weight(Z, inverse_of_A)
        evidence.equal("P5: W2·exp(W1·X1) = Z", W2 @ A, Z)
        evidence.equal("P5: W2·exp(W1·X2) = α·Z", W2 @ shifted, Z.scale(alpha))
        scaled = parts.scale(beta)
        exp_Z = scaled.proved_exponential(Z, evidence, "Z", formulas)
        exp_alpha_Z = scaled.scale(alpha).proved_exponential(
            W2 @ shifted, evidence, "W2·exp(W1·X2)", formulas
        )
        evidence.equal("P6: exp(α·Z) = exp(Z)·K", exp_alpha_Z, formulas.telescope(exp_Z, K))
        minus = scaled.scale(-ring.one).proved_exponential(-Z, evidence, "(−Z)", formulas)
        W3 = formulas.third_weight(Y1, minus)
        evidence.equal("P7: f(X1) = W3·exp(W2·exp(W1·X1)) = Y1", W3 @ exp_Z, Y1)
        evidence.equal("P7: f(X2) = W3·exp(W2·exp(W1·X2)) = Y2", W3 @ exp_alpha_Z, Y2)
        return {"W1": W1, "W2": W2, "W3": W3, "A": A, "K": K, "L": L, "Z": Z}

    # -- closed forms

    def _sympy_values(self) -> dict[str, Any]:
        """What the ring's indeterminates are."""
        from sympy import I

        values: dict[str, Any] = {IMAGINARY: I, "c": sympy_scale(self.record)}
        for name, radicand in zip(self.surd_names, self.surds.radicands, strict=True):
            values[name] = sympy_root(radicand)
        for name, value, entry in zip(self.log_names, self.values, self.entries, strict=True):
            values[name] = sympy_logarithm(expression(value, values), entry)
        return values

    def _field(self) -> str:
        roots = [f"√({radicand})" for radicand in self.surds.radicands]
        return f"Q({', '.join(['i', *roots])})"

    def _latex(self, matrices: dict[str, Matrix]) -> tuple[str, ...]:
        from sympy import Symbol, latex

        values = self._sympy_values()
        symbols = dict(values)
        symbols["c"] = Symbol("c")
        for j, name in enumerate(self.log_names):
            symbols[name] = Symbol(f"\\ell_{{{j + 1}}}")
        out = [f"c = {latex(values['c'])}"]
        out += [f"{symbols[name]} = {latex(values[name])}" for name in self.log_names]
        for name in ("W1", "W2", "W3"):
            matrix = expression_matrix(matrices[name], symbols)
            out.append(f"{name[0]}_{name[1]} = {latex(matrix)}")
        return tuple(out)
