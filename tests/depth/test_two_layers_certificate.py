"""The two-layer certificate: reader and schema, both checkers, forgeries beside a true control."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from deepexp_exact import load_problem
from deepexp_exact.certificate import Dyadic, canonical_sha256, check_certificate
from deepexp_exact.depth.certificate import FORMAT, TwoLayers, check_table
from deepexp_exact.depth.solving import through_points
from deepexp_exact.errors import DeepexpError
from deepexp_exact.files import format_json, parse_json

ROOT = Path(__file__).parents[2]
CHECKER = ROOT / "proofs" / "checker" / "check_two_layers.py"
Table = dict[str, Any]


@pytest.fixture(scope="module")
def table() -> Table:
    problem = load_problem("quantum-gates")
    found = through_points((problem.X1, problem.X2), (problem.Y1, problem.Y2), 30)
    assert found is not None
    return TwoLayers.of(problem, found, "made by a test", 0).to_json()


def verdicts(changed: Table, folder: Path, sealed: bool = True) -> tuple[Any, int, str]:
    """The ball check's report, and the standard-library checker's status and output."""
    if sealed:
        changed = changed | {"sha256": canonical_sha256(changed)}
    file = folder / "two-layers.json"
    file.write_text(format_json(changed), "utf-8")
    report = check_certificate(file, {FORMAT: check_table})
    done = subprocess.run(
        [sys.executable, "-O", CHECKER, file], capture_output=True, text=True, timeout=60
    )
    assert not done.stderr
    return report, done.returncode, done.stdout


def copied(table: Table) -> Table:
    out: Table = json.loads(json.dumps(table))
    return out


def shifted(text: str, bits: int) -> str:
    """A dyadic number raised by 2^−bits."""
    m, e = Dyadic.parse(text)
    low = min(e, -bits)
    return str(Dyadic.of((m << (e - low)) + (1 << (-bits - low)), low))


def test_untampered_control(table, tmp_path):
    report, status, text = verdicts(copied(table), tmp_path, sealed=False)
    assert (report.status, status) == (0, 0)
    assert [line.label.value for line in report.lines] == ["CERTIFIED"] * 4
    assert text.count("ACCEPTED") == 2
    assert "C2: NOT CHECKED" in text


def test_published_schema(table):
    text = (resources.files("deepexp_exact") / "schemas" / "two-layers.schema.json").read_text()
    schema = jsonschema.Draft202012Validator(json.loads(text))
    jsonschema.Draft202012Validator.check_schema(schema.schema)
    schema.validate(table)
    for key in table:
        assert not schema.is_valid({k: v for k, v in table.items() if k != key}), key


def weight(name: str, bits: int) -> Callable[[Table], None]:
    def change(t: Table) -> None:
        t["weights"][name][0][1][0] = shifted(t["weights"][name][0][1][0], bits)

    return change


def entry(name: str) -> Callable[[Table], None]:
    def change(t: Table) -> None:
        t["problem"][name][0][0] = ["0x1/0x10000000000000000000000000000000", "0x0"]

    return change


def bounds(value: str, claim: int = 0) -> Callable[[Table], None]:
    def change(t: Table) -> None:
        old = t["claims"][claim]
        t["claims"][claim] = (
            old | {"bounds": [value] * 2}
            if claim == 0
            else old | {"radii": {"W1": value, "W2": value}}
        )

    return change


def both(digits: int) -> Callable[[Table], None]:
    def change(t: Table) -> None:
        t["digits"] = digits

    return change


@pytest.mark.parametrize(
    ("change", "failed", "standard"),
    [
        (weight("W1", 60), {"C1", "C2"}, 1),
        (weight("W2", 60), {"C1", "C2"}, 1),
        (weight("W1", 140), {"C2"}, 0),  # within the residual's bound, not within the radius
        (entry("X1"), {"C1", "C2"}, 1),
        (entry("Y2"), {"C1", "C2"}, 1),
        (bounds("0x1p-600"), {"C1"}, 1),
        (bounds("0x0p0", 1), {"C2"}, 0),
        (bounds("0x1p-20"), {"C1"}, 1),  # true, but weaker than the digits
        (bounds("0x1p-20", 1), {"C2"}, 0),
        (both(200), {"C1", "C2"}, 1),
    ],
)
def test_forgeries(table, tmp_path, change, failed, standard):
    forged = copied(table)
    change(forged)
    report, status, text = verdicts(forged, tmp_path)
    assert report.status == 1, str(report)
    assert set(report.failed) == failed, str(report)
    assert status == standard, text


def test_certificate_for_a_problem_without_two_layers(table, tmp_path):
    """Whatever weights it holds, C2 is refuted."""
    forged = copied(table)
    problem = load_problem("two-layers-fail")
    forged["problem"] = problem.to_hex()
    forged["weights"] = {
        name: [row[:2] for row in rows[:2]] for name, rows in forged["weights"].items()
    }
    report, status, _ = verdicts(forged, tmp_path)
    assert (report.status, status) == (1, 1)
    second = [line for line in report.lines if line.claim == "C2"]
    assert [line.label.value for line in second] == ["FAILED"]
    assert "N3" in second[0].text


def drop(key: str) -> Callable[[Table], None]:
    return lambda t: t.pop(key)


def put(key: str, value: Any) -> Callable[[Table], None]:
    return lambda t: t.update({key: value})


@pytest.mark.parametrize(
    "change",
    [
        drop("weights"),
        drop("claims"),
        put("extra", 1),
        put("version", 2),
        put("digits", 0),
        put("digits", "30"),
        put("claims", [{"id": "C3", "radii": []}]),
        put("claims", [{"id": "C1", "bounds": ["0x1p-200"]}]),
        put("claims", [{"id": "C1", "bounds": ["-0x1p-200", "0x1p-200"]}]),
        put("weights", {"W1": [], "W2": []}),
        put("provenance", []),
        lambda t: t["weights"]["W1"][0][0].append("0x0p0"),
        lambda t: t["weights"]["W1"][0].__setitem__(0, ["0x2p0", "0x0p0"]),
        lambda t: t["claims"].reverse(),
    ],
)
def test_malformed(table, tmp_path, change):
    forged = copied(table)
    change(forged)
    report, status, text = verdicts(forged, tmp_path)
    assert report.status == 2, str(report)
    assert report.message.startswith("MALFORMED")
    assert status == 2, text
    with pytest.raises(DeepexpError):
        TwoLayers.from_json(parse_json(json.dumps(forged), "forged"))


def test_changed_without_a_new_hash(table, tmp_path):
    forged = copied(table)
    forged["provenance"]["command"] = "made by another"
    report, status, text = verdicts(forged, tmp_path, sealed=False)
    assert (report.status, status) == (2, 2), text


def test_no_claims_is_not_accepted(table, tmp_path):
    report, status, _ = verdicts(copied(table) | {"claims": []}, tmp_path)
    assert (report.status, status) == (1, 1)
