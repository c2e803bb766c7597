"""N3, two layers fail.  For X1 = diag(I_r, 0), X2 = I − X1 and every W the leading r×r block of
exp(−W·X1)·exp(W·X2) is exp(−W11).

So W2·exp(W·Xi) = Yi has no solution where the leading block of K = Y1⁻¹·Y2 is singular, for
instance Y1 = I, Y2 = [0 1; 1 0]: W2 = Y1·exp(−W·X1) gives exp(−W·X1)·exp(W·X2) = K, whose leading
block exp(−W11) is invertible (P3).  The theorem's hypotheses hold: D = X2 − X1 has D² = I.
Checked: for r = 0..d and generic W, with indeterminates for G = exp(−t·W11), Q = exp(t·W22) and
         their integrals: both block formulas solve their differential equations, and the leading
         block of the product is G; D² = I; exp(−M)·exp(M) = I for every Jordan type.
"""

from deepexp_exact.proving import step_script

if __name__ == "__main__":
    raise SystemExit(step_script("N3", str(__doc__)))
