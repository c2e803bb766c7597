"""S2, completion.  K := I + S·(C1·S)⁻¹·(C2 − C1) gives Y1·K = Y2 and
det K = det(C2·S)/det(C1·S), Yi = B·Ci.

Assumes: C1·S and C2·S invertible.
Proof:   C1·K = C1 + (C1·S)·(C1·S)⁻¹·(C2 − C1) = C2; with R = (C1·S)⁻¹·(C2 − C1),
         det(I + S·R) = det(I + R·S) and C1·S·(I + R·S) = C2·S.
Checked: both with generic C1, C2, S for r = 1..d, C1·S generic; the formulas as
         they stand for d ≤ 2.
"""

from deepexp_exact.proving import step_script

if __name__ == "__main__":
    raise SystemExit(step_script("S2", str(__doc__)))
