"""Fuzzing of both parsers: whatever the bytes, a verdict and never a traceback.

``DEEPEXP_FUZZ_EXAMPLES`` raises the number of examples for longer runs (``make fuzz``)."""

from __future__ import annotations

import copy
import json
import os
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from forging import rehashed
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deepexp_exact.certificate import check_certificate

EXAMPLES = int(os.environ.get("DEEPEXP_FUZZ_EXAMPLES", "300"))
bounded = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="DEEPEXP_FUZZ_EXAMPLES" not in os.environ,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=True)
    | st.text(max_size=8)
    | st.sampled_from(["0x1p0", "0x0p0", "-0x1/0x3", "0x1p999999", "0x1p-1000000", "C1", "nan"]),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4)
    ),
    max_leaves=8,
)


def paths_into(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The places of a nested object."""
    out = [here]
    if isinstance(value, dict):
        for key, item in value.items():
            out += paths_into(item, (*here, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            out += paths_into(item, (*here, index))
    return out


@pytest.fixture
def both(checker: ModuleType, tmp_path: Path, capsys: Any) -> Any:
    """Runs both checkers on bytes and returns their exit statuses."""

    def run(raw: bytes) -> tuple[int, int]:
        path = tmp_path / "fuzzed.json"
        path.write_bytes(raw)
        status = checker.check(str(path))
        capsys.readouterr()
        return status, check_certificate(path).status

    return run


@given(st.binary(max_size=200))
@bounded
def test_any_bytes(both: Any, raw: bytes) -> None:
    assert both(raw) == (2, 2)


@given(JSON)
@bounded
def test_any_json(both: Any, value: Any) -> None:
    assert both(json.dumps(value).encode()) == (2, 2)


@given(st.data())
@bounded
def test_a_true_certificate_with_one_value_replaced(both: Any, bases: Any, data: Any) -> None:
    table = copy.deepcopy(bases["simple"])
    places = [p for p in paths_into(table) if p and p != ("sha256",)]
    place = data.draw(st.sampled_from(places))
    target = table
    for step in place[:-1]:
        target = target[step]
    new = data.draw(JSON)
    same = type(target[place[-1]]) is type(new) and target[place[-1]] == new
    target[place[-1]] = new
    standard, ball = both(rehashed(table))
    if place[0] in ("weights", "claims") and not same:
        assert standard in (0, 1, 2)
        assert ball != 0 or place[0] == "claims"
    assert {standard, ball} <= {0, 1, 2}


@given(st.data())
@bounded
def test_a_true_certificate_with_bytes_changed(both: Any, bases: Any, data: Any) -> None:
    raw = bytearray(rehashed(bases["simple"]))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at] = data.draw(st.integers(0, 255))
    statuses = both(bytes(raw))
    if json_differs(bytes(raw), bases["simple"]):
        assert statuses == (2, 2)  # the hash does not match, or it is no longer JSON


def json_differs(raw: bytes, table: Any) -> bool:
    try:
        return bool(json.loads(raw) != table)
    except ValueError:
        return True
