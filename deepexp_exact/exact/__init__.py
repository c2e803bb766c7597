"""Exact Gaussian rationals and matrices of them: parsing, printing, arithmetic, rank."""

from ..errors import clip, shown
from .arguments import one_of, truth, whole, wholes
from .matrices import (
    ExactMatrix,
    hstack,
    matrix_from_hex,
    vstack,
)
from .modular import PRIMES, Integral, primes, sqrt_minus_one
from .numbers import (
    MAX_EXPONENT,
    MAX_NUMBER_CHARS,
    GaussianRational,
    fmpq_to_float,
    format_number,
    from_hex,
    gaussian,
    hex_pair,
    parse_hex_pair,
    parse_number,
    rational,
    to_gaussian,
    to_hex,
)
from .quotients import Quotient, as_quotient
from .tables import MAX_DIMENSION, libraries

__all__ = [
    "MAX_DIMENSION",
    "MAX_EXPONENT",
    "MAX_NUMBER_CHARS",
    "PRIMES",
    "ExactMatrix",
    "GaussianRational",
    "Integral",
    "Quotient",
    "as_quotient",
    "clip",
    "fmpq_to_float",
    "format_number",
    "from_hex",
    "gaussian",
    "hex_pair",
    "hstack",
    "libraries",
    "matrix_from_hex",
    "one_of",
    "parse_hex_pair",
    "parse_number",
    "primes",
    "rational",
    "shown",
    "sqrt_minus_one",
    "to_gaussian",
    "to_hex",
    "truth",
    "vstack",
    "whole",
    "wholes",
]
