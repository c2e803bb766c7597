"""The float64 path: what an ordinary script gets."""
