"""The ball path: rigorous enclosures in python-flint."""
