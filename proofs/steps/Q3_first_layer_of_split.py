"""Q3, first layer of split.  exp(W1·X2) = α·exp(W1·X1).

Assumes: exp(M'·A2) = α·exp(M'·A1), α = e^c.
Proof:   Q1 and Q2; on the range of I − Π it is P2.
Checked: for q = 0..d, exp(M'·A1) generic, N of every Jordan type, symbolic c with e^c = α.
"""

from deepexp_exact.proving import step_script

if __name__ == "__main__":
    raise SystemExit(step_script("Q3", str(__doc__)))
