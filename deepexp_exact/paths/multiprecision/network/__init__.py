"""The three layers: W1 of a construction, P3 to P7, f and its residual, the weights."""
