"""Exact normal forms on python-flint: the second engine of `prove`, and the closed forms' field."""
