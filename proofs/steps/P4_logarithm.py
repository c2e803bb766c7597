"""P4, logarithm.  K = Y1⁻¹·Y2 is invertible, so L with exp(L) = K exists, one per branch record.

Assumes: Y1 and Y2 invertible.
Proof:   K·(Y2⁻¹·Y1) = I.  For K = P·J·P⁻¹ take on each block λ + N of J the logarithm
         ℓ + 2πi·k + N/λ − N²/(2λ²) + ..., where e^ℓ = λ ≠ 0.
Checked: Y1·K = Y2 and K·(Y2⁻¹·Y1) = I for generic Y1, Y2; exp(L) = J for every Jordan type, with
         symbolic λ and a separate symbolic integer k for every block (so that two blocks with one
         λ may use different logarithms: L need not be a primary logarithm).
Cited:   every logarithm of K is U·L·U⁻¹ with such an L and U·K = K·U (Gantmacher).
"""

from deepexp_exact.proving import step_script

if __name__ == "__main__":
    raise SystemExit(step_script("P4", str(__doc__)))
