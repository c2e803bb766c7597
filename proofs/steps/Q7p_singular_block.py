"""Q7', singular block.  T = [T11 T12; 0 0] with T11 invertible is similar to diag(T11, 0);
1/α = e^(−c + 2πi·a).

Proof:   so exp(T) = I if exp(T11) = I (Q7), and exp(M) = I/α with m = −c.
Checked: T·V = V·diag(T11, 0) with V = [I −T11⁻¹·T12; 0 I], generic T11 and T12 of every size;
         α·e^(−c + 2πi·a) = 1 for an integer a and e^c = α.
"""

from deepexp_exact.proving import step_script

if __name__ == "__main__":
    raise SystemExit(step_script("Q7'", str(__doc__)))
