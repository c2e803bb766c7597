"""P6, telescope.  exp(α·Z) = exp(Z)·exp((α − 1)·Z) = exp(Z)·K.

Assumes: (α − 1)·Z = L (P5) and exp(L) = K (P4).
Reduces: all three matrices are functions of Z; to Jordan types of Z as in P2.
Checked: exp(α·J) = exp(J)·exp((α − 1)·J) for every Jordan type, symbolic eigenvalues, symbolic α.
"""

from deepexp_exact.proving import step_script

if __name__ == "__main__":
    raise SystemExit(step_script("P6", str(__doc__)))
