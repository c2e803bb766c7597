"""Q2, block exponential.  exp(B·T·Y + N) = B·exp(T)·Y + exp(N)·(I − B·Y).

Assumes: Y·B = I, N·B = 0, Y·N = 0.
Proof:   (B·T·Y + N)ⁿ = B·Tⁿ·Y + Nⁿ for n ≥ 1, and N = N·(I − B·Y).
Reduces: by a similarity to B = [I; 0], Y = [I 0], N = diag(0, N2), T and N2 of Jordan types.
Checked: for q = 0..d and every pair of Jordan types of sizes q and d − q.
"""

from deepexp_exact.proving import step_script

if __name__ == "__main__":
    raise SystemExit(step_script("Q2", str(__doc__)))
