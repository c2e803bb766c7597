"""One statement as data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Statement:
    """One statement as data.  ``uses`` names the hypotheses and statements it rests on."""

    id: str
    title: str
    words: str
    variables: tuple[str, ...]
    assumptions: tuple[str, ...]
    uses: tuple[str, ...]
    latex: str
    #: What the finite check leaves to the written proof; "" where it decides everything.
    by_hand: str = ""

    def _repr_latex_(self) -> str:
        return f"${self.latex}$"
