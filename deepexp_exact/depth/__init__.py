"""Depth: what one, two and three layers can do with the same data, proved or certified."""
