"""Rigorous bounds on stored weights, whatever path they came from."""
