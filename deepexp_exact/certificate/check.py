"""Proving claims for new certificates, and checking the claims of stored ones with balls."""

from __future__ import annotations

import contextlib
import math
import os
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import Any

from flint import arb, ctx, fmpq

from ..branches import BranchRecord, check_record
from ..constructions import fitting
from ..constructions.reals import signs
from ..errors import (
    BranchError,
    ClaimError,
    DeepexpError,
    HypothesisError,
    NotApplicableError,
    NumberError,
    PrecisionCeilingError,
)
from ..exact import ExactMatrix, hstack
from ..exact.binary import text_above
from ..files import read_json
from ..paths.ball.proving.certifying import (
    MAX_WORK,
    Verdict,
    check_branch,
    check_layer,
    check_residuals,
    prove,
)
from ..paths.ball.proving.claims import ProvedBounds
from ..problems import Problem
from ..solution import Label, Solution
from ..workers import Lost, in_pool
from .document import (
    CLAIM_IDS,
    Certificate,
    Claim,
    NoSolution,
    certificate_from_json,
    certificate_from_solution,
    claimable,
)
from .dyadic import Dyadic, dyadic_matrix

#: Bits used to compare bounds with each other.
_BITS = 64


def certify(
    problem: Problem, record: BranchRecord, W1: Any, W2: Any, W3: Any, digits: int
) -> tuple[Claim, ...]:
    """The claims C1 to C4 (C1 and C2 without a logarithm) for weights of any path, proved with
    balls.

    Weights are taken exactly (``acb_mat`` by midpoints).  Raises :class:`ClaimError` if one of
    the claims does not hold to 10^−digits, :class:`PrecisionCeilingError` if it stays undecided,
    :class:`BranchError` if the record does not fit the problem."""
    check_record(record, problem)
    fitting(problem, record.construction)
    exact = [dyadic_matrix(w, digits).to_acb_mat() for w in (W1, W2, W3)]
    evidence = prove(problem, record, (exact[0], exact[1], exact[2]), digits)
    return claims_from_evidence(evidence, digits, len(record.entries))


def claims_from_evidence(
    evidence: ProvedBounds, digits: int, eigenvalues: int
) -> tuple[Claim, ...]:
    """Claims with a little room above what was proved, so that another check confirms them.

    C1 is claimed at 10^−digits, C2 at 1 + 1/64 times the distance found, C3 at 16 times (or 5/4
    times) the radius found, C4 at twice the residual found, if that is below 1 and a checker can
    reach it."""
    bound = Dyadic.below(fmpq(1, 10**digits))
    with ctx.workprec(_BITS):
        if any(not residual <= bound.to_arb() for residual in evidence.residuals):
            raise ClaimError(
                f"C1: a residual is not below 10^-{digits}", "solve again with more digits"
            )
        radii = tuple(Dyadic.above(r * (1 + arb(fmpq(1, 64)))) for r in evidence.radii)
        if any(not r.to_arb() <= bound.to_arb() for r in radii):
            raise ClaimError(
                f"C2: a distance is not below 10^-{digits}", "solve again with more digits"
            )
        claims: tuple[Claim, ...] = (Claim("C1", (bound, bound)), Claim("C2", radii))
        spread, layer = evidence.eigenvalue_radius, evidence.layer
        if evidence.pair_radii is not None:
            return (*claims, Claim("C3", tuple(map(_widened, evidence.pair_radii))))
        if spread is None:
            return claims
        claims += (Claim("C3", (_widened(spread),) * eigenvalues),)
        if layer is None or not layer * 2 < 1:
            return claims
        return (*claims, Claim("C4", (Dyadic.above(layer * 2),)))


def _widened(spread: Any) -> Dyadic:
    """The radius to claim about an eigenvalue where ``spread`` was proved."""
    wide = Dyadic.above(spread * 16 if spread < arb(fmpq(1, 8)) else spread * arb(1.25))
    if not wide.to_arb() < arb.pi():
        raise ClaimError("C3: the weights are too coarse to tell the branch")
    return wide


