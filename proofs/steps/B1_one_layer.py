"""B1, one layer.  W·X1 = Y1 and W·X2 = Y2 have a solution W if and only if
rank [X1 X2] = rank [X1 X2; Y1 Y2].

Assumes: nothing.
Reduces: with X = [X1 X2] and Y = [Y1 Y2] to W·X = Y; by invertible row and column operations
         (W·G⁻¹)·(G·X·H) = Y·H to X = [I_r 0; 0 0], r = 0..d (cited: rank normal form).
Checked: for each r: elimination turns [X; Y] into [I_r 0; 0 0; 0 Y_right], of rank
         r + rank Y_right, by a matrix of determinant 1; W·X − Y has −Y_right in its last columns
         whatever W is; and W = [Y_left 0] solves it if Y_right = 0.
         For the best W otherwise: the normal equations (y − w·R)·R* = 0 for w = y·R*·(R·R*)⁻¹ and
         Pythagoras, so that the squared residual is y·y* − w·R·y*, a rational number.
"""

from deepexp_exact.proving import step_script

if __name__ == "__main__":
    raise SystemExit(step_script("B1", str(__doc__)))
