"""Medians and quantiles with censored runs; what captions state holds for the rows below."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepexp_exact.report.profiles import ratios
from deepexp_exact.report.summaries import (
    QUARTILES_FROM,
    Quantity,
    grouped,
    is_censored,
    run_set,
    summarised,
)
from deepexp_exact.report.tables import CENSORED

LOST = Quantity("lost", "digits lost", told=("25 %", "median", "75 %", "worst"))
numbers = st.floats(-1e6, 1e6)


def records(values, censored=0):
    made = [{"label": "CERTIFIED", "lost": x, "axis": 1} for x in values]
    return made + [{"label": "UNDECIDED", "axis": 1}] * censored


@given(st.lists(numbers, min_size=1, max_size=30), st.integers(0, 10), st.booleans())
def test_a_quantile_never_flatters(values, censored, higher):
    """At least a share q of all runs, censored ones included, is no worse than the quantile, and
    it is censored exactly where fewer are measured."""
    shown = Quantity("lost", "x", higher=higher)
    told = shown.summary(records(values, censored))
    n = len(values) + censored
    assert (told["n"], told["censored"]) == (n, censored)
    for name, share in (("25 %", 0.25), ("median", 0.5), ("75 %", 0.75)):
        if name != "median" and n < QUARTILES_FROM:
            assert name not in told
            continue
        found = told[name]
        if found is CENSORED:
            assert len(values) <= math.ceil(share * (n - 1))
        else:
            better = [x for x in values if (x >= found if higher else x <= found)]
            assert len(better) >= share * n
            assert found in values
    assert (told["worst"] is CENSORED) == bool(censored)


def test_the_median_of_ten_with_one_censored_is_not_that_of_nine():
    told = LOST.summary(records(range(1, 10), 1))
    assert (told["n"], told["median"], told["75 %"], told["worst"]) == (10, 6, 8, CENSORED)


def test_runs_without_a_figure_of_their_kind_are_not_counted():
    """A path that has no proved radius is neither measured nor censored."""
    rows = [{"label": "AGREES", "lost": 1.0}, {"label": "AGREES"}]
    assert LOST.summary(rows)["n"] == 1
    assert LOST.summary([{"label": "NOT_APPLICABLE"}]) == {"n": 0, "censored": 0}


@pytest.mark.parametrize(
    ("record", "censored"),
    [
        ({"label": "FAILED"}, True),
        ({"label": "UNDECIDED"}, True),
        ({"label": "NOT_APPLICABLE", "censored": 1}, True),
        ({"label": "NOT_APPLICABLE"}, False),
        ({"label": "CERTIFIED"}, False),
    ],
)
def test_what_is_censored(record, censored):
    assert is_censored(record) is censored


def test_groups_keep_the_order_of_the_plan_numbers_rise_and_missing_keys_are_last():
    rows = [{"a": "y", "d": None}, {"a": "x", "d": 4}, {"a": "y", "d": None}, {"a": "y", "d": 2}]
    assert [(key, len(found)) for key, found in grouped(rows, ("a", "d"))] == [
        (("y", 2), 1),
        (("y", None), 2),
        (("x", 4), 1),
    ]
    assert grouped([], ("a",)) == []


def test_a_summary_ends_with_n_and_the_censored_count():
    rows = summarised(records([3.0, 1.0, 2.0, 4.0], 1), ("axis",), (LOST,))
    assert rows == [(1, 2.0, 3.0, 4.0, CENSORED, 5, 1)]


def test_the_run_set_counts_its_runs():
    rows = [{"seed": s, "digits": 50, "alpha": "auto"} for s in range(4)]
    assert run_set(rows) == "4 runs: α auto, 50 digits asked, seeds 0 to 3."


def test_performance_ratios_are_those_of_dolan_and_more():
    """Of a method without a figure: infinite; figures below the floor are equal; a problem that
    nobody solves is left out."""
    rows = [
        {"family": f, "method": m, "log10_error": x}
        for f, m, x in (
            ("one", "a", -60.0),
            ("one", "b", -49.0),
            ("two", "a", -48.0),
            ("two", "b", None),
            ("three", "a", None),
            ("three", "b", math.inf),
        )
    ]
    assert ratios(rows, "log10_error", ["a", "b"], -50.0) == {
        "a": [0.0, 0.0],
        "b": [1.0, math.inf],
    }
