"""Fast exact products of multiprecision complex matrices by float64 BLAS.

Interface: :class:`Stack` (a matrix; conversions), :func:`evaluate`, :func:`product`,
:func:`entrywise` (products, checked as they are made), :class:`System` (inverses and linear
systems).  How it works and why it is exact: ``residues`` and ``products``.
"""

from .newton import NoContraction, System
from .products import TALLY, Term, entrywise, evaluate, position, product
from .stack import Stack, join

__all__ = [
    "TALLY",
    "NoContraction",
    "Stack",
    "System",
    "Term",
    "entrywise",
    "evaluate",
    "join",
    "position",
    "product",
]
