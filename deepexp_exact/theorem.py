"""The registry of statements: each has a permanent ID, words, variables, assumptions and LaTeX.

Symbolic checks, numerical checks, reports and tables all refer to these IDs.  The statements are
those of Gai & Zhang, "Analytical Solution of a Three-layer Network with a Matrix Exponential
Activation Function" (2024), with the hypotheses the proof really uses.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Statement:
    """One statement as data.  ``uses`` names the hypotheses and statements it rests on."""

    id: str
    title: str
    words: str
    variables: tuple[str, ...]
    assumptions: tuple[str, ...]
    uses: tuple[str, ...]
    latex: str

    def _repr_latex_(self) -> str:
        return f"${self.latex}$"


#: The network's definition and the theorem, for reports.
NETWORK_LATEX = r"f(X) = W_3 \exp(W_2 \exp(W_1 X))"
THEOREM_LATEX = (
    r"\det(X_2 - X_1) \det(Y_1) \det(Y_2) \neq 0 \implies "
    r"\exists W_1, W_2, W_3 : f(X_1) = Y_1,\ f(X_2) = Y_2"
)

_ALL = (
    Statement(
        "P1",
        "shift",
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
#: What `prove` proves: the steps and the claims about all networks.
PROVED_STATEMENTS = (*STEPS, "B1", "N1", "N2")
#: What a certificate claims.
CLAIMS = ("C1", "C2", "C3")
