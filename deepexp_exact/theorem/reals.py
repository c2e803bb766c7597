"""The statements of real weights for real data (proofs/theorem.md)."""

from __future__ import annotations

from .statement import Statement

REALS = (
    Statement(
        "R1",
        "pair",
        "A := S + a·I and B with exp(B) = e^a·exp(S)·K give exp(−A)·exp(B) = K; "
        "B = log(exp(S)·K) + a·I is such a B.",
        ("S", "a", "B", "K"),
        ("exp(B) = e^a·exp(S)·K",),
        ("P2",),
        r"A := S + a I,\ \exp(B) = e^{a} \exp(S) K \implies \exp(-A) \exp(B) = K",
    ),
    Statement(
        "R2",
        "second layer of a pair",
        "If exp(−W1·X1)·exp(W1·X2) = A⁻¹·B, then W2 := A·exp(−W1·X1) and W3 := Y1·exp(−A) give "
        "W2·exp(W1·X1) = A, W2·exp(W1·X2) = B, f(X1) = Y1 and f(X2) = Y1·K.",
        ("W1", "A", "B", "Y1", "K"),
        ("A is invertible", "exp(−A)·exp(B) = K"),
        ("P3", "R1"),
        r"W_2 := A \exp(-W_1 X_1),\ W_3 := Y_1 \exp(-A) \implies f(X_1) = Y_1,\ f(X_2) = Y_1 K",
    ),
    Statement(
        "R3",
        "contraction",
        "With F(W) = exp(−W·X1)·exp(W·X2) − G, s = ‖X1‖ + ‖X2‖ and Y ≈ F'(W̃)⁻¹ or Y = D⁻¹, "
        "W − Y·F(W) is q-Lipschitz on ‖W − W̃‖ ≤ ρ; where q < 1 and ‖Y·F(W̃)‖ ≤ (1 − q)·ρ, that "
        "ball holds exactly one W with F(W) = 0, real if everything is.",
        ("W", "X1", "X2", "G", "Y", "ρ"),
        ("q < 1", "‖Y·F(W̃)‖ ≤ (1 − q)·ρ"),
        (),
        r"\lVert Y F(\widetilde W) \rVert \le (1 - q) \rho,\ q < 1 \implies "
        r"\exists!\, W : F(W) = 0,\ \lVert W - \widetilde W \rVert \le \rho",
        "the bound of the power series and Banach's theorem; decided are the terms of degree 1",
    ),
    Statement(
        "R4",
        "a pair exists",
        "A real K with det K > 0 has a real skew S such that exp(S)·K is symmetric positive "
        "definite.",
        ("K", "S"),
        ("K is real", "det K > 0"),
        (),
        r"\det K > 0 \implies \exists S = -S^{\mathsf T} : \exp(S) K \succ 0",
        "the whole proof (polar form, the logarithm of a rotation)",
    ),
    Statement(
        "R5",
        "a first layer exists",
        "For D invertible and every A = S + a·I, B = L + a·I with a large enough some real W1 has "
        "exp(−W1·X1)·exp(W1·X2) = A⁻¹·B.",
        ("S", "L", "a", "X1", "X2"),
        ("D is invertible",),
        ("R3",),
        r"a \to \infty:\ \lVert (A^{-1} B - I) D^{-1} \rVert = O(1/a) \implies \exists W_1",
        "the whole proof (R3 about W̃ = 0)",
    ),
    Statement(
        "R6",
        "equal signs",
        "For real W1, W2, W3, X1, X2 the determinants of f(X1) and f(X2) have the sign of det W3, "
        "so that det Y1·det Y2 > 0 or both are 0.",
        ("W1", "W2", "W3", "X1", "X2", "Y1", "Y2"),
        ("f(X1) = Y1", "f(X2) = Y2", "everything is real"),
        (),
        r"\det f(X) = \det W_3 \cdot (\det \exp(\tfrac12 W_2 \exp(W_1 X)))^2 \implies "
        r"\det Y_1 \det Y_2 \geq 0",
        "that the square of a nonzero real number is positive",
    ),
    Statement(
        "R7",
        "a real logarithm exists",
        "A real invertible K has a real logarithm if and only if every negative eigenvalue has an "
        "even number of Jordan blocks of each size.",
        ("K",),
        ("K is real and invertible",),
        (),
        r"\exists L \in \mathrm{R}^{d \times d} : \exp(L) = K \iff \text{blocks at } \lambda < 0 "
        r"\text{ in pairs}",
        "the whole proof (cited: Culver 1966; that the pairs suffice is R8)",
    ),
    Statement(
        "R8",
        "real logarithm",
        "If J commutes with K and J² = −I on the range of Π, the spectral projector of the "
        "negative eigenvalues, then L := L0 + (π·J − πi·I)·Π is real and exp(L) = K.",
        ("K", "J", "Π", "L0"),
        ("J·K = K·J", "J²·Π = −Π", "exp(L0) = K"),
        ("P4",),
        r"L := L_0 + 2 \pi \mathrm{i} N,\ N = -\tfrac12 (\mathrm{i} J + I) \Pi,\ N^2 = -N "
        r"\implies \exp(L) = K",
        "that L0 and N commute, as both commute with K and J",
    ),
)