def certified_certificate(
    solution: Solution, command: str = "", seed: int | None = None
) -> Certificate:
    """The certificate of a solution with its claims proved: from the evidence that the ball path
    already has, otherwise by :func:`certify`."""
    evidence = getattr(solution, "evidence", None)
    if evidence is not None:
        claims = claims_from_evidence(evidence, solution.digits, len(solution.record.entries))
    else:
        claims = certify(solution.problem, solution.record, *solution.weights, solution.digits)
    claims += (Claim("C5", ()),) * solution.real
    return certificate_from_solution(solution, claims, command, seed)


def provable_certificate(solution: Solution, command: str = "") -> tuple[Certificate, str]:
    """The certificate with the claims that could be proved, and why the others could not ("" if
    there are none)."""
    try:
        return certified_certificate(solution, command), ""
    except (ClaimError, PrecisionCeilingError) as error:
        reason = str(error)
    owed = tuple(id_ for id_ in claimable(solution.record) if id_ != "C5")
    bound = Dyadic.below(fmpq(1, 10**solution.digits))
    W1, W2, W3 = (dyadic_matrix(w, solution.digits).to_acb_mat() for w in solution.weights)
    verdicts = check_residuals(solution.problem, (W1, W2, W3), [bound.to_arb()] * 2)
    claims: tuple[Claim, ...] = (Claim("C5", ()),) * solution.real
    if all(verdict.label is Label.CERTIFIED for verdict in verdicts):
        claims, owed = (Claim("C1", (bound, bound)), *claims), owed[1:]
    made = certificate_from_solution(solution, claims, command)
    return made, f"{', '.join(owed)}: {reason}"


# ------------------------------------------------------------------------------ checking files


@dataclass(frozen=True)
class Line:
    """One line of a report: a claim, its label, and the numbers behind it as text."""

    claim: str
    label: Label
    text: str


@dataclass(frozen=True)
class CheckReport:
    """The outcome of checking one certificate file; ``status`` is the exit status it deserves."""

    path: str
    status: int
    lines: tuple[Line, ...]
    message: str = ""
    seconds: float = 0.0

    @property
    def failed(self) -> tuple[str, ...]:
        """The claims that failed or stayed undecided."""
        return tuple(dict.fromkeys(line.claim for line in self.lines if not line.label.passes))

    def __str__(self) -> str:
        out = [f"{self.path}: {self.message}"]
        out += [f"  {line.claim} {line.label.value}: {line.text}" for line in self.lines]
        return "\n".join(out)

    def to_json(self) -> dict[str, Any]:
        return {
            "path": self.path,
            "status": self.status,
            "message": self.message,
            "failed": list(self.failed),
            "claims": [
                {"claim": line.claim, "label": line.label.value, "text": line.text}
                for line in self.lines
            ],
        }


#: What checks a parsed file of another format: its lines and headline.
Checker = Callable[[dict[str, Any], str], tuple[list["Line"], str]]


def check_certificate(
    path: str | os.PathLike[str], others: Mapping[str, Checker] | None = None
) -> CheckReport:
    """Re-prove every claim of a certificate file from its problem, record and weights only; a file
    of a format among ``others`` by the function given there.

    Order of work for dimension d and weights of b bits: the exact spectrum of K once; for C1 four
    matrix exponentials in balls; for C2 and C3 the construction (two solves, one exponential,
    one eigendecomposition or d products) and one more exponential; each about log(b) + √b
    products of d×d matrices, so O(d³·(log b + √b)·M(b)) in all, M(b) the cost of multiplying b-bit
    numbers, times the few rounds of growing precision.  Memory O(d²·b·√b), d more matrices for
    repeated eigenvalues.  The precision starts at what the bounds claimed need and ends at the
    solver's own ceiling; a claim that would take more work than ``MAX_WORK`` is UNDECIDED, and so
    is one that only this checker's own bound is too weak for.  Errors become a report
    with status 2 (malformed) or 1 (a claim failed or stayed undecided)."""
    started = time.perf_counter()
    try:
        table = read_json(path)
        other = (others or {}).get(str(table.get("format")))
        if other is not None:
            lines, message = other(table, str(path))
        else:
            certificate = certificate_from_json(table, str(path))
            if isinstance(certificate, NoSolution):
                lines, message = check_no_solution(certificate)
            else:
                lines, message = check_claims(certificate)
    except DeepexpError as error:
        return CheckReport(str(path), 2, (), f"MALFORMED: {error}", time.perf_counter() - started)
    passed = bool(lines) and all(line.label.passes for line in lines)
    certified = any(line.label in (Label.CERTIFIED, Label.PROVED) for line in lines)
    return CheckReport(
        str(path),
        0 if passed and certified else 1,
        tuple(lines),
        message,
        time.perf_counter() - started,
    )


