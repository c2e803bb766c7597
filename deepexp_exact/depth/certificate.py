"""The file ``deepexp-exact/two-layers`` version 1: W2·exp(W1·X) through both points of a problem.

Claims, about the stored dyadic weights: C1, for i = 1, 2, ‖W2·exp(W1·Xi) − Yi‖_F ≤ b_i·‖Yi‖_F with
b_i ≤ 10^−digits; C2, an exact solution (W1*, W2*) of both equations has ‖Wj − Wj*‖_F ≤ r_j·‖Wj‖_F
for j = 1, 2 with r_j ≤ 10^−digits.  ``sha256`` covers the object as in other certificates.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from flint import arb, ctx, fmpq

from ..certificate import (
    Claim,
    Dyadic,
    DyadicMatrix,
    canonical_sha256,
    dyadic_matrix,
    installed_versions,
)
from ..certificate.check import Line, check_certificate, claim_lines
from ..certificate.document import MAX_DIGITS
from ..errors import FormatError, PrecisionCeilingError
from ..files import expect_format, expect_int, expect_keys, expect_list, expect_text
from ..paths.ball.proving.certifying import Verdict
from ..precision import MoreBits, raise_until
from ..problems import Problem
from ..solution import Label
from .certifying import MAX_UNKNOWNS, Equations, Weights, residuals
from .solving import Found, distances

FORMAT, VERSION = "deepexp-exact/two-layers", 1
WEIGHTS = ("W1", "W2")
_CLAIMS = {"C1": "bounds", "C2": "radii"}
#: Most bits the checker works with.
MAX_BITS = 120_000


@dataclass(frozen=True)
class TwoLayers:
    """Problem, stored weights and claims (``Claim`` with two numbers each), as in the file."""

    problem: Problem
    digits: int
    digits_carried: int
    weights: tuple[DyadicMatrix, DyadicMatrix]
    claims: tuple[Claim, ...]
    versions: dict[str, str] = field(default_factory=dict)
    command: str = ""
    seed: int | None = None

    @classmethod
    def of(cls, problem: Problem, found: Found, command: str, seed: int) -> TwoLayers:
        """The certificate of certified weights, C2 with a little room above what was proved."""
        bound = Dyadic.below(fmpq(1, 10**found.digits))
        with ctx.workprec(64):
            radii = tuple(Dyadic.above(r * (1 + arb(fmpq(1, 64)))) for r in found.radii)
        W1, W2 = (dyadic_matrix(w) for w in found.weights)
        claims = (Claim("C1", (bound, bound)), Claim("C2", radii))
        return cls(
            problem, found.digits, found.digits_carried, (W1, W2), claims,
            installed_versions(), command, seed,
        )  # fmt: skip

    def to_json(self) -> dict[str, Any]:
        """The whole object, ``sha256`` included."""
        table: dict[str, Any] = {
            "format": FORMAT,
            "version": VERSION,
            "problem": self.problem.to_hex(),
            "digits": self.digits,
            "digits_carried": self.digits_carried,
            "weights": {n: w.to_json() for n, w in zip(WEIGHTS, self.weights, strict=True)},
            "claims": [_claim_json(claim) for claim in self.claims],
            "provenance": {"versions": self.versions, "command": self.command, "seed": self.seed},
        }
        return table | {"sha256": canonical_sha256(table)}

    @classmethod
    def from_json(cls, table: dict[str, Any], where: str = "certificate") -> TwoLayers:
        """Read a table made by :func:`files.parse_json`; every field is validated.

        Raises :class:`FormatError`, :class:`NumberError` or :class:`ShapeError` with the place."""
        expect_format(table, FORMAT, VERSION, where)
        keys = ("problem", "digits", "digits_carried", "weights", "claims", "provenance", "sha256")
        expect_keys(table, ("format", "version", *keys), where)
        for key in ("problem", "weights", "provenance"):
            if not isinstance(table[key], dict):
                raise FormatError(f"{where}: {key} is not an object")
        problem = Problem.from_hex(table["problem"], f"{where}: problem")
        expect_keys(table["weights"], WEIGHTS, f"{where}: weights")
        W1, W2 = (
            DyadicMatrix.from_json(table["weights"][name], problem.d, f"{where}: {name}")
            for name in WEIGHTS
        )
        out = cls(
            problem,
            expect_int(table["digits"], f"{where}: digits", 1, MAX_DIGITS),
            expect_int(table["digits_carried"], f"{where}: digits_carried", 1, MAX_DIGITS),
            (W1, W2),
            _read_claims(table["claims"], f"{where}: claims"),
            *_read_provenance(table["provenance"], f"{where}: provenance"),
        )
        # Every field has one text only, so that the object says what the file says.
        if expect_text(table["sha256"], f"{where}: sha256", 64) != out.to_json()["sha256"]:
            raise FormatError(
                f"{where}: sha256 does not match its content", "the file was changed or damaged"
            )
        return out


def _claim_json(claim: Claim) -> dict[str, Any]:
    texts = [str(number) for number in claim.numbers]
    if claim.id == "C1":
        return {"id": "C1", "bounds": texts}
    return {"id": "C2", "radii": dict(zip(WEIGHTS, texts, strict=True))}


def _read_claims(rows: object, where: str) -> tuple[Claim, ...]:
    out = []
    for j, row in enumerate(expect_list(rows, where), 1):
        id_ = row.get("id") if isinstance(row, dict) else None
        if id_ not in ("C1", "C2") or type(id_) is not str:
            raise FormatError(f"{where}, claim {j}: the id is neither C1 nor C2")
        expect_keys(row, ("id", _CLAIMS[id_]), f"{where}, claim {j}")
        texts = row[_CLAIMS[id_]]
        if id_ == "C2":
            if not isinstance(texts, dict):
                raise FormatError(f"{where}, claim {j}: radii is not an object")
            expect_keys(texts, WEIGHTS, f"{where}, claim {j}: radii")
            texts = [texts[name] for name in WEIGHTS]
        texts = expect_list(texts, f"{where}, claim {j}: bounds", 2)
        numbers = tuple(Dyadic.parse(text) for text in texts)
        if any(number.mantissa < 0 for number in numbers):
            raise FormatError(f"{where}, claim {j}: a bound is negative")
        out.append(Claim(id_, numbers))
    ids = [claim.id for claim in out]
    if ids != sorted(set(ids)):
        raise FormatError(f"{where}: the ids {ids} are repeated or out of order")
    return tuple(out)


def _read_provenance(table: dict[str, Any], where: str) -> tuple[dict[str, str], str, int | None]:
    expect_keys(table, ("versions", "command", "seed"), where)
    versions = table["versions"]
    if not isinstance(versions, dict) or len(versions) > 40:
        raise FormatError(f"{where}: versions is not an object of at most 40 texts")
    read = {
        expect_text(name, f"{where}: versions", 80): expect_text(text, f"{where}: {name}", 200)
        for name, text in versions.items()
    }
    seed = table["seed"]
    seed = None if seed is None else expect_int(seed, f"{where}: seed", 0, 10**18)
    return read, expect_text(table["command"], f"{where}: command", 4000), seed


# ------------------------------------------------------------------------------ checking files


def report_json(path: str) -> dict[str, Any]:
    """The check of a certificate of either format, for a worker process."""
    return asdict(check_certificate(path, {FORMAT: check_table}))


def check_table(table: dict[str, Any], path: str) -> tuple[list[Line], str]:
    """Every claim of a two-layer certificate proved again in balls from its problem and weights,
    with its verdict, and a headline.  A claim is FAILED only if it is refuted."""
    made = TwoLayers.from_json(table, path)
    headline = f"two layers, d = {made.problem.d}, {made.digits} digits, sha256 matches"
    if not made.claims:
        return [], f"{headline}; the certificate claims nothing"
    checks = {"C1": _check_residuals, "C2": _check_distances}
    lines: list[Line] = []
    for claim in made.claims:
        verdicts = checks[claim.id](made, claim)
        lines += claim_lines(claim.id, verdicts, claim, made.digits)
    for id_ in _CLAIMS.keys() - {claim.id for claim in made.claims}:
        lines.append(Line(id_, Label.NOT_APPLICABLE, "not claimed"))
    return sorted(lines, key=lambda line: line.claim), headline


def _stored(made: TwoLayers) -> tuple[Weights, Equations, int]:
    """The weights as exact balls, the points without quotients, the bits to start with."""
    p = made.problem
    weights = tuple(w.to_acb_mat() for w in made.weights)
    points = Equations((p.X1, p.X2), (p.Y1, p.Y2), ())
    finest = min((number.exponent for claim in made.claims for number in claim.numbers), default=0)
    return weights, points, min(MAX_BITS, 2 * max(0, -finest) + 128)


def _check_residuals(made: TwoLayers, claim: Claim) -> list[Verdict]:
    weights, points, start = _stored(made)
    bounds = [number.to_arb() for number in claim.numbers]

    def attempt(bits: int) -> list[Verdict]:
        with ctx.workprec(bits):
            found = residuals(weights, points)
        out = []
        for j, ((upper, lower), bound) in enumerate(zip(found, bounds, strict=True), 1):
            if not (upper <= bound or lower > bound):
                raise MoreBits("a residual is not told from its bound", bits // 2)
            label = Label.CERTIFIED if upper <= bound else Label.FAILED
            out.append(Verdict(f"f(X{j})", label, upper if upper <= bound else lower, ""))
        return out

    return _decided(attempt, start)


def _check_distances(made: TwoLayers, claim: Claim) -> list[Verdict]:
    """C2 cannot be refuted, only confirmed: what is not confirmed is UNDECIDED, but for singular
    outputs and problems that two layers cannot solve."""
    from .obstruction import two_layers_obstacle

    weights, points, start = _stored(made)
    bounds = [number.to_arb() for number in claim.numbers]
    statement, evidence = two_layers_obstacle(made.problem)
    if statement:
        words = f"no two layers solve this problem: {evidence} ({statement})"
        return [Verdict("", Label.FAILED, arb.pos_inf(), words)]
    large = made.problem.d**2 > MAX_UNKNOWNS
    if large or not made.problem.Y1.is_invertible():
        words = f"more than {MAX_UNKNOWNS} unknowns" if large else "Y1 is singular"
        return [Verdict("", Label.UNDECIDED, arb.pos_inf(), words)]
    full = Equations.of(points.inputs, points.outputs)

    def attempt(bits: int) -> list[Verdict]:
        with ctx.workprec(bits):
            radii, _ = distances(weights, full)
        if not all(r <= bound for r, bound in zip(radii, bounds, strict=True)):
            raise MoreBits("no exact solution is proved within the radii", bits)
        return [
            Verdict(name, Label.CERTIFIED, r, "") for name, r in zip(WEIGHTS, radii, strict=True)
        ]

    return _decided(attempt, start)


def _decided(attempt: Any, start: int) -> list[Verdict]:
    """The verdicts, or one that is UNDECIDED with its reason."""
    try:
        found: list[Verdict] = raise_until(
            attempt, start, min(MAX_BITS, 8 * start), "checking this claim needs"
        )
    except PrecisionCeilingError as error:
        return [Verdict("", Label.UNDECIDED, arb.pos_inf(), error.message)]
    return found
