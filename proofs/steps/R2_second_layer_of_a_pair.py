"""R2, second layer of a pair.  W2 := A·exp(−W1·X1), W3 := Y1·exp(−A).

Reduces: to generic A, E = exp(W1·X1), U = A⁻¹·B, and A of each Jordan type for the outputs.
Checked: W2·E = A, W2·E·U = A·U, f(X1) = Y1 and f(X2) = Y1·K.
"""

from deepexp_exact.proving import step_script

if __name__ == "__main__":
    raise SystemExit(step_script("R2", str(__doc__)))
