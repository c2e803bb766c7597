"""Q1, splitting.  W1 := (B·M'·Y + c·H⁻¹·(I − Π))·X_s⁻¹ splits W1·X1 and W1·X2 into a
block and a shift.

Assumes: Y·B = I, Π = B·Y commutes with F, F invertible on the range of I − Π; H = F·(I − Π) + Π.
Proof:   everything commutes with Π; H⁻¹·F·(I − Π) = I − Π; Y·F = F1·Y.
Reduces: by a similarity to Π = diag(I_q, 0), F = diag(F1, F2).
Checked: W1·X1 = B·M'·A1·Y + N, W1·X2 = B·M'·A2·Y + N + c·(I − Π), N·B = 0 and Y·N = 0 for
         q = 0..d, generic F1 (any eigenvalue, −1 too), invertible F2, and M'.
"""

from deepexp_exact.proving import step_script

if __name__ == "__main__":
    raise SystemExit(step_script("Q1", str(__doc__)))
