"""R3, contraction.  W − Y·F(W) is a contraction about an approximate solution.

Reduces: to generic W, X1, X2, D.
Checked: the terms of degree 1 of F are W·D, and (F·D⁻¹)·D = F; the bound of the rest is by hand.
"""

from deepexp_exact.proving import step_script

if __name__ == "__main__":
    raise SystemExit(step_script("R3", str(__doc__)))
