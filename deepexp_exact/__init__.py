"""deepexp-exact: exact, certified and arbitrary-precision verification of one theorem.

The network f(X) = W3·exp(W2·exp(W1·X)) has a closed-form solution of f(X1) = Y1, f(X2) = Y2
(Gai & Zhang 2024).  Every public name is listed here and loaded when it is first used.
"""

from __future__ import annotations

#: typing itself is not imported: an interrupt is to find the command line soon.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__version__ = "0.1.0"

_PUBLIC = {
    "BranchRecord": "branches",
    "Certificate": "certificate",
    "DeepexpError": "errors",
    "ExactMatrix": "exact",
    "GaussianRational": "exact",
    "Label": "solution",
    "MatrixFunction": "matrix_functions",
    "Problem": "problems",
    "STATEMENTS": "theorem",
    "Solution": "solution",
    "expm": "matrix_functions",
    "compare_depths": "depth",
    "load_problem": "problems",
    "logm": "matrix_functions",
    "make_record": "branches",
    "read_certificate": "certificate",
    "shipped": "problems",
    "solve": "solving",
    "through_points": "depth",
    "verify": "verification",
}

__all__ = ["__version__", *_PUBLIC]

if TYPE_CHECKING:
    from .branches import BranchRecord as BranchRecord
    from .branches import make_record as make_record
    from .certificate import Certificate as Certificate
    from .certificate import read_certificate as read_certificate
    from .depth import compare_depths as compare_depths
    from .depth import through_points as through_points
    from .errors import DeepexpError as DeepexpError
    from .exact import ExactMatrix as ExactMatrix
    from .exact import GaussianRational as GaussianRational
    from .matrix_functions import MatrixFunction as MatrixFunction
    from .matrix_functions import expm as expm
    from .matrix_functions import logm as logm
    from .problems import Problem as Problem
    from .problems import load_problem as load_problem
    from .problems import shipped as shipped
    from .solution import Label as Label
    from .solution import Solution as Solution
    from .solving import solve as solve
    from .theorem import STATEMENTS as STATEMENTS
    from .verification import verify as verify


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'deepexp_exact' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f".{_PUBLIC[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
