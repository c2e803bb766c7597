"""R6, equal signs.  det f(X1) and det f(X2) have the sign of det W3.

Reduces: to M of each Jordan type, and generic W3, E.
Checked: exp(M) = exp(M/2)², det(W3·E·E) = det W3·(det E)².
"""

from deepexp_exact.proving import step_script

if __name__ == "__main__":
    raise SystemExit(step_script("R6", str(__doc__)))
