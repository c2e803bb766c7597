"""R8, real logarithm.  L0 + (π·J − πi·I)·Π is a logarithm.

Reduces: by a real similarity to Π = diag(I, 0) of even rank and J = [0 −I; I 0] (cited: real normal
         form of J² = −I).
Checked: N² = −N, N has eigenvectors to 0 and −1, 2·i·N = (J − i·I)·Π.
"""

from deepexp_exact.proving import step_script

if __name__ == "__main__":
    raise SystemExit(step_script("R8", str(__doc__)))
