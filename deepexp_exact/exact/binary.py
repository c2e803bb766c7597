"""mpmath's and python-flint's numbers from integers and back, exactly, by public interfaces."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import MAX_EMAX, MIN_EMIN, ROUND_CEILING, Context, Inexact
from functools import partial
from itertools import product, repeat
from typing import Any, NamedTuple

from flint import acb, acb_mat, arb

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


def to_mp_matrix(
    rows: int,
    cols: int,
    entries: Iterable[Any],
    own: Any = None,
    at_digits: Callable[[int], Any] | None = None,
) -> Any:
    """An mpmath matrix (:class:`mp_matrices.MpMatrix`, which says what ``own`` and ``at_digits``
    are) of ``mpf`` and ``mpc`` entries given row by row, none of them rounded."""
    from mpmath import mp

    from .mp_matrices import MpMatrix

    out, put = MpMatrix(rows, cols), mp.matrix.__setitem__
    for place, value in zip(product(range(rows), range(cols)), entries, strict=True):
        put(out, place, value)
    out.own, out.at_digits = own, at_digits
    return out


def integers_to_mp_matrix(
    rows: int, cols: int, re: Sequence[int], im: Sequence[int], exponent: int
) -> Any:
    """(re + i·im)·2^exponent as an mpmath matrix, entry by entry :func:`to_mpc`."""
    from mpmath import libmp, mp

    parts = [map(libmp.from_man_exp, map(libmp.MPZ, part), repeat(exponent)) for part in (re, im)]
    entries = list(map(mp.make_mpc, zip(*parts, strict=True)))
    if 0 in im:
        entries = [z.real if not y else z for z, y in zip(entries, im, strict=True)]
    return to_mp_matrix(rows, cols, entries)


def holds_integers(matrix: Any, re: Sequence[int], im: Sequence[int], exponent: int) -> bool:
    """Whether an mpmath matrix, each entry read from it, is (re + i·im)·2^exponent exactly.

    For millions of bits a second: sizes and signs are compared list by list."""
    from mpmath import mp

    entries, below = [z for row in matrix.tolist() for z in row], mp.zero.__gt__
    try:
        parts = [z.real for z in entries], [z.imag for z in entries]
        for part, expected in zip(parts, (re, im), strict=True):
            sizes = [abs(m) << e - exponent if m else e for m, e in (x.man_exp for x in part)]
            if sizes != list(map(abs, expected)) or [v < 0 for v in expected] != list(
                map(below, part)
            ):
                return False
    except (OverflowError, ValueError):  # an exponent below, or what is not finite
        return False
    return True


def exact_balls(matrix: Any) -> Any:
    """An mpmath matrix as ``acb_mat`` of radius 0, whatever its exponents and the precision.

    Raises :class:`NumberError` for a NaN or an infinity."""
    entries = [z for row in matrix.tolist() for z in row]
    balls = list(map(acb, entries))
    for z, ball in zip(entries, balls, strict=True):
        if not ball.is_finite():
            raise _no_value(z)
    return acb_mat(matrix.rows, matrix.cols, balls)


def from_mpf(value: Any) -> tuple[int, int]:
    """(m, e) with the ``mpf`` equal to m·2^e; :class:`NumberError` for a NaN or an infinity."""
    try:
        mantissa, exponent = value.man_exp  # with its sign or without, as the version has it
    except ValueError:  # mpmath 1.4 for what is not finite
        raise _no_value(value) from None
    size = abs(int(mantissa))
    return (-size if _is_negative(value) else size), int(exponent)


def text_above(mantissa: int, exponent: int) -> str:
    """mantissa·2^exponent ≥ 0 with two digits, rounded up: "7.2e-55"; exactly zero is 0."""
    if not mantissa:
        return "0"
    up = partial(Context, rounding=ROUND_CEILING, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])
    work = up(prec=40)
    value = work.power(2, exponent)
    if work.flags[Inexact]:  # to within one unit of the last of forty digits
        value = work.next_plus(work.next_plus(value))
    value = work.multiply(work.create_decimal(mantissa), value)
    return f"{up(prec=2).plus(value):.1e}"


def _is_negative(value: Any) -> bool:
    """The sign, by float64 where that has it: mpmath's own comparisons take much longer."""
    near = float(value)
    if near and near - near == 0.0:
        return near < 0
    from mpmath import isfinite

    if not isfinite(value):
        raise _no_value(value)
    return bool(value < 0)


def _no_value(value: Any) -> NumberError:
    return NumberError(f"a NaN or an infinity has no exact value: {value}", "remove or replace it")


# ------------------------------------------------------------------------------------ for pickles


class Packed(NamedTuple):
    """``make(*parts)`` is the value, every bit of it: python-flint's balls do not pickle, mpmath
    1.3's matrices neither, and mpmath 1.4 rounds what it copies to its working precision."""

    make: Callable[..., Any]
    parts: tuple[Any, ...]


def packed(value: Any) -> Any:
    """The value with :class:`Packed` for balls and mpmath's numbers, in tuples and dicts too."""
    from mpmath import mp

    if type(value) is dict:
        return {key: packed(part) for key, part in value.items()}
    if type(value) is tuple:
        return tuple(map(packed, value))
    if isinstance(value, arb):
        ends = (value.mid(), value.rad()) if value.is_finite() else ()
        return Packed(_ball, tuple(tuple(int(v) for v in end.man_exp()) for end in ends))
    if isinstance(value, acb):
        return Packed(acb, (packed(value.real), packed(value.imag)))
    if isinstance(value, acb_mat):
        return Packed(_balls, (value.nrows(), value.ncols(), tuple(map(packed, value.entries()))))
    if isinstance(value, mp.matrix):
        more = (packed(getattr(value, "own", None)), getattr(value, "at_digits", None))
        return Packed(to_mp_matrix, (value.rows, value.cols, tuple(map(packed, value)), *more))
    if isinstance(value, mp.mpf | mp.mpc):
        if not mp.isfinite(value):
            return Packed(_not_finite, (str(value.real), str(value.imag)))
        return Packed(to_mpc, (from_mpf(value.real), from_mpf(value.imag)))
    return value


def unpacked(value: Any) -> Any:
    """The inverse of :func:`packed`."""
    if isinstance(value, Packed):
        return value.make(*map(unpacked, value.parts))
    if type(value) is dict:
        return {key: unpacked(part) for key, part in value.items()}
    return tuple(map(unpacked, value)) if type(value) is tuple else value


def _ball(*ends: tuple[int, int]) -> Any:
    """The ball with this midpoint and radius; none for one that is not finite (anything at all).

    FLINT rounds a radius up to 30 bits and past what it is given: so just less is given."""
    if not ends:
        return arb.nan()
    mantissa, exponent = ends[1]
    if not mantissa:
        return arb(ends[0])
    shift = 32 - mantissa.bit_length()
    return arb(arb(ends[0]), arb(((mantissa << shift) - 1, exponent - shift)))


def _balls(rows: int, cols: int, entries: tuple[Any, ...]) -> Any:
    return acb_mat(rows, cols, list(entries))


def _not_finite(re: str, im: str) -> Any:
    from mpmath import mp

    return mp.mpf(re) if im == "0.0" else mp.mpc(re, im)
