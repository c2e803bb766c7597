"""Q5', pivots of a singular block.  A singular C1 of rank ρ takes the pivots g_1, …, g_ρ, and
the rest of U is zero.

Assumes: g_1·…·g_ρ ≠ 0.
By hand: the induction on the rank (proofs/theorem.md).
Checked: [g k; h S] = L·diag(g, Schur)·R with unit triangular L and R, so a pivot lowers the rank by
         one; generic entries.
"""

from deepexp_exact.proving import step_script

if __name__ == "__main__":
    raise SystemExit(step_script("Q5'", str(__doc__)))
