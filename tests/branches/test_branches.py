"""Branch records: made, saved, handed back, compared, and refused when they do not fit."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flint import fmpq
from helpers import altered, conjugated_jordan, problem_with
from hypothesis import given, settings
from hypothesis import strategies as st

from deepexp_exact.branches import BranchEntry, BranchRecord, check_record, make_record
from deepexp_exact.errors import BranchError, DeepexpError, FormatError, NumberError
from deepexp_exact.exact import ExactMatrix, gaussian
from deepexp_exact.files import parse_json, write_json
from deepexp_exact.problems.families import FAMILIES, rotation
from deepexp_exact.spectrum import Box

ALPHA = gaussian(3)
PROBLEM = problem_with(conjugated_jordan([(-1, 2), (-1, 1), ("1+i", 1), (2, 1)]))


def record(branch: Any = "principal") -> BranchRecord:
    return make_record(PROBLEM, ALPHA, 0, branch)


def reread(table: dict[str, Any]) -> BranchRecord:
    return BranchRecord.from_json(parse_json(json.dumps(table), "file"), "file")


# ------------------------------------------------------------------------------ made


def test_a_record_says_everything() -> None:
    r = record((0, 1, -2))
    assert [e.multiplicity for e in r.entries] == [3, 1, 1]
    assert [e.blocks for e in r.entries] == [(2, 1), (1,), (1,)]
    assert [e.on_negative_axis for e in r.entries] == [True, False, False]
    assert r.ks == (0, 1, -2)
    assert r.d == 5
    assert [e.im_over_pi for e in r.entries] == pytest.approx([1, 2.25, -4], abs=0.1)
    assert (r.rule, r.alpha, r.turn, r.notes) == ("integers", ALPHA, 0, ())
    assert r._repr_html_().count("<tr>") == 3


def test_on_the_cut_the_argument_is_plus_pi() -> None:
    """K = diag(−1, 1): on the cut with k = 0, and k = −1 gives −iπ."""
    problem = problem_with(ExactMatrix.diagonal([-1, 1]))
    first = make_record(problem, ALPHA).entries[0]
    assert (first.on_negative_axis, first.k, first.im_over_pi) == (True, 0, 1.0)
    assert make_record(problem, ALPHA, 0, (-1, 0)).entries[0].im_over_pi == -1.0


def test_a_rotation_near_pi_stays_on_the_principal_branch() -> None:
    """A rational rotation by more than 0.98π: ±iθ with θ < π, decided by boxes off the cut."""
    r = make_record(problem_with(rotation(95, 3)), ALPHA)
    theta = 2 * math.atan(95 / 3) / math.pi
    assert [e.im_over_pi for e in r.entries] == pytest.approx([-theta, theta])
    assert 0.979 < theta < 1
    assert not any(e.on_negative_axis or e.box.meets_cut() for e in r.entries)


@pytest.mark.parametrize("alpha", [gaussian(0), gaussian(1)])
def test_alpha_is_neither_zero_nor_one(alpha: Any) -> None:
    with pytest.raises(BranchError, match="not allowed"):
        make_record(PROBLEM, alpha)


@pytest.mark.parametrize("turn", [10**6 + 1, -(10**6) - 1, 0.5, True, "1"])
def test_the_turn_is_a_bounded_integer(turn: Any) -> None:
    with pytest.raises(BranchError, match="turn") as caught:
        make_record(PROBLEM, ALPHA, turn)
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("branch", "words"),
    [
        ("princpal", "no branch rule 'princpal'"),
        ("", "no branch rule"),
        ("0,-1", "no branch rule"),
        ((), "0 integers for 3"),
        ((0, 0), "2 integers for 3"),
        ((0, 0, 0, 0), "4 integers for 3"),
        ((0, 0, 0.0), "not an integer"),
        ((0, True, 0), "not an integer"),
        ((0, 0, 10**7), "is out of range"),
        (("0", "0", "0"), "not an integer"),
        (5, "no branch rule"),
        (None, "no branch rule"),
    ],
)
def test_a_branch_that_is_none_is_refused(branch: Any, words: str) -> None:
    with pytest.raises(BranchError, match=words) as caught:
        record(branch)
    assert caught.value.remedy


def test_wrong_integers_are_told_the_eigenvalues_in_order() -> None:
    with pytest.raises(BranchError, match=r"-1, 1\+1i, 2"):
        record((0,))


# ------------------------------------------------------------------------------ saved, handed back


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("rule", ["principal", "smallest-norm"])
def test_records_of_all_families_round_trip(name: str, rule: str, tmp_path: Path) -> None:
    problem = FAMILIES[name].build(FAMILIES[name].sizes[0], 2)
    r = make_record(problem, gaussian(1, 2), -3, rule)
    assert reread(r.to_json()) == r
    r.save(tmp_path / "record.json")
    twin = BranchRecord.load(tmp_path / "record.json")
    assert twin == r
    check_record(twin, problem)
    again = make_record(problem, twin.alpha, twin.turn, twin)
    assert (again.ks, again.rule, again.entries) == (r.ks, r.rule, r.entries)
    assert r.same_branch(twin) == []


@given(st.lists(st.integers(-(10**6), 10**6), min_size=3, max_size=3), st.integers(-50, 50))
@settings(max_examples=25)
def test_any_integers_round_trip(ks: list[int], turn: int) -> None:
    r = make_record(PROBLEM, gaussian(fmpq(-2, 7), fmpq(1, 3)), turn, ks)
    assert reread(r.to_json()) == r
    check_record(reread(r.to_json()), PROBLEM)


def test_the_record_of_a_certificate_is_read(tmp_path: Path) -> None:
    r = record()
    table = {"format": "deepexp-exact/certificate", "version": 1, "record": r.to_json()}
    write_json(tmp_path / "certificate.json", table)
    assert BranchRecord.load(tmp_path / "certificate.json") == r
    write_json(tmp_path / "certificate.json", table | {"record": 5})
    with pytest.raises(FormatError):
        BranchRecord.load(tmp_path / "certificate.json")


def test_a_record_of_another_problem_is_refused() -> None:
    other = problem_with(conjugated_jordan([(-1, 2), (-1, 1), ("1-i", 1), (2, 1)]))
    with pytest.raises(BranchError, match="another problem"):
        make_record(other, ALPHA, 0, record())
    smaller = problem_with(conjugated_jordan([(-1, 2), ("1+i", 1)]))
    with pytest.raises(BranchError, match="outputs of rank 5, these have rank 3"):
        check_record(record(), smaller)
    same_values = problem_with(conjugated_jordan([(-1, 3), ("1+i", 1), (2, 1)]))
    with pytest.raises(BranchError, match="block sizes"):
        check_record(record(), same_values)


# ------------------------------------------------------------------------------ tampered


def changed(j: int, **fields: Any) -> BranchRecord:
    r = record()
    entries = list(r.entries)
    entries[j] = replace(entries[j], **fields)
    return altered(r, entries=tuple(entries))


def moved(box: Box, amount: fmpq) -> Box:
    return Box(box.re_lo + amount, box.re_hi + amount, box.im_lo, box.im_hi)


def tampered() -> list[tuple[str, BranchRecord, str]]:
    r = record()
    boxes = [e.box for e in r.entries]
    return [
        ("multiplicity", changed(0, multiplicity=2), "multiplicity 2, but K has 3"),
        ("blocks", changed(0, blocks=(1, 1, 1)), "block sizes"),
        ("blocks of a simple one", changed(1, blocks=(2,)), "block sizes"),
        ("on the cut", changed(1, on_negative_axis=True), "on_negative_axis True"),
        ("off the cut", changed(0, on_negative_axis=False), "on_negative_axis False"),
        ("box beside", changed(1, box=boxes[1].mirror()), "does not hold"),
        ("box moved", changed(2, box=moved(boxes[2], fmpq(1))), "does not hold"),
        ("box over two", changed(2, box=boxes[2].inflate(fmpq(2))), "clear of|meets|hold"),
        ("box over zero", changed(0, box=boxes[0].inflate(fmpq(2))), "zero"),
        ("box over the cut", changed(1, box=boxes[1].inflate(fmpq(3, 2))), "cut"),
        ("entry lost", altered(r, entries=r.entries[1:]), "2 eigenvalues, K has 3"),
        ("entry twice", altered(r, entries=(*r.entries, r.entries[2])), "4 eigenvalues"),
        ("order", altered(r, entries=r.entries[::-1]), "hold|cut"),
        ("k against its rule", changed(1, k=1), "says principal"),
        ("rule", altered(record((0, 1, 0)), rule="smallest-norm"), "says smallest-norm"),
    ]


@pytest.mark.parametrize(("what", "forged", "words"), tampered(), ids=lambda x: str(x)[:20])
def test_a_tampered_record_is_refused(what: str, forged: BranchRecord, words: str) -> None:
    with pytest.raises(BranchError, match=words) as caught:
        check_record(forged, PROBLEM)
    assert caught.value.remedy, what
    with pytest.raises(BranchError):
        make_record(PROBLEM, ALPHA, 0, forged)


def without(key: str) -> Any:
    return lambda t: {k: v for k, v in t.items() if k != key}


def entry(**fields: Any) -> Any:
    return lambda t: t | {"eigenvalues": [t["eigenvalues"][0] | fields, *t["eigenvalues"][1:]]}


def first_version(found: BranchRecord) -> dict[str, Any]:
    """The record as files of version 1 hold it."""
    table = found.to_json()
    head = {"format": table["format"], "version": 1}
    layer = {key: table["first_layer"][key] for key in ("alpha", "turn")}
    return head | layer | table["logarithm"]


KEYS = ("format", "version", "alpha", "turn", "rule", "eigenvalues", "notes")
ENTRY_KEYS = (
    "box", "multiplicity", "blocks", "on_negative_axis", "k", "im_over_pi", "integers",
)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "words"),
    [
        *[(without(key), f"missing key '{key}'|format None|version None") for key in KEYS],
        (lambda t: t | {"extra": 1}, "unknown key 'extra'"),
        (lambda t: t | {"version": 2}, "key"),
        (lambda t: t | {"version": 3}, "version"),
        (lambda t: t | {"format": "x"}, "format 'x'"),
        (lambda t: t | {"alpha": ["0x1", "0x0"]}, "α = 1 is not allowed"),
        (lambda t: t | {"alpha": ["0x0", "0x0"]}, "α = 0 is not allowed"),
        (lambda t: t | {"alpha": "3"}, "pair"),
        (lambda t: t | {"alpha": ["3", "0"]}, "hexadecimal"),
        (lambda t: t | {"turn": "0"}, "turn"),
        (lambda t: t | {"turn": 0.5}, "turn"),
        (lambda t: t | {"turn": 10**7}, "not between"),
        (lambda t: t | {"rule": "whatever"}, "no rule 'whatever'"),
        (lambda t: t | {"rule": 1}, "rule is not a text"),
        (lambda t: t | {"notes": "x"}, "not a list"),
        (lambda t: t | {"notes": [1]}, "notes is not a text"),
        (lambda t: t | {"eigenvalues": {}}, "eigenvalues is not a list"),
        (lambda t: t | {"eigenvalues": [1]}, "eigenvalue 1 is not an object"),
        *[
            (
                lambda t, key=key: t | {"eigenvalues": [without(key)(t["eigenvalues"][0])]},
                f"eigenvalue 1: missing key '{key}'",
            )
            for key in ENTRY_KEYS
        ],
        (entry(extra=1), "unknown key 'extra'"),
        (entry(box=["0x1", "0x2", "0x0"]), "re_lo, re_hi"),
        (entry(box=["0x2", "0x1", "0x0", "0x0"]), "lies below"),
        (entry(box=["0x1", "0x2/0x4", "0x0", "0x0"]), "eigenvalue 1: box: .*lowest terms"),
        (entry(box=[1, 2, 3, 4]), "eigenvalue 1: box"),
        (entry(multiplicity=0), "multiplicity"),
        (entry(multiplicity="3"), "multiplicity"),
        (entry(multiplicity=2), "eigenvalue 1: "),
        (entry(blocks=[]), "add up"),
        (entry(blocks=[1, 2]), "add up"),
        (entry(blocks=[3, 0]), "blocks"),
        (entry(blocks=3), "blocks is not a list"),
        (entry(on_negative_axis=1), "true or false"),
        (entry(on_negative_axis="true"), "true or false"),
        (entry(k=0.5), "k: "),
        (entry(k=True), "k: "),
        (entry(k=10**7), "not between"),
        (entry(k=1), "im_over_pi '1' does not fit"),
        (entry(im_over_pi="0.5"), "does not fit its box and k"),
        (entry(im_over_pi="about 1"), "does not fit"),
        (entry(im_over_pi="nan"), "does not fit"),
        (entry(im_over_pi=1), "im_over_pi is not a text"),
        (entry(integers=[1]), "belongs to a negative one with J"),
    ],
)
def test_a_wrong_record_file_is_refused_by_name(change: Any, words: str) -> None:
    with pytest.raises(DeepexpError, match=words) as caught:
        reread(change(first_version(record())))
    assert isinstance(caught.value, FormatError | NumberError | BranchError)


# ------------------------------------------------------------------------------ compared


def test_the_same_branch_and_what_differs() -> None:
    r = record((0, 1, 0))
    assert r.same_branch(r) == []
    narrower = altered(
        r, entries=tuple(replace(e, box=e.box.inflate(-e.box.half_width / 3)) for e in r.entries)
    )
    check_record(narrower, PROBLEM)
    assert r.same_branch(narrower) == narrower.same_branch(r) == []
    for other, words in (
        (altered(r, alpha=gaussian(2)), "α: 3 and 2"),
        (altered(r, turn=1), "turn of c: 0 and 1"),
        (record(), "eigenvalue 2: k = 1 and 0"),
        (altered(r, entries=r.entries[1:]), "distinct eigenvalues: 3 and 2"),
        (
            altered(r, entries=(changed(0, blocks=(3,)).entries[0], *r.entries[1:])),
            "eigenvalue 1: mul",
        ),
        (altered(r, entries=r.entries[::-1]), "eigenvalue 1: -1 and 2"),
    ):
        differences = r.same_branch(other)
        assert len(differences) >= 1
        assert words in differences[0]


def test_the_rule_and_the_notes_do_not_make_another_branch() -> None:
    r = record((0, 0, 0))
    assert r.same_branch(altered(record(), notes=("a note",))) == []


def test_the_argument_of_a_box_is_finite_at_any_scale() -> None:
    for exponent in (-5000, 0, 5000):
        scale = fmpq(10) ** exponent
        box = Box(-2 * scale, -2 * scale, 2 * scale, 2 * scale)
        assert BranchEntry(box, 1, (1,), False, 0).im_over_pi == pytest.approx(0.75)
    assert Box(fmpq(-1), fmpq(1), fmpq(-1), fmpq(1)).angle_over_pi() == 0
