"""Q5, pivots exist.  A matrix that is not scalar has, in some basis, an LU decomposition with
prescribed pivots.

Assumes: C1 not scalar, det C1 = g_1·…·g_q ≠ 0.
By hand: the induction on the size (proofs/theorem.md).
Checked: the stage (in the basis x, S·x − g·x, … the first column is (g, 1, 0, …)), the elimination
         with its determinant, the shear that makes a scalar Schur complement not scalar, and the
         algorithm's column correction; generic entries.
"""

from deepexp_exact.proving import step_script

if __name__ == "__main__":
    raise SystemExit(step_script("Q5", str(__doc__)))
