"""The symbolic path: the statements in sympy, a second engine of normal forms, closed forms."""
