"""R1, pair.  A := S + a·I and exp(B) = e^a·exp(S)·K give exp(−A)·exp(B) = K.

Reduces: to S of each Jordan type (R1 concerns functions of S; K is generic).
Checked: exp(−S − a·I)·exp(B) = K with e^a symbolic; exp(L + a·I) = e^a·exp(L).
"""

from deepexp_exact.proving import step_script

if __name__ == "__main__":
    raise SystemExit(step_script("R1", str(__doc__)))
