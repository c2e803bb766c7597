"""P3, inverse.  A = exp(W1·X1) is invertible and A⁻¹ = exp(−W1·X1).

Assumes: nothing.
Reduces: to Jordan types as in P2.
Checked: exp(−J)·exp(J) = I = exp(J)·exp(−J) for every Jordan type of size d, symbolic eigenvalues.
"""

from deepexp_exact.proving import step_script

if __name__ == "__main__":
    raise SystemExit(step_script("P3", str(__doc__)))
