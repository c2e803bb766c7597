"""Matrices as text that other programs read: plain, LaTeX, MATLAB, NumPy, CSV.

Every number is rounded to nearest from the binary number it is; all digits printed are its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Rows = list[list[str]]


def formatted(matrices: Mapping[str, Any], digits: int, style: str = "text") -> str:
    """The matrices (:class:`MpMatrix` by name) with so many significant digits in a style of
    :data:`STYLES`."""
    written = STYLES[style]
    texts = [written(name, M.decimal(digits)) for name, M in matrices.items()]
    if digits > 17 and style in _COMMENT:
        texts.append(f"{_COMMENT[style]} read as numbers, these are rounded to float64's 16 digits")
    return "\n".join(texts)


def _text(name: str, rows: Rows) -> str:
    widths = [max(len(row[c]) for row in rows) for c in range(len(rows[0]))]
    lines = ("  ".join(t.rjust(w) for t, w in zip(row, widths, strict=True)) for row in rows)
    return "\n".join([f"{name} =", *(f"  {line}" for line in lines)])


def _latex(name: str, rows: Rows) -> str:
    body = " \\\\\n".join(" & ".join(_latex_number(t) for t in row) for row in rows)
    return f"{name[0]}_{{{name[1:]}}} = \\begin{{pmatrix}}\n{body}\n\\end{{pmatrix}}"


def _latex_number(text: str) -> str:
    parts = []
    for part in _parts(text):
        mantissa, _, exponent = part.removesuffix("i").partition("e")
        power = f"\\cdot 10^{{{int(exponent)}}}" if exponent else ""
        parts.append(f"{mantissa}{power}" + ("\\,\\mathrm{i}" if part.endswith("i") else ""))
    return "".join(parts)


def _parts(text: str) -> list[str]:
    """The real and the imaginary part of a number's text, each with its sign."""
    for j in range(1, len(text)):
        if text[j] in "+-" and text[j - 1] != "e":
            return [text[:j], text[j:]]
    return [text]


def _matlab(name: str, rows: Rows) -> str:
    """Numbers in quotes for ``vpa`` or ``sym`` lose nothing; as numerals MATLAB rounds them."""
    body = ";\n".join(" ".join(row) for row in rows)
    return f"{name} = [\n{body}\n];"


def _numpy(name: str, rows: Rows) -> str:
    body = ",\n".join("    [" + ", ".join(t.replace("i", "j") for t in row) + "]" for row in rows)
    return f"{name} = np.array([\n{body}\n])"


def _csv(name: str, rows: Rows) -> str:
    """name, row, column, real part, imaginary part."""
    out = []
    for r, row in enumerate(rows, 1):
        for c, text in enumerate(row, 1):
            parts = _parts(text)
            imaginary = [p.removesuffix("i").removeprefix("+") for p in parts if p.endswith("i")]
            real = [p for p in parts if not p.endswith("i")]
            out.append(f"{name},{r},{c},{(real or ['0.0'])[0]},{(imaginary or ['0.0'])[0]}")
    return "\n".join(out)


#: How a remark begins where numerals are rounded by whoever reads them.
_COMMENT = {"matlab": "%", "numpy": "#"}

#: The styles by name.
STYLES: dict[str, Callable[[str, Rows], str]] = {
    "text": _text,
    "latex": _latex,
    "matlab": _matlab,
    "numpy": _numpy,
    "csv": _csv,
}
