"""The whole construction in balls: first layer, P3 to P7, the working precision, the weights."""
