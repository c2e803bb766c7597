"""Weights printed for people and for other programs (``solve --weights``, ``show CERTIFICATE``)."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from .outputs import Outputs
from .process import say


def wanted(options: argparse.Namespace) -> bool:
    """Whether weights are asked for, by any of the three options."""
    return bool(options.weights or options.weight_digits or options.format)


def alone(options: argparse.Namespace) -> bool:
    """Whether nothing else is to be printed: a format for programs was asked for."""
    return options.format not in (None, "text")


def weights_text(weights: Mapping[str, Any], carried: int, options: argparse.Namespace) -> str:
    """W1, W2, W3 of any path in the format chosen, a closed form as it is where it is text: with
    ``--weight-digits`` digits, which says on standard error what is lost where they are fewer than
    the weights carry, otherwise with four more than these, so that what is read back is good for
    what was told."""
    from ..report.weights import formatted

    if options.format is None and all(w.at_digits is not None for w in weights.values()):
        return "\n".join(f"{name} = {w.to_sympy().tolist()}" for name, w in weights.items())
    digits = options.weight_digits or max(17, carried + 4)
    if digits < carried:
        say(f"rounded to {digits} digits of {carried}: what is told is of all {carried}")
    return formatted(weights, digits, options.format or "text")


def print_weights(
    weights: Mapping[str, Any], carried: int, options: argparse.Namespace, outputs: Outputs
) -> None:
    """:func:`weights_text`, on standard output."""
    print(weights_text(weights, carried, options), file=outputs.people)
