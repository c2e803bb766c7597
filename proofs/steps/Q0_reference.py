"""Q0, reference.  F := X_s⁻¹·D, X_s = X1 + s·D, gives X1 = X_s·(I − s·F),
X2 = X_s·(I + (1 − s)·F).

Assumes: X_s invertible.
Checked: both identities for generic X_s and D (every pair X1, X2 is of this form) and symbolic s.
"""

from deepexp_exact.proving import step_script

if __name__ == "__main__":
    raise SystemExit(step_script("Q0", str(__doc__)))
