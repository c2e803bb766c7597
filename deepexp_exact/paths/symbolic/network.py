"""B1, N1 and N2: what one layer can do, and what every solution of three layers implies."""

from __future__ import annotations

from .algebra.evidence import Identities
from .algebra.functions import all_types
from .algebra.matrices import Matrix, entry_names, stack
from .algebra.rings import Element, Key, Ring
from .shift.steps import inverse_exponential


class Network:
    """The formulas of B1, N1 and N2, written once; a mutation gets one of them wrong."""

    def transfer(self, inverse_of_first: Matrix, second: Matrix) -> Matrix:
        """N1: T = E1⁻¹·E2 takes Y1 = W3·E1 to Y2 = W3·E2 by Y2 = Y1·T."""
        return inverse_of_first @ second

    def elimination(self, Y_left: Matrix, rank: int) -> Matrix:
        """B1: the unimodular matrix [[I, 0], [−[Y_left 0], I]] that clears Y_left below [I 0; 0 0].

        Y_left is d×rank."""
        ring, d = Y_left.ring, Y_left.height
        corner = Matrix.build(
            ring, d, d, lambda r, c: -Y_left.rows[r][c] if c < rank else ring.zero
        )
        one = Matrix.identity(ring, d)
        return stack([[one, Matrix.zero(ring, d, d)], [corner, one]])

    def solvable(self, Y_left: Matrix, Y_right: Matrix, rank: int) -> Matrix:
        """B1: what has to vanish for W·[I 0; 0 0] = [Y_left Y_right] to be solvable."""
        return Y_right

    def normal_weight(self, cross: Matrix, inverse_of_gram: Matrix) -> Matrix:
        """B1: the best weight y·R*·(R·R*)⁻¹, given y·R* and (R·R*)⁻¹."""
        return cross @ inverse_of_gram

    def same_input(self, X1: Matrix, D: Matrix) -> Matrix:
        """N2: X2 under the hypothesis X1 = X2."""
        return X1

    def leading_block(self, exp_of_minus_W11: Matrix) -> Matrix:
        """N3: the leading block of exp(−W·X1)·exp(W·X2)."""
        return exp_of_minus_W11


NETWORK = Network()


def b1(d: int, evidence: Identities, formulas: Network = NETWORK) -> None:
    """W·X = Y with X = [X1 X2], Y = [Y1 Y2] (d×2d).

    1. (W·G⁻¹)·(G·X) = W·X for generic G, X, W, so that (X, Y) may be replaced by (G·X·H, Y·H) with
       invertible G, H; the ranks stay too.  Every X is G⁻¹·[I_r 0; 0 0]·H⁻¹ (cited).
    2. For each r: elimination turns [I_r 0; 0 0; Y_left Y_right] into [I_r 0; 0 0; 0 Y_right], of
       rank r + rank Y_right; W·[I_r 0; 0 0] = [W_left 0], so W exists iff Y_right = 0, and then
       W = [Y_left 0] is one.
    3. The best W otherwise: the normal equations, and Pythagoras."""
    ring = Ring(entry_names("G", d) + entry_names("W", d) + entry_names("X", d, 2 * d))
    G, W = Matrix.generic(ring, "G", d), Matrix.generic(ring, "W", d)
    X = Matrix.generic(ring, "X", d, 2 * d)
    inverse = G.inverse()
    ring.assume_nonzero(inverse.denominator)
    evidence.equal("(W·G⁻¹)·(G·X) = W·X", (W @ inverse) @ (G @ X), W @ X)
    for rank in range(d + 1):
        _rank_case(d, rank, evidence, formulas)
    for rank in range(1, d + 1):
        _normal_equations(rank, 2 * d, evidence, formulas, generic_rows=rank <= 3 and d <= 3)
    _pythagoras(d, evidence)


def _rank_case(d: int, rank: int, evidence: Identities, formulas: Network) -> None:
    ring = Ring(entry_names("Y", d, 2 * d) + entry_names("W", d))
    Y, W = Matrix.generic(ring, "Y", d, 2 * d), Matrix.generic(ring, "W", d)
    left = Matrix(ring, [row[:rank] for row in Y.rows])
    right = Matrix(ring, [row[rank:] for row in Y.rows])
    normal = Matrix.build(
        ring, d, 2 * d, lambda r, c: ring.one if r == c and r < rank else ring.zero
    )
    nothing = Matrix.zero(ring, d, rank)
    cleared = Matrix(ring, [a + b for a, b in zip(nothing.rows, right.rows, strict=True)])
    operation = formulas.elimination(left, rank)
    evidence.equal(
        f"rank {rank}: elimination turns [X; Y] into [X; 0 Y_right]",
        operation @ stack([[normal], [Y]]),
        stack([[normal], [cleared]]),
    )
    evidence.equal(
        f"rank {rank}: the elimination has determinant 1",
        Matrix(ring, [[_triangular_determinant(operation)]]),
        Matrix.identity(ring, 1),
    )
    gap = W @ normal - Y
    evidence.equal(
        f"rank {rank}: the last columns of W·X − Y are −(what has to vanish), whatever W is",
        Matrix(ring, [row[rank:] for row in gap.rows]),
        -formulas.solvable(left, right, rank),
    )
    best = Matrix(ring, [[*row, *[ring.zero] * (d - rank)] for row in left.rows])
    evidence.equal(
        f"rank {rank}: W = [Y_left 0] solves it if Y_right = 0", best @ normal + cleared, Y
    )


