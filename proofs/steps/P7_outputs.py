"""P7, outputs.  W3 := Y1·exp(−Z) gives f(X1) = Y1 and f(X2) = Y1·K = Y2.

Assumes: P5 and P6, Y1 invertible (in K = Y1⁻¹·Y2).
Proof:   f(X1) = W3·exp(W2·exp(W1·X1)) = Y1·exp(−Z)·exp(Z) = Y1 and
         f(X2) = Y1·exp(−Z)·exp(α·Z) = Y1·exp(−Z)·exp(Z)·K = Y1·K = Y2.
Checked: W3·exp(J) = Y1 and W3·exp(α·J) = Y1·exp((α − 1)·J) for a generic Y1 and every Jordan
         type of Z, symbolic eigenvalues and α; Y1·(Y1⁻¹·Y2) = Y2 for generic Y1, Y2.
"""

from deepexp_exact.proving import step_script

if __name__ == "__main__":
    raise SystemExit(step_script("P7", str(__doc__)))
