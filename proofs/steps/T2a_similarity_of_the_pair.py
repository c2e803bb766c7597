"""T2a, similarity of the pair.  A·K − K·A = x·p + y·q and B := A + K⁻¹·x·p give K = P⁻¹·Q with P in
C[A] and Q in C[B].

Assumes: K invertible, χ_A and χ_B without a common root.
Checked: K⁻¹·A·K = A + w·p − w'·q, det(I + u·p) = 1 + p·u, and that a Q which commutes with B and
         has p·Q = q, Q·w' = w carries B − w'·q to A, all entries generic.
"""

from deepexp_exact.proving import step_script

if __name__ == "__main__":
    raise SystemExit(step_script("T2a", str(__doc__)))