def _triangular_determinant(matrix: Matrix) -> Element:
    """The determinant of a lower triangular matrix: the product of its diagonal (else zero)."""
    ring = matrix.ring
    result = ring.one
    for r, row in enumerate(matrix.rows):
        if any(x.terms for x in row[r + 1 :]):
            return ring.zero
        result = result * row[r]
    return result


def _normal_equations(
    rank: int, width: int, evidence: Identities, formulas: Network, generic_rows: bool
) -> None:
    """e·R* = 0 for e = y − w·R, w = y·R*·(R·R*)⁻¹, and e·e* = y·y* − w·(R·y*).

    R (rank×width) holds independent rows that span those of X, y is a row of Y; entries and their
    conjugates are separate indeterminates.  Where the generic R is too large, R·R* and y·R* are
    generic themselves, which is more general still."""
    if generic_rows:
        sizes = {"R": rank, "Rbar": rank, "y": 1, "ybar": 1}
        ring = Ring([n for k, h in sizes.items() for n in entry_names(k, h, width)])
        for letter in ("R", "y"):
            pairs = zip(
                entry_names(f"{letter}bar", sizes[letter], width),
                entry_names(letter, sizes[letter], width),
                strict=True,
            )
            ring.conjugates.update(pairs)
        R, R_bar, y, y_bar = (Matrix.generic(ring, k, h, width) for k, h in sizes.items())
        adjoint, y_adjoint = R_bar.transpose(), y_bar.transpose()
        gram, cross = R @ adjoint, y @ adjoint
        inverse = gram.inverse()
        ring.assume_nonzero(inverse.denominator)
        rest = y - formulas.normal_weight(cross, inverse) @ R
        evidence.equal(f"rank {rank}: (y − w·R)·R* = 0", rest @ adjoint, Matrix.zero(ring, 1, rank))
        squared = y @ y_adjoint - formulas.normal_weight(cross, inverse) @ (R @ y_adjoint)
        evidence.equal(f"rank {rank}: e·y* = y·y* − w·R·y*", rest @ y_adjoint, squared)
        return
    ring = Ring(entry_names("Gram", rank) + entry_names("Cross", 1, rank))
    gram, cross = Matrix.generic(ring, "Gram", rank), Matrix.generic(ring, "Cross", 1, rank)
    inverse = gram.inverse()
    ring.assume_nonzero(inverse.denominator)
    weight = formulas.normal_weight(cross, inverse)
    evidence.equal(f"rank {rank}: y·R* − w·(R·R*) = 0", cross - weight @ gram, cross - cross)


def _pythagoras(d: int, evidence: Identities) -> None:
    """‖e + u·R‖² = ‖e‖² + ‖u·R‖² + (e·R*)·u* + conjugate, so e·R* = 0 makes e the shortest."""
    width = 2 * d
    sizes = {"e": (1, width), "ebar": (1, width), "u": (1, d), "ubar": (1, d)}
    sizes |= {"R": (d, width), "Rbar": (d, width)}
    ring = Ring([n for k, (h, w) in sizes.items() for n in entry_names(k, h, w)])
    e, e_bar, u, u_bar, R, R_bar = (Matrix.generic(ring, k, h, w) for k, (h, w) in sizes.items())
    moved, moved_bar = u @ R, u_bar @ R_bar
    evidence.equal(
        "‖e + u·R‖² = ‖e‖² + ‖u·R‖² + (e·R*)·u* + u·(R·e*)",
        (e + moved) @ (e_bar + moved_bar).transpose(),
        e @ e_bar.transpose()
        + moved @ moved_bar.transpose()
        + (e @ R_bar.transpose()) @ u_bar.transpose()
        + u @ (R @ e_bar.transpose()),
    )


