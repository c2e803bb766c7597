"""docs/precision-study.ipynb: every cell runs in a fresh kernel and gives the outputs it shows.

To refresh them: `jupyter execute --inplace docs/precision-study.ipynb` (of nbclient).
"""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

import pytest

nbclient = pytest.importorskip("nbclient", reason="needs nbclient (extra dev)")
pytest.importorskip("ipykernel", reason="needs ipykernel (extra dev)")
pytest.importorskip("pandas", reason="needs the extra report")
pytest.importorskip("matplotlib", reason="needs the extra report")

NOTEBOOK = Path(__file__).parents[1] / "docs" / "precision-study.ipynb"
_NUMBER = re.compile(r"(?<![\w.])-?\d+\.\d+")


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    """(cell as it is kept, the same cell after a run) for every code cell."""
    import nbformat

    kept, made = (nbformat.read(NOTEBOOK, as_version=4) for _ in range(2))
    where = {"metadata": {"path": str(tmp_path_factory.mktemp("notebook"))}}
    for cell in made.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    nbclient.NotebookClient(made, timeout=300, resources=where).execute()
    both = zip(kept.cells, made.cells, strict=True)
    return [(old, new) for old, new in both if old.cell_type == "code"]


def texts(cell) -> list[str]:
    """What a cell prints and shows as text; boxes around eigenvalues may differ."""
    out = []
    for output in cell.outputs:
        text = output.text if output.output_type == "stream" else output.data["text/plain"]
        out.append(re.sub(r"Box\([^)]*\)", "Box()", text))
    return out


def test_outputs_are_those_shown(pairs):
    """Words and whole numbers exactly, decimals (digits lost) within half a digit."""
    assert len(pairs) == 8
    for old, new in pairs:
        assert old.outputs
        assert len(texts(old)) == len(texts(new))
        for shown, found in zip(texts(old), texts(new), strict=True):
            assert _NUMBER.sub("#", found).split() == _NUMBER.sub("#", shown).split()
            decimals = [[float(x) for x in _NUMBER.findall(text)] for text in (found, shown)]
            assert decimals[0] == pytest.approx(decimals[1], abs=0.5)


def test_what_the_outputs_say(pairs):
    """The claims of the words around the cells, read from this run."""
    said = "\n".join(text for _, new in pairs for text in texts(new))
    assert "residuals below 1e-50: True" in said
    assert "both solve it: True" in said
    assert {"C1 CERTIFIED", "C2 CERTIFIED", "C3 CERTIFIED"} <= set(said.splitlines())
    assert "24 runs, 0 not passed" in said
    lost = {rule: float(x) for rule, x in re.findall(r"(\S+), worst: +([\d.]+) digits lost", said)}
    assert lost["principal"] > 10
    assert lost["norm"] < 3


def test_the_figure_is_drawn_and_small(pairs):
    from matplotlib.image import imread

    images = [
        base64.b64decode(output.data["image/png"])
        for _, new in pairs
        for output in new.outputs
        if "image/png" in output.get("data", {})
    ]
    assert len(images) == 1
    pixels = imread(io.BytesIO(images[0]))
    assert pixels.std() > 0.02  # not an empty canvas
    assert NOTEBOOK.stat().st_size < 60_000
