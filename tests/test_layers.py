"""The house: imports flow one way, paths are apart, nothing is evaluated, files are short."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import deepexp_exact
from deepexp_exact.constructions import CONSTRUCTIONS

PACKAGE = Path(deepexp_exact.__file__).parent
ROOT = PACKAGE.parent
MODULES = sorted(PACKAGE.rglob("*.py"))

#: A room may import the rooms before it, and itself.
ROOMS = (
    "errors", "precision", "threads", "files", "workers", "exact", "problems", "theorem",
    "spectrum", "constructions", "branches", "alpha", "solution", "paths", "matrix_functions",
    "measuring", "solving", "proving", "certificate", "depth", "verification", "study", "report",
    "cli", "__main__",
)  # fmt: skip
PATHS = ("symbolic", "mpmath", "multiprecision", "ball", "double")
#: Rooms whose decisions must not depend on ``python -O``.
DECIDING = tuple(r for r in ROOMS if r not in ("study", "report", "cli", "__main__"))
#: Longest file and longest function.
MAX_LINES, MAX_FUNCTION = 450, 59


def room_of(file: Path) -> str:
    part = file.relative_to(PACKAGE).parts[0]
    return part.removesuffix(".py")


def imports(file: Path) -> Iterator[tuple[int, tuple[str, ...]]]:
    """(line, parts of the module below the package) of every import of the package itself, those
    inside functions and under TYPE_CHECKING too."""
    parts = file.relative_to(PACKAGE).with_suffix("").parts
    package = parts[:-1]  # of a module and of an __init__ alike: the folder they are in
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1]
            target = (*base, *(node.module.split(".") if node.module else ()))
            if node.module and target:
                yield node.lineno, target
                for alias in node.names:
                    yield node.lineno, (*target, alias.name)
            else:
                for alias in node.names:
                    yield node.lineno, (*target, alias.name)
        elif isinstance(node, ast.ImportFrom | ast.Import):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                if name.split(".")[0] == "deepexp_exact":
                    yield node.lineno, tuple(name.split(".")[1:])


def ids(file: Path) -> str:
    return str(file.relative_to(PACKAGE))


@pytest.mark.parametrize("file", MODULES, ids=ids)
def test_a_room_imports_only_rooms_before_it(file: Path) -> None:
    room = room_of(file)
    if room == "__init__":
        return  # it only hands names on
    assert room in ROOMS, f"{room} has no place in the order of rooms"
    for line, target in imports(file):
        if target:
            assert target[0] in ROOMS or len(target) == 1, f"{file}:{line}: {target}"
            if target[0] in ROOMS:
                assert ROOMS.index(target[0]) <= ROOMS.index(room), (
                    f"{ids(file)}:{line} imports {target[0]}, which comes after {room}"
                )


@pytest.mark.parametrize("file", [f for f in MODULES if room_of(f) == "paths"], ids=ids)
def test_a_path_imports_no_other_path(file: Path) -> None:
    own = file.relative_to(PACKAGE).parts[1]
    for line, target in imports(file):
        if target[:1] == ("paths",) and len(target) > 1 and target[1] in PATHS:
            assert target[1] == own, f"{ids(file)}:{line} imports the path {target[1]}"


@pytest.mark.parametrize("file", MODULES, ids=ids)
def test_nothing_is_evaluated_or_unpickled(file: Path) -> None:
    banned = {
        "eval", "exec", "compile", "sympify", "parse_expr", "pickle", "cPickle", "dill", "marshal",
        "shelve", "joblib", "S", "simplify_logic", "lambdify",
    }  # fmt: skip
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            names = [node.func.id]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            own = node.func.value
            # re.compile is no evaluation
            if not (isinstance(own, ast.Name) and own.id == "re"):
                names = [node.func.attr] if node.func.attr != "S" else []
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names] + [getattr(node, "module", None) or ""]
        elif isinstance(node, ast.keyword) and node.arg == "allow_pickle":
            assert isinstance(node.value, ast.Constant)
            assert node.value.value is False
        assert not banned & set(names), f"{ids(file)}:{node.lineno}: {names}"


@pytest.mark.parametrize("file", [f for f in MODULES if room_of(f) in DECIDING], ids=ids)
def test_no_check_vanishes_under_optimisation(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        assert not isinstance(node, ast.Assert), f"{ids(file)}:{node.lineno}: an assert"


def test_no_file_is_too_long() -> None:
    folders = ("deepexp_exact", "proofs", "scripts")
    long = {
        str(file.relative_to(ROOT)): count
        for folder in folders
        for file in (ROOT / folder).rglob("*.py")
        if (count := len(file.read_text("utf-8").splitlines())) > MAX_LINES
    }
    assert not long


@pytest.mark.parametrize("path", ["ball", "multiprecision"])
def test_a_path_has_few_rooms(path: str) -> None:
    """functions, kernel, network, proving, and one room a construction."""
    rooms = {f.stem for f in (PACKAGE / "paths" / path).iterdir() if f.suffix in (".py", "")}
    assert len(rooms - {"__init__", "__pycache__"}) <= 8, rooms


#: mpmath's class, the rule of a logarithm, and a field of MatrixMarket that are called the same.
_SAME_WORDS = (("exact", "numbers"), ("branches", "logarithm"), ("problems", "matrix_market"))


def test_a_construction_is_named_in_its_own_rooms_alone() -> None:
    """Its file and its modules of the paths; everywhere else the registry is asked."""
    for file in MODULES:
        parts = file.relative_to(PACKAGE).with_suffix("").parts
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and node.value in CONSTRUCTIONS:
                own = node.value.replace("-", "_") in parts
                foreign = parts in _SAME_WORDS
                assert own or foreign, f"{ids(file)}:{node.lineno} names {node.value!r}"


def test_no_function_needs_scrolling() -> None:
    long = {}
    for folder in ("deepexp_exact", "proofs", "scripts"):
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    count = (node.end_lineno or node.lineno) - node.lineno + 1
                    if count > MAX_FUNCTION:
                        long[f"{file.relative_to(ROOT)}: {node.name}"] = count
    assert not long


@pytest.mark.parametrize("file", MODULES, ids=ids)
def test_every_module_says_what_it_is(file: Path) -> None:
    tree = ast.parse(file.read_text("utf-8"))
    assert ast.get_docstring(tree), f"{ids(file)} has no docstring"


def test_tests_have_unique_names_and_no_packages() -> None:
    files = [f for f in (ROOT / "tests").rglob("*.py") if f.name != "conftest.py"]
    assert len({f.name for f in files}) == len(files)
    assert not [f for f in files if f.name == "__init__.py"]


def test_every_path_is_listed() -> None:
    folders = {f.name for f in (PACKAGE / "paths").iterdir() if f.is_dir() and f.name[0] != "_"}
    assert folders == set(PATHS)


@pytest.mark.parametrize("file", MODULES, ids=ids)
def test_no_private_attribute_of_another_library(file: Path) -> None:
    """mpmath changed the storage of its matrices between 1.3 and 1.4: weights became zero."""
    private = re.compile(r"_mpf_|_mpc_|_matrix__\w+|_mpmath_\w+|_LU|_sympy_?|_print\w*")
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Attribute):
            assert not private.fullmatch(node.attr), f"{ids(file)}:{node.lineno}: {node.attr}"
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            assert node.value not in ("_mpf_", "_mpc_", "_matrix__data"), ids(file)
