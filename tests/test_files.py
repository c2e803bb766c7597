"""Strict JSON in, whole files out."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepexp_exact import files
from deepexp_exact.errors import FormatError
from deepexp_exact.files import (
    MAX_DEPTH,
    NumberText,
    expect_format,
    expect_int,
    expect_keys,
    expect_list,
    expect_text,
    format_json,
    parse_json,
    read_bytes,
    read_json,
    read_text,
    write_bytes,
    write_json,
    write_text,
)

plain = st.recursive(
    st.none() | st.booleans() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


# ------------------------------------------------------------------------------ reading


@given(st.dictionaries(st.text(max_size=5), plain, max_size=5))
def test_what_is_written_reads_back(table: dict[str, Any]) -> None:
    assert parse_json(format_json(table), "text") == table
    assert json.loads(format_json(table)) == table


@given(st.integers() | st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_keep_their_text(number: float) -> None:
    value = parse_json(f'{{"a": [{number!r}]}}', "text")["a"][0]
    assert isinstance(value, NumberText)
    assert value == repr(number)


def test_a_number_of_any_length_is_kept_as_text() -> None:
    digits = "9" * 10_000
    assert parse_json(f'{{"a": {digits}}}', "text")["a"] == digits
    assert parse_json(f'{{"a": 0.{digits}e-7}}', "text")["a"] == f"0.{digits}e-7"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ('{"a": 1', "truncated"),
        ('{"a": 1,}', "not JSON"),
        ('{"a": "unterminated', "truncated"),
        ("{'a': 1}", "not JSON"),
        ('{"a": 1} x', "not JSON"),
        ('{"a": 01}', "not JSON"),
        ('{"a": +1}', "not JSON"),
        ('{"a": .5}', "not JSON"),
        ('{"a": 0x10}', "not JSON"),
        ('{"a": NaN}', "NaN is not a number"),
        ('{"a": Infinity}', "Infinity is not a number"),
        ('{"a": [-Infinity]}', "-Infinity is not a number"),
        ("[1, 2]", "JSON list"),
        ('"text"', "JSON str"),
        ("null", "JSON NoneType"),
        ('{"a": 1, "a": 2}', "'a' appears twice"),
        ('{"a": {"b": 1, "b": 1}}', "'b' appears twice"),
        ('{"a": "\t"}', "not JSON"),
        ('\ufeff{"a": 1}', "not JSON"),
        ('{"a": ' + "[" * MAX_DEPTH + "]" * MAX_DEPTH + "}", "nested deeper"),
        ('{"a": ' * 100_000, "nested deeper"),
    ],
)
def test_what_is_not_one_json_object_is_refused(text: str, words: str) -> None:
    with pytest.raises(FormatError, match=words) as caught:
        parse_json(text, "the file")
    assert str(caught.value).startswith("the file")


def test_values_without_end_are_refused_before_they_fill_the_memory() -> None:
    def peak(commas: int) -> int:
        text = '{"a": [' + "1," * commas + "1]}"
        tracemalloc.start()
        try:
            with pytest.raises(FormatError, match="commas; the limit is"):
                parse_json(text, "the file")
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert len(parse_json('{"a": [' + "1," * 1000 + "1]}", "the file")["a"]) == 1001
    assert peak(4_000_000) < 1_000_000  # bytes; the text itself has eight million


def test_keys_without_end_are_refused_before_they_fill_the_memory() -> None:
    with pytest.raises(FormatError, match="500000 colons; the limit is"):
        parse_json("{" + ",".join(f'"{j}":1' for j in range(500_000)) + "}", "the file")


def test_brackets_in_texts_do_not_count_as_nesting() -> None:
    table = {"a": "[" * 1000 + '"' + "{" * 1000, "b": "\\" * 99}
    assert parse_json(json.dumps(table), "text") == table


def test_an_unterminated_text_of_escaped_quotes_is_refused_in_linear_time() -> None:
    started = time.perf_counter()
    with pytest.raises(FormatError):
        parse_json('{"a": "' + '\\"' * 200_000, "text")
    assert time.perf_counter() - started < 5


@given(st.text(max_size=30) | st.text(alphabet='{}[]",:0123456789.eE+-\\ntrufalse ', max_size=30))
def test_any_text_gives_an_object_or_a_typed_error(text: str) -> None:
    try:
        value = parse_json(text, "text")
    except FormatError:
        return
    assert isinstance(value, dict)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"cannot read .*No such file"):
        read_text(tmp_path / "missing.json")
    with pytest.raises(FormatError, match="cannot read"):
        read_text(tmp_path)
    with pytest.raises(FormatError, match="cannot read"):
        read_text("a\0b.json")
    (tmp_path / "latin.json").write_bytes(b'{"a": "\xe9"}')
    with pytest.raises(FormatError, match="UTF-8"):
        read_json(tmp_path / "latin.json")


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (b"BZh91AY&SY", "packed by bzip2"),
        (b"\xfd7zXZ\0\0", "packed by xz"),
        (b"PK\x03\x04\0", "packed by zip"),
        (b"\x28\xb5\x2f\xfd\0", "packed by zstd"),
        (b"\x1f\x8b\x08", "packed by gzip"),
        (b"\x93NUMPY\x01\0", "one NumPy array"),
        ('{"a": 1}'.encode("utf-16"), "UTF-16 or UTF-32"),
        ('{"a": 1}'.encode("utf-32"), "UTF-16 or UTF-32"),
        (b"\0\0\xfe\xff\0\0\0{", "UTF-16 or UTF-32"),
        (b"1,2\n3,4\n", "is not JSON, and its name is of no other format"),
        (b"", "is not JSON, and its name is of no other format"),
    ],
)
def test_the_true_reason_is_told_of_files_of_other_kinds(
    tmp_path: Path, start: bytes, words: str
) -> None:
    (tmp_path / "a.csv").write_bytes(start)
    with pytest.raises(FormatError, match=words) as caught:
        read_json(tmp_path / "a.csv")
    assert caught.value.remedy
    (tmp_path / "a.txt").write_bytes(b' {"a": 1}')
    assert read_json(tmp_path / "a.txt") == {"a": "1"}


def _read(text: str) -> None:
    table = parse_json(text, "the file")
    expect_format(table, "x", 1, "the file")
    expect_keys(table, ("format", "version"), "the file")


def test_no_message_repeats_megabytes_of_a_file() -> None:
    long = "k" * 3_000_000
    for text in (
        f'{{"{long}": 1, "{long}": 2}}',
        f'{{"format": "x", "version": 1, "{long}": 1}}',
        f'{{"format": "x", "version": {"1" * 3_000_000}}}',
        f'{{"format": "{long}", "version": 1}}',
    ):
        with pytest.raises(FormatError) as caught:
            _read(text)
        assert len(str(caught.value)) < 4200


def test_a_file_above_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_FILE_BYTES", 10)
    (tmp_path / "a").write_bytes(b"x" * 10)
    assert len(read_bytes(tmp_path / "a")) == 10
    (tmp_path / "b").write_bytes(b"x" * 11)
    with pytest.raises(FormatError, match="limit of 10 bytes"):
        read_bytes(tmp_path / "b")
    if Path("/dev/zero").exists():
        with pytest.raises(FormatError, match="limit of 10 bytes"):
            read_bytes("/dev/zero")


# ------------------------------------------------------------------------------ fields


def test_exactly_these_keys() -> None:
    expect_keys({"a": 1, "b": 2}, ("a",), "file", optional=("b", "c"))
    with pytest.raises(FormatError, match=r"file: missing key 'b' \(keys: a, b\)"):
        expect_keys({"a": 1}, ("a", "b"), "file")
    with pytest.raises(FormatError, match="file: unknown key 'z'"):
        expect_keys({"a": 1, "z": 1}, ("a",), "file")


@pytest.mark.parametrize(
    "version", [None, True, "1", "2", NumberText("2"), NumberText("1.0"), 2, [1]]
)
def test_another_version_is_refused(version: object) -> None:
    expect_format({"format": "f", "version": NumberText("1")}, "f", 1, "file")
    expect_format({"format": "f", "version": 1}, "f", 1, "file")
    with pytest.raises(FormatError, match=r"file: version .* reads version 1"):
        expect_format({"format": "f", "version": version}, "f", 1, "file")


@pytest.mark.parametrize("name", [None, "g", "F", 1, ["f"]])
def test_another_format_is_refused(name: object) -> None:
    with pytest.raises(FormatError, match="file: format"):
        expect_format({"format": name, "version": 1}, "f", 1, "file")


@pytest.mark.parametrize(
    "value", ["1", 1, 1.0, True, None, NumberText("1.0"), NumberText("1e3"), NumberText("9" * 19)]
)
def test_an_integer_is_a_plain_json_integer(value: object) -> None:
    assert expect_int(NumberText("-7"), "k", -10, 10) == -7
    with pytest.raises(FormatError, match=r"^k:"):
        expect_int(value, "k", -10, 10)


def test_integers_texts_and_lists_have_limits() -> None:
    for number in ("-11", "11"):
        with pytest.raises(FormatError, match=r"k: -?11 is not between -10 and 10"):
            expect_int(NumberText(number), "k", -10, 10)
    assert expect_text("abc", "t", 3) == "abc"
    with pytest.raises(FormatError, match="t: 4 characters; the limit is 3"):
        expect_text("abcd", "t", 3)
    for value in (NumberText("1"), None, 1, ["a"]):
        with pytest.raises(FormatError, match="t is not a text"):
            expect_text(value, "t")
    assert expect_list([1], "l") == expect_list([1], "l", 1) == [1]
    for value in ({}, "ab", None, [1, 2, 3]):
        with pytest.raises(FormatError, match="l is not a list of 2"):
            expect_list(value, "l", 2)


# ------------------------------------------------------------------------------ writing


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_written_whole_with_ordinary_permissions(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"k": [["1", "2"], ["3", "é"]]})
    assert read_json(tmp_path / "a.json") == {"k": [["1", "2"], ["3", "é"]]}
    (tmp_path / "plain").write_text("x")
    assert stat.S_IMODE((tmp_path / "a.json").stat().st_mode) == stat.S_IMODE(
        (tmp_path / "plain").stat().st_mode
    )
    write_text(tmp_path / "a.json", "new")
    assert read_text(tmp_path / "a.json") == "new"
    assert names(tmp_path) == ["a.json", "plain"]


@pytest.mark.parametrize("broken", ["fsync", "replace", "chmod"])
def test_a_failing_write_leaves_the_old_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    write_text(tmp_path / "a.json", "old")
    monkeypatch.setattr(os, broken, fail)
    with pytest.raises(FormatError, match=r"cannot write .*No space left"):
        write_text(tmp_path / "a.json", "new")
    monkeypatch.undo()
    assert read_text(tmp_path / "a.json") == "old"
    assert names(tmp_path) == ["a.json"]


def test_an_interrupted_write_leaves_the_old_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    write_text(tmp_path / "a.json", "old")
    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_text(tmp_path / "a.json", "new")
    monkeypatch.undo()
    assert read_text(tmp_path / "a.json") == "old"
    assert names(tmp_path) == ["a.json"]


def test_what_is_not_json_is_not_written(tmp_path: Path) -> None:
    write_text(tmp_path / "a.json", "old")
    for value in (float("nan"), object()):
        with pytest.raises((ValueError, TypeError)):
            write_json(tmp_path / "a.json", {"k": value})
    assert read_text(tmp_path / "a.json") == "old"
    assert names(tmp_path) == ["a.json"]


def test_places_that_cannot_be_written(tmp_path: Path) -> None:
    for path in (tmp_path / "missing" / "a.json", tmp_path, "a\0b"):
        with pytest.raises(FormatError, match="cannot write"):
            write_bytes(path, b"x")
    assert names(tmp_path) == []


def test_a_long_name_and_a_link_are_no_obstacle(tmp_path: Path) -> None:
    long = tmp_path / ("n" * 250)
    write_bytes(long, b"x")
    assert long.read_bytes() == b"x"
    (tmp_path / "link").symlink_to(long.name)
    write_bytes(tmp_path / "link", b"y")
    assert (tmp_path / "link").is_symlink()
    assert long.read_bytes() == b"y"


def test_what_is_not_a_plain_file_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = subprocess.Popen(
        [sys.executable, "-c", f"print(open({str(pipe)!r}).read())"], stdout=subprocess.PIPE
    )
    write_bytes(pipe, b"through the pipe")
    assert reader.communicate(timeout=20)[0] == b"through the pipe\n"
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert names(tmp_path) == ["pipe"]
