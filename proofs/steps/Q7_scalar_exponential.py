"""Q7, scalar exponential.  A triangular T whose distinct diagonal entries have the exponential ε
has exp(T) = ε·I.

Checked: for generic triangular T with the Lagrange polynomials ℓ_j of its diagonal:
         Σ e^(t·ν_j)·ℓ_j(T) solves E' = T·E, E(0) = I; at t = 1 it is ε·I;
         e^(ν + 2πi·a) = e^ν for an integer a;
         M' = M·A1⁻¹ has M'·A1 = M and M'·A2 = M·C1, C1 = A1⁻¹·A2, for generic A1, A2, M.
"""

from deepexp_exact.proving import step_script

if __name__ == "__main__":
    raise SystemExit(step_script("Q7", str(__doc__)))
