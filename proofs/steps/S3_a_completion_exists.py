"""S3, a completion exists.  For C1 and C2 of full row rank some S makes C1·S and C2·S invertible.

Proof:   det(C·S) is a polynomial in S that is not zero: at the columns J of I it is the minor of C
         with the columns J.  A product of two nonzero polynomials is nonzero (by hand), so
         some S makes det(C1·S)·det(C2·S) nonzero.
Checked: det(C·E_J) is that minor, for every rank and every set J of columns.
"""

from deepexp_exact.proving import step_script

if __name__ == "__main__":
    raise SystemExit(step_script("S3", str(__doc__)))
