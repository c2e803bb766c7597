"""N2, equal inputs.  If f(X1) = Y1, f(X2) = Y2 and X1 = X2, then Y1 = Y2.

Assumes: that W1, W2, W3 exist.
Checked: with generic W1, W2, W3, X1 and exp known only to be a function (equal arguments have
         equal values), both layers and the outputs agree.
"""

from deepexp_exact.proving import step_script

if __name__ == "__main__":
    raise SystemExit(step_script("N2", str(__doc__)))
