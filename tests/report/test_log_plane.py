"""The picture of a branch record: every eigenvalue in its strip, told apart without colour."""

from __future__ import annotations

import math
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepexp_exact.branches import BranchRecord, make_record
from deepexp_exact.exact import gaussian
from deepexp_exact.problems import Problem, load_problem
from deepexp_exact.problems.families import FAMILIES
from deepexp_exact.report.log_plane import log_plane, ticks
from deepexp_exact.study.problems import build
from deepexp_exact.verification.warnings import record_warnings


def record_of(problem: Problem, branch: object = "principal") -> BranchRecord:
    return make_record(problem, gaussian(2), 0, branch)


def drawn(record: BranchRecord) -> tuple[ElementTree.Element, list[tuple[str, float, int]]]:
    """The picture, and (shape, height of its middle, eigenvalues) of every mark."""
    picture = ElementTree.fromstring(log_plane(record))
    marks = []
    for group in picture.findall("g"):
        shape, count = group[0], group.find("text")
        if shape.tag == "circle":
            y = float(shape.attrib["cy"])
        else:
            y = float(shape.attrib["y"]) + float(shape.attrib["height"]) / 2
        marks.append((shape.tag, y, 1 if count is None else int(count.text or "")))
    return picture, marks


def edges(picture: ElementTree.Element) -> dict[str, float]:
    """The height of every strip's edge by its name, "π", "−3π", ..."""
    found = [t for t in picture.findall("text") if (t.text or "").endswith("π")]
    return {t.text or "": float(t.attrib["y"]) - 4 for t in found}


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_every_eigenvalue_is_counted_and_lies_in_the_principal_strip(family):
    record = record_of(FAMILIES[family].build(FAMILIES[family].sizes[0], 1))
    picture, marks = drawn(record)
    assert sum(count for _, _, count in marks) == record.d
    heights = edges(picture)
    assert all(heights["π"] - 0.2 <= y <= heights["−π"] + 0.2 for _, y, _ in marks)
    on_axis = [y for shape, y, _ in marks if shape == "rect"]
    assert bool(on_axis) == any(e.on_negative_axis for e in record.entries)
    assert all(abs(y - heights["π"]) < 0.2 for y in on_axis)  # the upper edge belongs to the strip


def test_integers_move_eigenvalues_to_their_strips():
    problem = FAMILIES["gaussian-complex"].build(3, 1)
    picture, marks = drawn(record_of(problem, [0, -2, 1]))
    heights = edges(picture)
    middle = sorted(y for _, y, _ in marks)
    assert heights["3π"] < middle[0] < heights["π"] < middle[1] < heights["−π"]
    assert heights["−3π"] < middle[2] < heights["−5π"]
    names = [t.text for t in picture.findall("text")]
    assert {"k = 1", "k = 0", "k = -1", "k = -2"} <= set(names)


def test_many_strips_are_drawn_but_not_all_named():
    problem = FAMILIES["gaussian-complex"].build(3, 1)
    picture, marks = drawn(record_of(problem, [1000, -1000, 0]))
    names = [t.text for t in picture.findall("text") if (t.text or "").startswith("k = ")]
    assert len(names) <= 14
    assert len({round(y) for _, y, _ in marks}) == 3


def test_a_repeated_eigenvalue_on_the_cut_is_a_square_with_its_number():
    _, marks = drawn(record_of(load_problem("quantum-gates")))
    assert sorted((shape, count) for shape, _, count in marks) == [("circle", 2), ("rect", 2)]


def test_logarithms_for_readers():
    for family in ("gaussian-complex", "derogatory", "graded"):
        for entry in record_of(FAMILIES[family].build(4, 2)).entries:
            z = complex(entry.box.center)
            assert entry.re_log == pytest.approx(math.log(abs(z)), abs=1e-9)
            angle = math.pi - abs(math.atan2(z.imag, z.real))
            assert entry.box.cut_angle() == pytest.approx(angle, abs=1e-9)


def test_warnings_of_a_record():
    told = " ".join(record_warnings(record_of(load_problem("quantum-gates"))))
    assert "λ = -1 lies on the branch cut" in told
    assert "Jordan block" not in told
    assert "near the branch cut" in " ".join(record_warnings(record_of(build("near-cut", 2, 0, 2))))
    assert "Jordan block of size" in " ".join(
        record_warnings(record_of(FAMILIES["defective"].build(4, 0)))
    )
    assert record_warnings(record_of(load_problem("iris-covariances"))) == []


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6))
def test_ticks_are_few_round_and_inside(low, width):
    found = ticks(low, low + width)
    assert 2 <= len(found) <= 10
    slack = 1e-9 * (abs(low) + width)
    assert all(low - slack <= x <= low + width + slack for x in found)
