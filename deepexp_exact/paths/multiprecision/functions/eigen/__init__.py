"""Functions of a matrix from (block) eigenvectors that products refine."""
