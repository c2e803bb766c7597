"""The completion of Y's of any rank on the symbolic path."""
