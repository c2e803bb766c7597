"""mpmath numbers from integers and back, exactly, through mpmath's public interface."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..errors import NumberError


def to_mpf(mantissa: Any, exponent: int) -> Any:
    """mantissa·2^exponent as an ``mpf``, whatever the context's precision."""
    from mpmath import libmp, mp

    return mp.make_mpf(libmp.from_man_exp(libmp.MPZ(mantissa), exponent))


def to_mpc(re: tuple[Any, int], im: tuple[Any, int]) -> Any:
    """The same for both parts; an ``mpf`` where the imaginary part is zero."""
    from mpmath import libmp, mp

    if not im[0]:
        return to_mpf(*re)
    return mp.make_mpc(
        (libmp.from_man_exp(libmp.MPZ(re[0]), re[1]), libmp.from_man_exp(libmp.MPZ(im[0]), im[1]))
    )


def to_mp_matrix(rows: int, cols: int, entries: Iterable[Any]) -> Any:
    """An mpmath matrix of ``mpf`` and ``mpc`` entries given row by row, none of them rounded."""
    from mpmath import mp

    out = mp.matrix(rows, cols)
    for at, value in enumerate(entries):
        out[at // cols, at % cols] = value
    return out


def from_mpf(value: Any) -> tuple[int, int]:
    """(m, e) with the ``mpf`` equal to m·2^e; :class:`NumberError` for a NaN or an infinity."""
    mantissa, exponent = value.man_exp
    size = abs(int(mantissa))
    if not size and value != 0:
        raise NumberError(
            f"a NaN or an infinity has no exact value: {value}", "remove or replace it"
        )
    return (-size if value < 0 else size), int(exponent)
