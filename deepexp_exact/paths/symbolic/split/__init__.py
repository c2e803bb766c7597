"""The construction `split` on the symbolic path."""
