"""True certificates to check and to forge, and the standard-library checker as a module."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from deepexp_exact.branches import make_record
from deepexp_exact.certificate import Certificate, certified_certificate
from deepexp_exact.paths.ball.shift import solve_shift
from deepexp_exact.problems import Problem
from deepexp_exact.problems.families import FAMILIES

CHECKER = Path(__file__).parents[2] / "proofs" / "checker" / "check_certificate.py"


def certify_problem(problem: Problem, digits: int = 30, alpha: Any = 3) -> Certificate:
    record = make_record(problem, alpha)
    return certified_certificate(solve_shift(problem, record, digits), "test", 7)


@pytest.fixture(scope="session")
def checker_path() -> Path:
    return CHECKER


@pytest.fixture(scope="session")
def checker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("check_certificate", CHECKER)
    if spec is None or spec.loader is None:
        raise ImportError(str(CHECKER))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def bases() -> dict[str, dict[str, Any]]:
    """Certificates by name: simple eigenvalues, two Jordan blocks (one on the cut), and another
    problem of the same size."""
    return {
        "simple": certify_problem(FAMILIES["gaussian-complex"].build(3, 5)).to_json(),
        "defective": certify_problem(FAMILIES["defective"].build(4, 5)).to_json(),
        "other": certify_problem(FAMILIES["gaussian-complex"].build(3, 6)).to_json(),
    }
