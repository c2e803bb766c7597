"""Strict reading of JSON and atomic writing of files.

Reading keeps every number as the text it was written with, refuses duplicate keys, NaN text,
files above a size limit and nesting above a depth limit; writing goes to a temporary file beside
the target, which then replaces it, so that a reader never sees half a file.
"""

from __future__ import annotations

import errno
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from .errors import FormatError, shown

#: The name of standard input and standard output.
STANDARD = "-"
#: Largest file read, in bytes, as it is stored and unpacked.
MAX_FILE_BYTES = 64 * 1024 * 1024
#: Most commas of a JSON file: each value costs about a hundred bytes of memory.
MAX_COMMAS = 1_000_000
#: Most colons, for the keys of objects take more.
MAX_COLONS = 400_000
#: How packed files begin, but gzip's.
_PACKED = {b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"PK\x03\x04": "zip", b"\x28\xb5\x2f\xfd": "zstd"}
#: Deepest nesting of a JSON file.
MAX_DEPTH = 32

# Strings (an unterminated one runs to the end, so that the time is linear) and brackets.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{\]}]', re.DOTALL)
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")


class NumberText(str):
    """The text of a JSON number, unread."""

    __slots__ = ()


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table: dict[str, Any] = {}
    for key, value in pairs:
        if key in table:
            raise FormatError(f"the key {key!r} appears twice", "keep one of the two")
        table[key] = value
    return table


def _no_constant(text: str) -> Any:
    raise FormatError(f"{text} is not a number", "remove or replace it")


def _check_depth(text: str, where: str) -> None:
    depth = 0
    for part in _TOKEN.finditer(text):
        symbol = part.group()
        if symbol in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise FormatError(f"{where}: nested deeper than {MAX_DEPTH} levels")
        elif symbol in "]}":
            depth -= 1


def parse_json(text: str, where: str) -> dict[str, Any]:
    """One JSON object; its numbers become :class:`NumberText`, nothing is rounded."""
    for mark, name, most in ((",", "commas", MAX_COMMAS), (":", "colons", MAX_COLONS)):
        if (count := text.count(mark)) > most:
            raise FormatError(f"{where}: {count} {name}; the limit is {most}")
    _check_depth(text, where)
    try:
        value = json.loads(
            text,
            parse_float=NumberText,
            parse_int=NumberText,
            parse_constant=_no_constant,
            object_pairs_hook=_unique,
        )
    except FormatError as error:
        raise FormatError(f"{where}: {error.message}", error.remedy) from None
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{where} is not JSON: {error}", "is the file truncated?") from None
    if not isinstance(value, dict):
        raise FormatError(f"{where} holds a JSON {type(value).__name__}, not an object")
    return value


def checked_path(path: object) -> str | os.PathLike[str]:
    """The path itself; :class:`FormatError` for anything but a text or a path of texts."""
    if not isinstance(path, str | os.PathLike) or not isinstance(os.fspath(path), str):
        raise FormatError(f"{shown(path)} is not a path", "give a text or a pathlib.Path")
    return path


def read_bytes(path: str | os.PathLike[str]) -> bytes:
    """The bytes of a file, or of standard input for ``-``.

    :class:`FormatError` if it cannot be read or is too large."""
    try:
        if os.fspath(checked_path(path)) == STANDARD:
            data = sys.stdin.buffer.read(MAX_FILE_BYTES + 1)
        else:
            with open(path, "rb") as stream:
                data = stream.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise FormatError(f"cannot read {path}: {error.strerror}", "check the path") from None
    except ValueError as error:  # a null character in the path
        raise FormatError(f"cannot read {str(path)!r}: {error}", "check the path") from None
    if len(data) > MAX_FILE_BYTES:
        raise FormatError(f"{path} is longer than the limit of {MAX_FILE_BYTES} bytes")
    return data


