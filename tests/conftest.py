"""What holds for every test: derandomised hypothesis, versions in the header, and no test or code
under test that leaves a precision, a thread count or an error state changed behind it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import metadata
from typing import Any

import flint
import mpmath
import numpy as np
import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "default",
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow],
)
# `pytest --hypothesis-profile=search` looks for new counterexamples.
settings.register_profile("search", settings.get_profile("default"), derandomize=False)
settings.load_profile("default")

_BACKENDS = ("mpmath", "gmpy2", "sympy", "numpy", "scipy", "python-flint", "hypothesis")


def pytest_report_header() -> str:
    return "backends: " + ", ".join(f"{name} {metadata.version(name)}" for name in _BACKENDS)


def global_state() -> dict[str, Any]:
    """Every piece of process-wide numerical state that the package could disturb."""
    return {
        "mpmath.mp.prec": mpmath.mp.prec,
        "mpmath.iv.prec": mpmath.iv.prec,
        "flint.ctx.prec": flint.ctx.prec,
        "flint.ctx.threads": flint.ctx.threads,
        "flint.ctx.cap": flint.ctx.cap,
        "numpy.geterr()": np.geterr(),
        "sys.get_int_max_str_digits()": sys.get_int_max_str_digits(),
    }


def restore(state: dict[str, Any]) -> None:
    mpmath.mp.prec = state["mpmath.mp.prec"]
    mpmath.iv.prec = state["mpmath.iv.prec"]
    flint.ctx.prec = state["flint.ctx.prec"]
    flint.ctx.threads = state["flint.ctx.threads"]
    flint.ctx.cap = state["flint.ctx.cap"]
    np.seterr(**state["numpy.geterr()"])
    sys.set_int_max_str_digits(state["sys.get_int_max_str_digits()"])


@pytest.fixture(autouse=True)
def _global_state_is_left_alone() -> Iterator[None]:
    before = global_state()
    yield
    after = global_state()
    if after != before:
        restore(before)
        changed = [
            f"{key}: {before[key]} -> {after[key]}" for key in before if before[key] != after[key]
        ]
        pytest.fail(f"global state was changed: {'; '.join(changed)}")
