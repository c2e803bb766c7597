"""P2, first layer.  exp(W1·X2) = α·A, where A := exp(W1·X1) and α = e^c.

Assumes: W1·X2 = W1·X1 + c·I (P1) and e^c = α.
Reduces: M = W1·X1 is similar to a Jordan form J, M = P·J·P⁻¹, so exp(M + c·I) = P·exp(J + c·I)·P⁻¹;
         there are finitely many Jordan types.
Checked: for every Jordan type of size d, with symbolic eigenvalues μ: that the block formula is
         exp (d/dt exp(t·J) = J·exp(t·J) and exp(0) = I with a symbolic t, also for J + c·I), and
         exp(J + c·I) = α·exp(J).  The number of types, the Hermite interpolation of each type and
         P⁻¹·P = I for a generic P are checked too.
"""

from deepexp_exact.proving import step_script

if __name__ == "__main__":
    raise SystemExit(step_script("P2", str(__doc__)))
