"""What the campaign draws: problem, digits, α, turn, branch and path of each index."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

#: Sizes that exist of a family, or that stay within the time limit.
SIZES = {
    "hadamard-K": (1, 2, 4, 8),
    "al-mohy-higham-K": tuple(range(1, 9)),
}
#: Families of hard and huge data are drawn up to this size.
HARD_D = 8
RATIONAL = "gaussian-rational"
MOST_D, FEWEST_DIGITS, MOST_DIGITS = 12, 1, 300
#: Digits that what was drawn may lose by prediction before milder choices stand in, and how many
#: where the draw is bold.
MOST_LOSS, BOLD_LOSS = 150.0, 1500.0
ALPHAS = ("3", "1/3", "i", "-1", "2", "-1/2", "1+i", "3/5+4/5i", "1001/1000", "-7/5-1/3i")
PATHS = ("multiprecision", "default", "ball")


@dataclass(frozen=True)
class Draw:
    """One problem of the campaign and how it is to be solved."""

    index: int
    family: str
    d: int
    seed: int
    digits: int
    alpha: str = "auto"
    turn: int = 0
    branch: str = "principal"
    branch_seed: int = 0
    path: str = "default"
    bold: bool = False


def families() -> list[str]:
    from deepexp_exact.problems.families import FAMILIES, HARD

    return [*sorted(FAMILIES | HARD), RATIONAL]


def draw(seed: int, index: int) -> Draw:
    """Problem ``index`` of the campaign with this seed: families in turn, sizes in proportion to
    1/d, digits even on a log scale."""
    from deepexp_exact.problems.families import HARD

    rng = random.Random(f"campaign/{seed}/{index}")
    names = families()
    family = names[index % len(names)]
    sizes = SIZES.get(family, range(1, (HARD_D if family in HARD else MOST_D) + 1))
    kind = rng.choices(("auto", "positive", "number"), (5, 2, 3))[0]
    return Draw(
        index,
        family,
        d=rng.choices(sizes, [1 / d for d in sizes])[0],
        seed=rng.randrange(10**6),
        digits=round(FEWEST_DIGITS * (MOST_DIGITS / FEWEST_DIGITS) ** rng.random()),
        alpha=rng.choice(ALPHAS) if kind == "number" else kind,
        turn=rng.choices((0, 1, -1), (8, 1, 1))[0],
        branch=rng.choices(("principal", "smallest-norm", "integers"), (2, 1, 1))[0],
        branch_seed=rng.randrange(10**6),
        path=rng.choices(PATHS, (6, 3, 1))[0],
        bold=rng.random() < 0.05,
    )


def gaussian_rational_problem(d: int, seed: int) -> Any:
    """Entries (p + q·i)/r with |p|, |q| ≤ 9 and r ≤ 7, drawn until the hypotheses hold."""
    from flint import fmpq

    from deepexp_exact.exact import ExactMatrix, gaussian
    from deepexp_exact.problems import Problem

    rng = random.Random(f"{RATIONAL}/{d}/{seed}")

    def entry() -> Any:
        r = rng.randint(1, 7)
        return gaussian(fmpq(rng.randint(-9, 9), r), fmpq(rng.randint(-9, 9), r))

    while True:
        X1, X2, Y1, Y2 = (
            ExactMatrix.from_rows([[entry() for _ in range(d)] for _ in range(d)]) for _ in range(4)
        )
        if (X2 - X1).is_invertible() and Y1.is_invertible() and Y2.is_invertible():
            return Problem(X1, X2, Y1, Y2, name=f"{RATIONAL}-d{d}-s{seed}")


def build(one: Draw) -> Any:
    """The problem; families with a random D or Y are drawn again until the hypotheses hold."""
    from deepexp_exact.problems.families import FAMILIES, HARD

    if one.family == RATIONAL:
        return gaussian_rational_problem(one.d, one.seed)
    for attempt in range(100):
        problem = (FAMILIES | HARD)[one.family].build(one.d, one.seed + 10**6 * attempt)
        if all(h.holds for h in problem.hypotheses() if h.required):
            return problem
    raise ValueError(f"no problem of family {one.family} satisfies the hypotheses")


def record_of(problem: Any, one: Draw) -> tuple[Any, bool]:
    """The branch record drawn for the problem, or the first of these that is predicted to lose at
    most MOST_LOSS digits (BOLD_LOSS where the draw is bold): α by the rule ``auto``, then without
    turns, then the principal branch; and whether it is the one that was drawn."""
    from deepexp_exact.alpha import predicted_loss
    from deepexp_exact.solving import choose_record
    from deepexp_exact.spectrum import spectrum

    branch: Any = one.branch
    if branch == "integers":
        rng = random.Random(one.branch_seed)
        count = len(spectrum(problem.quotient).eigenvalues)
        branch = [rng.randint(-2, 2) for _ in range(count)]
    tries = ((one.alpha, one.turn, branch), ("auto", one.turn, branch), ("auto", 0, branch))
    attempts = (*tries, ("auto", 0, "principal"))
    for alpha, turn, rule in attempts:
        record, loss = choose_record(problem, alpha, turn, rule)
        if loss is None:
            loss = predicted_loss(problem, record.alpha, ks=record.ks, turn=record.turn)
        if loss <= (BOLD_LOSS if one.bold else MOST_LOSS):
            break
    return record, (alpha, turn, rule) == attempts[0]
