"""Plain words, with the mathematical signs and names that this package uses, as LaTeX."""

from __future__ import annotations

import re
import unicodedata

from ..errors import printable

_SIGNS = {
    "α": r"\alpha", "β": r"\beta", "γ": r"\gamma", "δ": r"\delta", "ε": r"\varepsilon",
    "κ": r"\kappa", "λ": r"\lambda", "μ": r"\mu", "π": r"\pi", "ρ": r"\rho", "σ": r"\sigma",
    "τ": r"\tau", "φ": r"\varphi", "χ": r"\chi", "ω": r"\omega", "ℓ": r"\ell",
    "Γ": r"\Gamma", "Δ": r"\Delta", "Λ": r"\Lambda", "Π": r"\Pi", "Σ": r"\Sigma",
    "Ω": r"\Omega", "‖": r"\|", "·": r"\cdot ", "≤": r"\le ", "≥": r"\ge ", "≠": r"\neq ",
    "≈": r"\approx ", "±": r"\pm ", "∓": r"\mp ", "−": "-", "×": r"\times ", "∞": r"\infty ",
    "→": r"\to ", "↦": r"\mapsto ", "∈": r"\in ", "∉": r"\notin ", "⊂": r"\subset ",
    "√": r"\surd ", "∂": r"\partial ", "∫": r"\int ", "∏": r"\prod ", "∑": r"\sum ",
    "⌈": r"\lceil ", "⌉": r"\rceil ", "⌊": r"\lfloor ", "⌋": r"\rfloor ", "ᵀ": "{}^{T}",
    "†": r"\dagger ", "⊕": r"\oplus ", "⊗": r"\otimes ", "≡": r"\equiv ", "<": "<", ">": ">",
    "|": "|",
}  # fmt: skip
_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿ", "0123456789-+n", strict=True))
_LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋", "0123456789+-", strict=True))
_ESCAPES = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "–": "--", "—": "---", "…": r"\ldots{}", "“": "``", "”": "''", "’": "'", "\u00a0": "~",
    "é": r"\'e", "ö": r'\"o', "ü": r'\"u', "ä": r'\"a',
}  # fmt: skip
_PIECES = (
    r"(?P<power>(?:\b(?:10|e|2|x)|(?<=\)))\^(?:\((?:[^()]|\([^()]*\))*\)|[−-]?\w+))"
    r"|(?P<scientific>(?<![\w.-])\d(?:\.\d+)?e-?\d+(?![\w-]))"
    r"INDEXED"
    r"|(?P<letter>(?<![\w'’-])LETTER(?![\w'’-]|/a)|(?<=\()A(?=\)))"
    rf"|(?P<raised>[{''.join(_RAISED)}]+)|(?P<lowered>[{''.join(_LOWERED)}]+)"
    r"|(?P<any>.)"
)


def _tokens(indexed: str, letter: str) -> re.Pattern[str]:
    named = rf"|(?P<indexed>(?<![\w-])(?:{indexed})(?![\w-]))"
    return re.compile(_PIECES.replace("INDEXED", named).replace("LETTER", letter), re.DOTALL)


#: Prose names few letters; in a formula every single capital is a matrix.
_TOKEN = _tokens("[WXYL][0-3i]", "[CKLDZWXYcdkmnpquw]")
_FORMULA = _tokens(r"[A-Z]'?\d{1,2}|[a-zA-Z]_[a-z]|[A-Z]'", "[A-Zcdgkmnsx]")
#: Where mathematics ends and begins at once.
_ADJACENT = re.compile(r"(?<!\\)\$\$")


def latex_text(text: str, formula: bool = False) -> str:
    """The text for LaTeX: names of matrices, powers and signs as mathematics, other signs escaped,
    characters that LaTeX has no sign for by their number; in a ``formula`` all single capitals and
    indexed letters are mathematics."""
    found = (_FORMULA if formula else _TOKEN).finditer(printable(text, "\n"))
    parts = [_piece(m) for m in found]
    return _ADJACENT.sub("", "".join(parts))


def latex_code(text: str) -> str:
    """A command or a name letter by letter: signs escaped, nothing taken for mathematics."""
    signs = (_ESCAPES.get(x, x if x.isascii() else _spelt(x)) for x in printable(text, "\n"))
    return "".join(signs).replace("--", "-{}-")


def _piece(found: re.Match[str]) -> str:
    kind, text = found.lastgroup, found[0]
    if kind == "power":
        base, _, exponent = text.partition("^")
        inner = exponent[1:-1] if exponent[0] == "(" else exponent
        return f"${base}^{{{_exponent(inner)}}}$"
    if kind == "scientific":
        mantissa, _, exponent = text.partition("e")
        factor = "" if mantissa == "1" else rf"{mantissa}\cdot "
        return f"${factor}10^{{{exponent}}}$"
    if kind == "indexed":
        index = text[1:].strip("_'")
        below = f"_{{{index}}}" if len(index) > 1 else f"_{index}" if index else ""
        prime = "'" if "'" in text else ""
        return f"${text[0]}{prime}{below}$"
    if kind == "letter":
        return f"${text}$"
    if kind in ("raised", "lowered"):
        table, sign = (_RAISED, "^") if kind == "raised" else (_LOWERED, "_")
        return f"${sign}{{{''.join(table[x] for x in text)}}}$"
    if text in _SIGNS:
        return f"${_SIGNS[text]}{_end(_SIGNS[text])}$"
    if text in _ESCAPES:
        return _ESCAPES[text]
    return text if text.isascii() else _spelt(text)


def _exponent(text: str) -> str:
    """Signs and single letters as mathematics, words upright."""
    words = re.split(r"([A-Za-z]{2,}(?: [A-Za-z]{2,})*)", text)
    return "".join(
        rf"\mathrm{{{word.replace(' ', '~')}}}" if j % 2 else "".join(map(_mathematics, word))
        for j, word in enumerate(words)
    )


def _mathematics(sign: str) -> str:
    if sign in _SIGNS:
        return _SIGNS[sign] + _end(_SIGNS[sign])
    return _ESCAPES.get(sign, sign if sign.isascii() else rf"\mbox{{{_spelt(sign)}}}")


def _end(command: str) -> str:
    """What keeps a control word apart from a letter behind it."""
    return " " if command.startswith("\\") and command[-1].isalpha() else ""


def _spelt(sign: str) -> str:
    plain = unicodedata.normalize("NFKD", sign).encode("ascii", "ignore").decode()
    return _ESCAPES.get(plain, plain) or rf"\texttt{{U+{ord(sign):04X}}}"


def plot_text(text: str) -> str:
    """The words of a figure: names of matrices, powers and norms as mathematics."""
    return latex_text(text).replace(r"\%", "%").replace(r"\_", "_").replace(r"\#", "#")