def read_text(path: str | os.PathLike[str], errors: str = "strict") -> str:
    """The text of a file, without a byte-order mark, unpacked if its name ends in ``.gz``;
    :class:`FormatError` if it cannot be read, is too large or not UTF-8 (``errors="replace"``
    puts U+FFFD where it is not)."""
    data = read_bytes(path)
    if data[:2] == b"\x1f\x8b":
        if not os.fspath(path).endswith(".gz"):
            raise FormatError(f"{path} is packed by gzip", "unpack it first")
        data = _unpacked(data, path)
    if data.startswith(b"\x93NUMPY"):
        raise FormatError(f"{path} holds one NumPy array", "a problem is an .npz file of four")
    for start, name in _PACKED.items():
        if data.startswith(start):
            raise FormatError(f"{path} is packed by {name}", "unpack it first")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or data[:4] == b"\0\0\xfe\xff":
        raise FormatError(f"{path} is UTF-16 or UTF-32 text", "save it as UTF-8")
    try:
        return data.decode("utf-8-sig", errors)
    except UnicodeDecodeError:
        raise FormatError(f"{path} is not UTF-8 text", "is it the right file?") from None


def _unpacked(data: bytes, path: str | os.PathLike[str]) -> bytes:
    """The content of a gzip file, whose size is limited before it is made."""
    import gzip
    import io
    import zlib

    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            out = stream.read(MAX_FILE_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise FormatError(f"cannot unpack {path}: {error}", "is the file truncated?") from None
    if len(out) > MAX_FILE_BYTES:
        raise FormatError(f"{path} unpacks to more than the limit of {MAX_FILE_BYTES} bytes")
    return out


def read_json(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read one JSON object from a file, strictly."""
    text = read_text(path)
    named = os.fspath(path).lower().removesuffix(".gz").endswith(".json")
    if not (named or os.fspath(path) == STANDARD or text.lstrip().startswith(("{", "["))):
        raise FormatError(
            f"{path} is not JSON, and its name is of no other format that is read",
            "a problem: .json, .npz or a folder of .mtx files; a matrix: .json, .npy or .mtx",
        )
    return parse_json(text, str(path))


def expect_keys(
    table: Mapping[str, Any], required: Iterable[str], where: str, optional: Iterable[str] = ()
) -> None:
    """Exactly these keys: a missing or an unknown one is a :class:`FormatError`."""
    needed, allowed = set(required), set(required) | set(optional)
    if missing := sorted(needed - set(table)):
        raise FormatError(
            f"{where}: missing key {missing[0]!r}", f"keys: {', '.join(sorted(allowed))}"
        )
    if extra := sorted(set(table) - allowed):
        raise FormatError(
            f"{where}: unknown key {extra[0]!r}", f"keys: {', '.join(sorted(allowed))}"
        )


def expect_format(
    table: Mapping[str, Any], name: str, version: int | tuple[int, ...], where: str
) -> int:
    """The ``version`` of a file of the named format, one of those that are read."""
    versions = (version,) if isinstance(version, int) else version
    if not isinstance(table, Mapping):
        raise FormatError(f"{where}: {shown(table)} is not an object")
    if table.get("format") != name:
        raise FormatError(
            f"{where}: format {table.get('format')!r} is not {name!r}", "is it the right file?"
        )
    found = table.get("version")
    is_number = isinstance(found, NumberText) or type(found) is int
    if not is_number or str(found) not in map(str, versions):
        raise FormatError(
            f"{where}: version {found!r} of {name} is not known",
            f"this program reads version {' and '.join(map(str, versions))}",
        )
    return int(str(found))


def expect_int(value: object, where: str, low: int, high: int) -> int:
    """An integer of a parsed file within [low, high]."""
    if not isinstance(value, NumberText) or not _INTEGER.fullmatch(value):
        raise FormatError(f"{where}: {value!r} is not an integer of at most 18 digits")
    number = int(value)
    if not low <= number <= high:
        raise FormatError(f"{where}: {number} is not between {low} and {high}")
    return number


def expect_text(value: object, where: str, limit: int = 2000) -> str:
    """A plain text of a parsed file."""
    if not isinstance(value, str) or isinstance(value, NumberText):
        raise FormatError(f"{where} is not a text")
    if len(value) > limit:
        raise FormatError(f"{where}: {len(value)} characters; the limit is {limit}")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise FormatError(
            f"{where}: {value[:60]!a} holds half a character (a lone surrogate)", "remove it"
        )
    return value


def expect_list(value: object, where: str, length: int | None = None) -> list[Any]:
    """A list of a parsed file, of a given length if one is named."""
    if not isinstance(value, list) or (length is not None and len(value) != length):
        wanted = "a list" if length is None else f"a list of {length}"
        raise FormatError(f"{where} is not {wanted}")
    return value


def make_folder(path: str | os.PathLike[str]) -> Path:
    """A folder, made with those above it if missing; :class:`FormatError` if it cannot be."""
    folder = Path(checked_path(path))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        words = getattr(error, "strerror", None) or str(error)
        raise FormatError(f"cannot make the folder {folder}: {words}", "name another") from None
    return folder


def stream_of(path: str | os.PathLike[str]) -> str:
    """What of ``/dev`` or ``/proc`` a path, or a link that it is, names (empty: nothing).

    ``/dev/stdout`` is written to, and never replaced, even where it leads to a plain file."""
    try:
        name = os.path.abspath(path)
    except OSError:  # the current folder is gone
        return ""
    for _ in range(40):
        if name.startswith(("/dev/", "/proc/")):
            return name
        if not os.path.islink(name):
            return ""
        name = os.path.normpath(os.path.join(os.path.dirname(name), os.readlink(name)))
    return ""


def try_target(path: str | os.PathLike[str]) -> None:
    """Find out, before long work, whether a file could be written: :class:`FormatError` if not.

    Nothing is left behind and nothing is changed."""
    if os.fspath(path) == STANDARD:
        return
    try:
        target = Path(os.path.realpath(path))
        if target.is_dir() or os.fspath(path).endswith("/"):
            raise FormatError(f"cannot write {path}: it is a folder", "name a file in it")
        if stream_of(path) or (target.exists() and not target.is_file()):
            return
        handle, temporary = tempfile.mkstemp(prefix=f".{target.name[:40]}.", dir=target.parent)
        os.close(handle)
        os.unlink(temporary)
    except OSError as error:
        raise _cannot_write(path, error) from None
    except ValueError as error:  # a null character in the path
        raise FormatError(f"cannot write {str(path)!r}: {error}", "check the path") from None


def _cannot_write(path: str | os.PathLike[str], error: OSError) -> FormatError:
    full = error.errno in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)
    missing = error.errno in (errno.ENOENT, errno.ENOTDIR)
    remedy = "make room, or write elsewhere" if full else "is the folder one you may write to?"
    remedy = "its folder does not exist: make it, or write elsewhere" if missing else remedy
    return FormatError(f"cannot write {path}: {error.strerror}", remedy)


def write_bytes(path: str | os.PathLike[str], data: bytes) -> None:
    """Write a whole file or nothing: temporary file beside it, flushed, then renamed.

    ``-`` is standard output.  A link is followed; what is not a plain file (a pipe, a device,
    ``/dev/stdout``) is written to directly."""
    if os.fspath(checked_path(path)) == STANDARD:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    temporary = None
    try:
        target = Path(os.path.realpath(path))
        if stream_of(path) or (target.exists() and not target.is_file()):
            with open(path, "ab") as device:  # it cannot be replaced
                device.write(data)
            return
        handle, temporary = tempfile.mkstemp(prefix=f".{target.name[:40]}.", dir=target.parent)
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(temporary, 0o666 & ~umask)
        os.replace(temporary, target)
    except BaseException as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise _cannot_write(path, error) from None
        if isinstance(error, ValueError):  # a null character in the path
            raise FormatError(f"cannot write {str(path)!r}: {error}", "check the path") from None
        raise


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """:func:`write_bytes` of UTF-8 text."""
    write_bytes(path, text.encode("utf-8"))


def write_json(path: str | os.PathLike[str], table: Mapping[str, Any]) -> None:
    """Write one JSON object atomically, one matrix row or field a line."""
    write_text(path, format_json(table) + "\n")


def format_json(value: Any, indent: int = 0) -> str:
    """JSON for people: objects and lists of lists are broken into lines, rows of text are not."""
    pad = " " * (indent + 1)
    if isinstance(value, dict) and value:
        body = ",\n".join(
            f"{pad}{json.dumps(key)}: {format_json(item, indent + 1)}"
            for key, item in value.items()
        )
        return "{\n" + body + "\n" + " " * indent + "}"
    if isinstance(value, list | tuple) and any(isinstance(x, dict | list | tuple) for x in value):
        body = ",\n".join(pad + format_json(item, indent + 1) for item in value)
        return "[\n" + body + "\n" + " " * indent + "]"
    return json.dumps(value, allow_nan=False)
