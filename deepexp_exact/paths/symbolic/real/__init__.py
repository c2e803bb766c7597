"""The statements of real weights on the symbolic path."""
