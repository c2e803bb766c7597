"""T2b, equations of the pair.  p·exp(A)·K = q and p·exp(B) = q give exp(−A)·exp(B) = K.

Assumes: p cyclic for B.
Checked: P := Q·K⁻¹ has P⁻¹·Q = K; p·M = 0 makes p·M·B vanish too, so that M = 0 where p is
         cyclic and M commutes with B.
"""

from deepexp_exact.proving import step_script

if __name__ == "__main__":
    raise SystemExit(step_script("T2b", str(__doc__)))