def check_no_solution(certificate: NoSolution) -> tuple[list[Line], str]:
    """N1, N2 or R6 from the exact problem alone, and a headline."""
    c, p = certificate, certificate.problem
    real = "real " if c.statement == "R6" else ""
    headline = f"d = {c.d}, no {real}solution, sha256 matches"
    try:
        refuse_exact_work(p)
    except PrecisionCeilingError as error:
        return [Line(c.statement, Label.UNDECIDED, str(error))], headline
    if c.statement == "N1":
        ranks = p.Y1.rank(), p.Y2.rank(), hstack(p.Y1, p.Y2).rank()
        holds = ranks == c.evidence and not ranks[0] == ranks[1] == ranks[2]
        text = "rank Y1 = {}, rank Y2 = {}, rank [Y1 Y2] = {}".format(*ranks)
    elif c.statement == "R6":
        found = signs(p) if p.is_real() else (0, 0)
        holds = found == c.evidence and found[0] * found[1] < 0
        text = "sign det Y1 = {}, sign det Y2 = {}".format(*found)
        text = text if p.is_real() else "the data are not real"
    else:
        row, column = c.evidence
        place = (row - 1) * c.d + column - 1
        one, two = (list(Y.entries())[place] for Y in (p.Y1, p.Y2))
        holds = p.D.is_zero() and one != two
        equal = "=" if p.D.is_zero() else "≠"
        text = f"X1 {equal} X2, Y1 and Y2 {'differ' if one != two else 'agree'} at {c.evidence}"
    return [Line(c.statement, Label.PROVED if holds else Label.FAILED, text)], headline


def check_claims(certificate: Certificate) -> tuple[list[Line], str]:
    """Every claim of a certificate with its verdict, and a headline."""
    c = certificate
    headline = f"d = {c.d}, {c.digits} digits, sha256 matches"
    if not c.claims:
        return [], f"{headline}; the certificate claims nothing"
    exact = [w.to_acb_mat() for w in c.weights]
    weights = (exact[0], exact[1], exact[2])
    lines: list[Line] = []
    first, second, third, fourth, fifth = (c.claim(id_) for id_ in CLAIM_IDS)
    if first is not None:
        verdicts = check_residuals(c.problem, weights, [b.to_arb() for b in first.numbers])
        lines += claim_lines("C1", verdicts, first, c.digits)
    if second is not None or third is not None:
        radii = None if second is None else [r.to_arb() for r in second.numbers]
        discs = None if third is None else [r.to_arb() for r in third.numbers]
        try:
            refuse_exact_work(c.problem, c.record.completion.S)
            check_record(c.record, c.problem)
            fitting(c.problem, c.construction)
            near, values = check_branch(c.problem, c.record, weights, radii, discs)
        except DeepexpError as error:
            wrong = isinstance(error, BranchError | HypothesisError | NotApplicableError)
            label = Label.FAILED if wrong else Label.UNDECIDED
            words = "the record does not fit: " if isinstance(error, BranchError) else ""
            told = [Verdict("", label, arb.pos_inf(), f"{words}{error}")]
            near, values = told if second else [], told if third else []
        if second is not None:
            lines += claim_lines("C2", near, second, c.digits)
        if third is not None:
            lines += claim_lines("C3", values, third, None)
    if fourth is not None:
        bound = fourth.numbers[0].to_arb()
        verdicts = check_layer(c.problem, c.record.alpha, weights[0], bound)
        lines += claim_lines("C4", verdicts, fourth, None)
    if fifth is not None:
        lines.append(_check_real(c))
    for id_ in CLAIM_IDS:
        if c.claim(id_) is None and (id_ != "C5" or c.record.real):
            lines.append(Line(id_, Label.NOT_APPLICABLE, "not claimed"))
    return sorted(lines, key=lambda line: line.claim), headline


