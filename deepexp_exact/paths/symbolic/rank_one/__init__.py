"""T1, T2a and T2b: the algebra of a first layer of rank one (proofs/theorem.md)."""
