"""The construction `shift` on the symbolic path."""
