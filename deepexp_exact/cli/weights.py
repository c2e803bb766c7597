"""Weights printed for people and for other programs (``solve --weights``, ``show CERTIFICATE``)."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from .outputs import Outputs


def wanted(options: argparse.Namespace) -> bool:
    """Whether weights are asked for, by any of the three options."""
    return bool(options.weights or options.weight_digits or options.format)


def alone(options: argparse.Namespace) -> bool:
    """Whether nothing else is to be printed: a format for programs was asked for."""
    return options.format not in (None, "text")


def weights_text(weights: Mapping[str, Any], digits: int, options: argparse.Namespace) -> str:
    """W1, W2, W3 of any path with ``--weight-digits`` digits (those asked of the solution unless
    given) in the format chosen; a closed form as it is where it is text."""
    from ..report.weights import formatted

    if options.format is None and all(w.at_digits is not None for w in weights.values()):
        return "\n".join(f"{name} = {w.to_sympy().tolist()}" for name, w in weights.items())
    return formatted(weights, options.weight_digits or digits, options.format or "text")


def print_weights(
    weights: Mapping[str, Any], digits: int, options: argparse.Namespace, outputs: Outputs
) -> None:
    """:func:`weights_text`, on standard output."""
    print(weights_text(weights, digits, options), file=outputs.people)
