"""The symbolic path: exact algebra by Jordan types, and closed forms."""
