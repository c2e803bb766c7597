"""The registry of statements: each has a permanent ID, words, variables, assumptions and LaTeX.

Symbolic checks, numerical checks, reports and tables all refer to these IDs.  The statements are
those of Gai & Zhang, "Analytical Solution of a Three-layer Network with a Matrix Exponential
Activation Function" (2024), with the hypotheses the proof really uses.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from importlib import resources

from .reals import REALS
from .statement import Statement

#: The network's definition and the theorem, for reports.
NETWORK_LATEX = r"f(X) = W_3 \exp(W_2 \exp(W_1 X))"
THEOREM_LATEX = (
    r"\det(X_2 - X_1) \det(Y_1) \det(Y_2) \neq 0 \implies "
    r"\exists W_1, W_2, W_3 : f(X_1) = Y_1,\ f(X_2) = Y_2"
)

_ALL = (
    Statement(
        "P1",
        "scalar shift",
        "W1 := c·D⁻¹ with D = X2 − X1 gives W1·X2 = W1·X1 + c·I.",
        ("X1", "X2", "c"),
        ("D = X2 − X1 is invertible",),
        (),
        r"W_1 := c D^{-1} \implies W_1 X_2 = W_1 X_1 + c I, \quad D = X_2 - X_1",
    ),
    Statement(
        "P2",
        "first layer",
        "exp(W1·X2) = α·A, where A := exp(W1·X1) and α = e^c.",
        ("W1", "X1", "X2", "c"),
        ("W1·X2 = W1·X1 + c·I",),
        ("P1",),
        r"\exp(W_1 X_2) = \alpha A, \quad A := \exp(W_1 X_1),\ \alpha = e^{c}",
    ),
    Statement(
        "P3",
        "inverse",
        "A = exp(W1·X1) is invertible and A⁻¹ = exp(−W1·X1).",
        ("W1", "X1"),
        (),
        (),
        r"A^{-1} = \exp(-W_1 X_1)",
    ),
    Statement(
        "P4",
        "logarithm",
        "K = Y1⁻¹·Y2 is invertible, so L with exp(L) = K exists, one for each branch record.",
        ("Y1", "Y2", "branch record"),
        ("Y1 is invertible", "Y2 is invertible"),
        (),
        r"K := Y_1^{-1} Y_2, \quad \det K \neq 0 \implies \exists L : \exp(L) = K",
    ),
    Statement(
        "P5",
        "second layer",
        "Z := L/(α − 1) and W2 := Z·A⁻¹ give W2·exp(W1·X1) = Z and W2·exp(W1·X2) = α·Z.",
        ("L", "A", "α"),
        ("α ≠ 1",),
        ("P2", "P3"),
        r"Z := \tfrac{1}{\alpha - 1} L,\ W_2 := Z A^{-1} \implies "
        r"W_2 \exp(W_1 X_1) = Z,\ W_2 \exp(W_1 X_2) = \alpha Z",
    ),
    Statement(
        "P6",
        "telescope",
        "exp(α·Z) = exp(Z)·exp((α − 1)·Z) = exp(Z)·K.",
        ("Z", "α", "K"),
        ("(α − 1)·Z = L", "exp(L) = K"),
        ("P4",),
        r"\exp(\alpha Z) = \exp(Z) \exp((\alpha - 1) Z) = \exp(Z) K",
    ),
    Statement(
        "P7",
        "outputs",
        "W3 := Y1·exp(−Z) gives f(X1) = Y1 and f(X2) = Y1·K = Y2.",
        ("Y1", "Z", "K"),
        ("exp(−Z)·exp(Z) = I",),
        ("P5", "P6"),
        r"W_3 := Y_1 \exp(-Z) \implies f(X_1) = Y_1,\ f(X_2) = Y_1 K = Y_2",
    ),
    Statement(
        "B1",
        "one layer",
        "Some W satisfies W·X1 = Y1 and W·X2 = Y2 if and only if "
        "rank [X1 X2] = rank [X1 X2; Y1 Y2].",
        ("X1", "X2", "Y1", "Y2"),
        (),
        (),
        r"\exists W : W X_1 = Y_1,\ W X_2 = Y_2 \iff \operatorname{rank} "
        r"\begin{pmatrix} X_1 & X_2 \end{pmatrix} = \operatorname{rank} "
        r"\begin{pmatrix} X_1 & X_2 \\ Y_1 & Y_2 \end{pmatrix}",
    ),
    Statement(
        "N1",
        "equal column spaces",
        "If W1, W2, W3 with f(X1) = Y1 and f(X2) = Y2 exist, then Y1 and Y2 have the same "
        "column space.",
        ("W1", "W2", "W3", "X1", "X2", "Y1", "Y2"),
        ("f(X1) = Y1", "f(X2) = Y2"),
        (),
        r"f(X_1) = Y_1,\ f(X_2) = Y_2 \implies "
        r"\operatorname{col} Y_1 = \operatorname{col} Y_2",
    ),
    Statement(
        "N2",
        "equal inputs",
        "If f(X1) = Y1, f(X2) = Y2 and X1 = X2, then Y1 = Y2.",
        ("X1", "X2", "Y1", "Y2"),
        ("f(X1) = Y1", "f(X2) = Y2", "X1 = X2"),
        (),
        r"X_1 = X_2 \implies Y_1 = Y_2",
    ),
    Statement(
        "N3",
        "two layers fail",
        "For X1 = diag(I_r, 0), X2 = I − X1 and every W, the leading r×r block of "
        "exp(−W·X1)·exp(W·X2) is exp(−W11), so two layers W2·exp(W·X) cannot meet both equations "
        "where the leading block of K is singular.",
        ("W", "X1", "X2", "K"),
        ("X1 = diag(I_r, 0) and X2 = I − X1", "the leading block of K is singular"),
        ("P3",),
        r"\begin{pmatrix} I & 0 \end{pmatrix} \exp(-W X_1) \exp(W X_2) "
        r"\begin{pmatrix} I \\ 0 \end{pmatrix} = \exp(-W_{11})",
    ),
    Statement(
        "S1",
        "rank test",
        "Y1 and Y2 have the same column space if and only if rank Y1 = rank Y2 = rank [Y1 Y2].",
        ("Y1", "Y2"),
        (),
        (),
        r"\operatorname{col} Y_1 = \operatorname{col} Y_2 \iff \operatorname{rank} Y_1 = "
        r"\operatorname{rank} Y_2 = \operatorname{rank} \begin{pmatrix} Y_1 & Y_2 \end{pmatrix}",
    ),
    Statement(
        "S2",
        "completion",
        "K := I + S·(C1·S)⁻¹·(C2 − C1) gives Y1·K = Y2 and det K = det(C2·S)/det(C1·S), where "
        "Yi = B·Ci.",
        ("B", "C1", "C2", "S"),
        ("Y1 = B·C1 and Y2 = B·C2", "C1·S and C2·S are invertible"),
        ("S1",),
        r"K := I + S (C_1 S)^{-1} (C_2 - C_1) \implies Y_1 K = Y_2,\ "
        r"\det K = \det(C_2 S) / \det(C_1 S)",
    ),
    Statement(
        "S3",
        "a completion exists",
        "For C1 and C2 of full row rank some S makes C1·S and C2·S invertible.",
        ("C1", "C2", "S"),
        ("C1 and C2 have full row rank",),
        ("S2",),
        r"\operatorname{rank} C_1 = \operatorname{rank} C_2 = r \implies "
        r"\exists S : \det(C_1 S) \det(C_2 S) \neq 0",
        "a product of two nonzero polynomials in S is nonzero",
    ),
    Statement(
        "Q0",
        "reference",
        "F := X_s⁻¹·D with X_s = X1 + s·D gives X1 = X_s·(I − s·F) and X2 = X_s·(I + (1 − s)·F).",
        ("X1", "X2", "s"),
        ("X_s = X1 + s·D is invertible",),
        (),
        r"F := X_s^{-1} D \implies X_1 = X_s (I - s F),\ X_2 = X_s (I + (1 - s) F)",
    ),
    Statement(
        "Q1",
        "splitting",
        "W1 := (B·M'·Y + c·H⁻¹·(I − Π))·X_s⁻¹ with H = F·(I − Π) + Π gives "
        "W1·X1 = B·M'·A1·Y + N and W1·X2 = B·M'·A2·Y + N + c·(I − Π), where "
        "N = c·H⁻¹·(I − Π)·(I − s·F), N·B = 0, Y·N = 0.",
        ("F", "B", "Y", "M'", "s", "c"),
        ("Y·B = I, Π = B·Y, Π·F = F·Π", "F is invertible on the range of I − Π"),
        ("Q0",),
        r"W_1 X_1 = B M' A_1 Y + N,\quad W_1 X_2 = B M' A_2 Y + N + c (I - \Pi)",
    ),
    Statement(
        "Q2",
        "block exponential",
        "exp(B·T·Y + N) = B·exp(T)·Y + exp(N)·(I − B·Y).",
        ("B", "T", "Y", "N"),
        ("Y·B = I", "N·B = 0", "Y·N = 0"),
        (),
        r"\exp(B T Y + N) = B \exp(T) Y + \exp(N) (I - B Y)",
    ),
    Statement(
        "Q3",
        "first layer of split",
        "exp(W1·X2) = α·exp(W1·X1) with α = e^c.",
        ("W1", "X1", "X2", "c"),
        ("exp(M'·A2) = α·exp(M'·A1)",),
        ("Q1", "Q2", "P2"),
        r"\exp(M' A_2) = \alpha \exp(M' A_1) \implies \exp(W_1 X_2) = \alpha \exp(W_1 X_1)",
    ),
    Statement(
        "Q4",
        "triangular",
        "If C0·Λ = H·U and M := Λ·Δ·H⁻¹, then Λ⁻¹·M·Λ is lower triangular with the diagonal μ of "
        "Δ, and Λ⁻¹·M·C0·Λ is upper triangular with the diagonal μ_j·g_j.",
        ("Λ", "H", "U", "Δ"),
        ("Λ and H are unit lower triangular", "U is upper triangular with the diagonal g"),
        (),
        r"C_0 \Lambda = H U,\ M := \Lambda \Delta H^{-1} \implies "
        r"\Lambda^{-1} M \Lambda = \Delta H^{-1} \Lambda,\ "
        r"\Lambda^{-1} M C_0 \Lambda = \Delta U",
    ),
    Statement(
        "Q5",
        "pivots exist",
        "If C1 is not scalar and det C1 is the product of the nonzero numbers g_j, then some P has "
        "P⁻¹·C1·P = H·U with H unit lower triangular and U upper triangular with the diagonal g.",
        ("C1", "g"),
        ("C1 is not scalar", "det C1 = g_1·…·g_q ≠ 0"),
        ("Q4",),
        r"\det C_1 = g_1 \cdots g_q \neq 0 \implies \exists P : P^{-1} C_1 P = H U,\ "
        r"\operatorname{diag} U = g",
        "the induction on the size; decided are its stage, its elimination and its shear",
    ),
    Statement(
        "Q5'",
        "pivots of a singular block",
        "If C1 is singular of rank ρ and g_1, …, g_ρ are nonzero, then some P has P⁻¹·C1·P = H·U "
        "with the pivots g_1, …, g_ρ and the remaining rows of U zero.",
        ("C1", "g"),
        ("C1 is singular of rank ρ", "g_1·…·g_ρ ≠ 0"),
        ("Q5",),
        r"\operatorname{rank} C_1 = \rho < q \implies \exists P : P^{-1} C_1 P = H U,\ "
        r"\operatorname{diag} U = (g_1, \ldots, g_\rho, 0, \ldots, 0)",
        "the induction on the rank; decided is that a pivot lowers it by one",
    ),
    Statement(
        "Q6",
        "parameters",
        "p(m) = Π(m + c + 2πi·a_j) − det C1·Π(m + 2πi·a_j) has a root, and at every root all "
        "μ_j = m + 2πi·a_j and τ_j = μ_j + c are nonzero, so that Π τ_j/μ_j = det C1.",
        ("c", "a", "det C1"),
        ("e^c ≠ 1", "q ≥ 2", "det C1 ≠ 0"),
        (),
        r"\prod_j (m + c + 2 \pi \mathrm{i} a_j) = \det C_1 \prod_j (m + 2 \pi \mathrm{i} a_j) "
        r"\implies \prod_j \mu_j \tau_j \neq 0",
        "the whole proof (the fundamental theorem of algebra)",
    ),
    Statement(
        "Q7",
        "scalar exponential",
        "A triangular T whose diagonal entries are distinct and have the same exponential ε has "
        "exp(T) = ε·I; M' := M·A1⁻¹ has M'·A1 = M and M'·A2 = M·C1, C1 := A1⁻¹·A2.",
        ("T", "ε", "M", "A1", "A2"),
        ("the diagonal entries of T are distinct", "e^ν = ε for each of them", "A1 is invertible"),
        ("Q4", "Q6"),
        r"\nu_i \neq \nu_j,\ e^{\nu_j} = \varepsilon \implies \exp(T) = \varepsilon I",
    ),
    Statement(
        "Q7'",
        "singular block",
        "T = [T11 T12; 0 0] with T11 invertible is similar to diag(T11, 0), so exp(T) = I if "
        "exp(T11) = I; and e^(m + 2πi·a) = 1/α for m = −c.",
        ("T11", "T12", "c", "a"),
        ("T11 is invertible", "exp(T11) = I"),
        ("Q5'", "Q7"),
        r"\begin{pmatrix} T_{11} & T_{12} \\ 0 & 0 \end{pmatrix} V = V "
        r"\begin{pmatrix} T_{11} & 0 \\ 0 & 0 \end{pmatrix},\quad "
        r"V = \begin{pmatrix} I & -T_{11}^{-1} T_{12} \\ 0 & I \end{pmatrix}",
    ),
    Statement(
        "Q8",
        "completeness",
        "If det(X1 + z·D) is not identically 0 and X1 ≠ X2, then a block as required by Q1, Q5 or "
        "Q5' exists.",
        ("X1", "X2"),
        ("the pencil X1 + z·D is regular", "X1 ≠ X2"),
        ("Q1", "Q5", "Q5'", "Q6", "Q7", "Q7'"),
        r"\det(X_1 + z D) \not\equiv 0,\ D \neq 0 \implies \exists W_1 : "
        r"\exp(W_1 X_2) = \alpha \exp(W_1 X_1)",
        "the whole proof",
    ),
    *REALS,
    Statement(
        "T1",
        "pair from a row",
        "With r1 = ℓ·X1 ≠ ℓ·X2 = r2 and exp(−A)·exp(A + w·p) = K, p = r2 (or r1 where r2 = ρ·r1 or "
        "0), some z, a, W2 give W2·exp(z·r1) = A + a·I and W2·exp(z·r2) = A + w·p + a·I.",
        ("X1", "X2", "ℓ", "A", "w", "a", "z"),
        ("(A, w) is controllable where r1 and r2 are independent",),
        (),
        r"W_1 = z \ell \implies W_2 e^{W_1 X_1} = A + aI,\ W_2 e^{W_1 X_2} = A + wp + aI",
        "that a exists where r1 and r2 are independent (Picard's theorem), and is free otherwise",
    ),
    Statement(
        "T2a",
        "similarity of the pair",
        "If A·K − K·A = x·p + y·q and B := A + K⁻¹·x·p has no eigenvalue of A, then there are "
        "unique P in C[A] and Q in C[B] with p·Q = q and K = P⁻¹·Q.",
        ("A", "B", "K", "p", "q", "x", "y"),
        ("K is invertible", "χ_A and χ_B have no common root"),
        (),
        r"AK - KA = xp + yq,\ B = A + K^{-1}xp \implies K = P^{-1} Q,\ pQ = q",
        "that p and q are cyclic for B, w controllable, and that Q then exists",
    ),
    Statement(
        "T2b",
        "equations of the pair",
        "In that situation p·exp(A)·K = q and p·exp(B) = q give exp(−A)·exp(B) = K.",
        ("A", "B", "K", "p", "q"),
        ("p is cyclic for B",),
        ("T2a",),
        r"p e^A K = q = p e^B \implies e^{-A} e^B = K",
        "that matrices which commute with B and agree on a cyclic row are equal",
    ),
    Statement(
        "T3",
        "a pair exists",
        "T2b's equations have a solution for d ≤ 7, and for the types named; else a conjecture.",
        ("K", "p"),
        ("K is invertible, p ≠ 0", "d ≤ 7, or a type of the theorem"),
        ("T2b",),
        r"\exists A, w : e^{-A} e^{A + wp} = K",
        "the whole proof, with finitely many exact ranks for d = 6 and 7",
    ),
    Statement(
        "C1",
        "residual",
        "The stored weights satisfy ‖f(Xi) − Yi‖ ≤ bound·‖Yi‖ (Frobenius) for i = 1, 2.",
        ("W1", "W2", "W3", "X1", "X2", "Y1", "Y2"),
        (),
        (),
        r"\lVert f(X_i) - Y_i \rVert_F \le \varepsilon_i \lVert Y_i \rVert_F, \quad i = 1, 2",
    ),
    Statement(
        "C2",
        "nearby exact solution",
        "For each W an exact solution for the recorded construction and branch lies within the "
        "stored relative Frobenius radius.",
        ("W1", "W2", "W3", "branch record"),
        (),
        ("P1", "P2", "P3", "P4", "P5", "P6", "P7"),
        r"\lVert W_j - W_j^{\ast} \rVert_F \le r_j \lVert W_j \rVert_F, \quad j = 1, 2, 3",
    ),
    Statement(
        "C3",
        "branch",
        "Counted with multiplicity, the eigenvalues of (α − 1)·W2·exp(W1·X1) lie within r_j < π "
        "of Log λ_j + 2πi·k_j.",
        ("W1", "W2", "X1", "branch record"),
        (),
        (),
        r"\lvert \ell_j - (\operatorname{Log} \lambda_j + 2 \pi \mathrm{i} k_j) \rvert "
        r"\le r_j < \pi",
    ),
    Statement(
        "C4",
        "first layer",
        "The stored W1 has ‖exp(W1·X2) − α·exp(W1·X1)‖/‖α·exp(W1·X1)‖ ≤ b < 1 (Frobenius).",
        ("W1", "X1", "X2", "α"),
        (),
        (),
        r"\lVert \exp(W_1 X_2) - \alpha \exp(W_1 X_1) \rVert_F "
        r"\le b \lVert \alpha \exp(W_1 X_1) \rVert_F",
    ),
    Statement(
        "C5",
        "real weights",
        "The problem is real, and every imaginary part of the stored weights is exactly zero.",
        ("W1", "W2", "W3", "X1", "X2", "Y1", "Y2"),
        (),
        (),
        r"\operatorname{Im} W_1 = \operatorname{Im} W_2 = \operatorname{Im} W_3 = 0",
    ),
)


def _registry() -> dict[str, Statement]:
    table: dict[str, Statement] = {}
    for statement in _ALL:
        if statement.id in table:
            raise ValueError(f"statement ID {statement.id} is used twice")
        table[statement.id] = statement
    return table


#: Every statement by its ID, in the order of the proof.
STATEMENTS = _registry()
#: The steps of the shift construction.
STEPS = ("P1", "P2", "P3", "P4", "P5", "P6", "P7")
#: What is claimed of all networks, of the completion, and of the construction `split`.
_OTHERS = ("B1", "N1", "N2", "N3", "S1", "S2", "S3")
_SPLIT = ("Q0", "Q1", "Q2", "Q3", "Q4", "Q5", "Q5'", "Q7", "Q7'")
#: What is claimed of real weights.
_RANK_ONE = ("T1", "T2a", "T2b")
_REAL = ("R1", "R2", "R3", "R6", "R8")
#: What rests on the written proof alone.
PROVED_BY_HAND = ("Q6", "Q8", "R4", "R5", "R7", "T3")
#: What no theorem of `proofs/formal` says yet.
NOT_IN_COQ = ("R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8", "T1", "T2a", "T2b", "T3")
#: What `prove` decides; ``by_hand`` says what of each is left to the written proof.
PROVED_STATEMENTS = (*STEPS, *_OTHERS, *_SPLIT, *_REAL, *_RANK_ONE)
#: What a certificate claims.
CLAIMS = ("C1", "C2", "C3", "C4", "C5")


@cache
def formal_theorems() -> dict[str, str]:
    """ID → name of the theorem that proves it for every d in Coq (``proofs/formal``): statements,
    and the theorems made of them (``THEOREM``, ``THEOREM-split``, ``DECISION``, ...).

    The index is a copy of ``proofs/formal/index.json``, whose names ``make formal`` verifies."""
    text = (resources.files("deepexp_exact") / "formal_index.json").read_text("utf-8")
    rows: list[dict[str, str]] = json.loads(text)["theorems"]
    return {row["id"]: row["name"] for row in rows}


def formal_names(ids: Iterable[str]) -> dict[str, str]:
    """The Coq theorems of these statements, in their order; an ID without one is left out."""
    known = formal_theorems()
    return {name: known[name] for name in ids if name in known}