def _check_real(c: Certificate) -> Line:
    """C5 from the stored numbers."""
    parts = (
        (name, im)
        for name, weight in zip(("W1", "W2", "W3"), c.weights, strict=True)
        for row in weight.rows
        for _, im in row
    )
    wrong = next((f"{name} has an imaginary part" for name, im in parts if im.mantissa), "")
    wrong = wrong if c.problem.is_real() else "the data are not real"
    text = wrong or "the data are real, and every imaginary part of W1, W2, W3 is 0"
    return Line("C5", Label.FAILED if wrong else Label.PROVED, text)


def refuse_exact_work(problem: Problem, S: ExactMatrix | None = None) -> None:
    """:class:`PrecisionCeilingError` if K and its spectrum are beyond the limit on exact work.

    d⁴·h/2·max(1, h/64) nanoseconds for entries of h bits, as measured for d = 4 and 8 and up to
    60 000 bits."""
    matrices = (m for m in (problem.Y1, problem.Y2, S) if m is not None)
    parts = (x for m in matrices for z in m.entries() for x in (z.re, z.im))
    d, bits = problem.d, max(x.p.bit_length() + x.q.bit_length() for x in parts)
    if 5e-10 * d**4 * bits * max(1, bits / 64) > MAX_WORK:
        raise PrecisionCeilingError(
            f"beyond the limit on work: exact eigenvalues for entries of {bits} bits at d = {d}"
        )


def claim_lines(id_: str, verdicts: list[Verdict], claim: Claim, digits: int | None) -> list[Line]:
    """The verdicts on one claim as lines; a bound above 10^−digits fails."""
    out = []
    numbers = claim.numbers if len(verdicts) == len(claim.numbers) else claim.numbers[:1]
    for verdict, number in zip(verdicts, numbers, strict=True):
        label, text = verdict.label, verdict.message
        if digits is not None and number.to_fmpq() * 10**digits > 1:
            label, text = Label.FAILED, f"the bound claimed exceeds 10^-{digits}"
        told = f"claimed {text_above(number.mantissa, number.exponent)}"
        with contextlib.suppress(NumberError):  # an infinite or absurdly large bound is not told
            obtained = Dyadic.above(verdict.obtained)
            told = f"obtained {text_above(obtained.mantissa, obtained.exponent)}, {told}"
        subject = f"{verdict.subject}: " if verdict.subject else ""
        out.append(Line(id_, label, f"{subject}{told}" + (f" ({text})" if text else "")))
    return out


def check_files(
    paths: Sequence[str | os.PathLike[str]],
    jobs: int | None = 1,
    seconds: float = math.inf,
    memory_mb: int = 0,
    check: str = f"{__name__}:report_json",
) -> Generator[CheckReport, None, None]:
    """Reports of several files in the given order, each as soon as it is there; ``jobs`` at a time
    in worker processes (None: as many as processors), each with at most so many seconds and
    megabytes (0: no limit), beyond which it is undecided; ``check`` names what a worker calls."""
    calls = [(os.fspath(path),) for path in paths]
    ended: dict[int, CheckReport] = {}
    following = 0
    with closing(in_pool(check, calls, jobs, seconds, memory_mb)) as stream:
        for index, answer in stream:
            if isinstance(answer, Lost):
                text = f"UNDECIDED: {answer.reason}"
                ended[index] = CheckReport(calls[index][0], 1, (), text, answer.seconds)
            else:
                lines = tuple(
                    Line(**row | {"label": Label(row["label"])}) for row in answer["lines"]
                )
                ended[index] = CheckReport(**answer | {"lines": lines})
            while following in ended:
                yield ended.pop(following)
                following += 1


def report_json(path: str) -> dict[str, Any]:
    """:func:`check_certificate` for a worker process."""
    return asdict(check_certificate(path))
