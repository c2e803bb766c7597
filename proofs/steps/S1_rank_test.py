"""S1, rank test.  col Y1 = col Y2 if and only if rank Y1 = rank Y2 = rank [Y1 Y2].

Reduces: by invertible row and column operations to Y1 = [I_r 0; 0 0] (cited: rank normal form).
Checked: for r = 0..d: [Y1 Y2] has rank r + rank Below, Below the rows of Y2 under row r; Y1·T has
         no rows below, whatever T is; and T = Y2 solves Y1·T = Y2 if Below = 0.
"""

from deepexp_exact.proving import step_script

if __name__ == "__main__":
    raise SystemExit(step_script("S1", str(__doc__)))
