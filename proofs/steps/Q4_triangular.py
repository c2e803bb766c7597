"""Q4, triangular.  With C0·Λ = H·U and M := Λ·Δ·H⁻¹, M and M·C0 are triangular in the basis Λ.

Assumes: Λ and H unit lower triangular, U upper triangular with diagonal g, Δ = diag μ.
Checked: Λ⁻¹·M·Λ = Δ·H⁻¹·Λ is lower triangular with diagonal μ, Λ⁻¹·M·C0·Λ = Δ·U upper triangular
         with diagonal μ_j·g_j, all entries generic.
"""

from deepexp_exact.proving import step_script

if __name__ == "__main__":
    raise SystemExit(step_script("Q4", str(__doc__)))