def n1(d: int, evidence: Identities, formulas: Network = NETWORK) -> None:
    """Y1 = W3·E1 and Y2 = W3·E2 with E_i = exp(W2·exp(W1·Xi)), which is invertible for each
    Jordan type of its argument; so Y2 = Y1·(E1⁻¹·E2) and Y1 = Y2·(E2⁻¹·E1)."""
    for kind in all_types(d, evidence):
        inverse_exponential(kind, evidence)
    ring = Ring(entry_names("W3", d) + entry_names("E1", d) + entry_names("E2", d))
    W3, E1, E2 = (Matrix.generic(ring, letter, d) for letter in ("W3", "E1", "E2"))
    inverses = E1.inverse(), E2.inverse()
    for inverse in inverses:
        ring.assume_nonzero(inverse.denominator)
    Y1, Y2 = W3 @ E1, W3 @ E2
    evidence.equal("Y2 = Y1·(E1⁻¹·E2)", Y1 @ formulas.transfer(inverses[0], E2), Y2)
    evidence.equal("Y1 = Y2·(E2⁻¹·E1)", Y2 @ formulas.transfer(inverses[1], E1), Y1)


def n3(d: int, evidence: Identities, formulas: Network = NETWORK) -> None:
    """For X1 = diag(I_r, 0), X2 = I − X1 and generic W, r = 0..d: the flows of −W·X1 and W·X2,
    given those of −W11 and W22 and their integrals (as indeterminates), and the leading block of
    their product; the exponential exp(−W11) in it is invertible (P3), for every Jordan type."""
    for kind in all_types(d, evidence):
        inverse_exponential(kind, evidence)
    letters = ("W", "G", "H", "Q", "S")
    ring = Ring([name for letter in letters for name in entry_names(letter, d)])
    W, *others = (Matrix.generic(ring, letter, d) for letter in letters)
    identity = Matrix.identity(ring, d)
    for rank in range(d + 1):
        X1 = Matrix.leading(ring, d, rank)
        X2 = identity - X1
        G, H = (X1 @ m @ X1 for m in others[:2])  # exp(−t·W11) and its integral
        Q, S = (X2 @ m @ X2 for m in others[2:])  # exp(t·W22) and its integral
        W11, W12, W21, W22 = (a @ W @ b for a in (X1, X2) for b in (X1, X2))
        first, second = X2 + G - W21 @ H, X1 + Q + W12 @ S
        words = f"r = {rank}"
        evidence.equal(
            f"{words}: d/dt exp(−t·W·X1) = −W·X1·exp(−t·W·X1)",
            -(W11 @ G) - W21 @ G,
            -(W @ X1 @ first),
        )
        evidence.equal(
            f"{words}: d/dt exp(t·W·X2) = W·X2·exp(t·W·X2)",
            W22 @ Q + W12 @ Q,
            W @ X2 @ second,
        )
        evidence.equal(
            f"{words}: the leading block of exp(−W·X1)·exp(W·X2) is exp(−W11)",
            X1 @ first @ second @ X1,
            formulas.leading_block(G),
        )
        start = X2 + X1 - W21 @ (H - H), X1 + X2 + W12 @ (S - S)
        evidence.equal(f"{words}: exp(0) = I, twice", start[0] @ start[1], identity)
        D = X2 - X1
        evidence.equal(f"{words}: D² = I", D @ D, identity)


class _Exponentials:
    """exp as a function and nothing else: equal arguments (equal normal forms) get one generic
    matrix, different ones different generic matrices E1, E2, ...; no other property is used."""

    def __init__(self, ring: Ring) -> None:
        self.ring = ring
        self._values: dict[tuple[frozenset[tuple[Key, Key]], ...], Matrix] = {}

    def __call__(self, argument: Matrix) -> Matrix:
        form = tuple(entry.normal_form() for row in argument.rows for entry in row)
        if form not in self._values:
            letter = f"E{len(self._values) + 1}"
            self._values[form] = Matrix.generic(self.ring, letter, argument.height)
        return self._values[form]


def n2(d: int, evidence: Identities, formulas: Network = NETWORK) -> None:
    """f(X1) = f(X2) for X2 = X1 with generic weights; of exp only that it is a function is used."""
    letters = ("W1", "W2", "W3", "X1", "D", "E1", "E2", "E3", "E4")
    ring = Ring([name for letter in letters for name in entry_names(letter, d)])
    W1, W2, W3, X1, D = (Matrix.generic(ring, letter, d) for letter in letters[:5])
    X2 = formulas.same_input(X1, D)
    exp = _Exponentials(ring)
    inner = [exp(W1 @ X) for X in (X1, X2)]
    evidence.equal("exp(W1·X1) = exp(W1·X2)", inner[0], inner[1])
    outer = [exp(W2 @ value) for value in inner]
    evidence.equal("exp(W2·exp(W1·X1)) = exp(W2·exp(W1·X2))", outer[0], outer[1])
    evidence.equal("Y1 = Y2", W3 @ outer[0], W3 @ outer[1])
