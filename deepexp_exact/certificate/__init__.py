"""Certificates: the file format, its writer and its strict reader, and the check with balls.

A certificate holds a problem, a branch record, weights as exact dyadic numbers, and claims about
them: C1 (residual), C2 (distance to an exact solution), C3 (the branch), C4 (the first layer); or
a problem and the proof that it has no weights (N1, N2).  See
:mod:`deepexp_exact.theorem` for the statements.
"""

from .check import (
    CheckReport,
    certified_certificate,
    certify,
    check_certificate,
    check_files,
    claims_from_evidence,
    provable_certificate,
)
from .document import (
    CLAIM_IDS,
    FORMAT,
    VERSION,
    Certificate,
    Claim,
    NoSolution,
    canonical_sha256,
    certificate_from_json,
    certificate_from_solution,
    certificate_of_no_solution,
    installed_versions,
    read_certificate,
    write_certificate,
)
from .dyadic import Dyadic, DyadicMatrix, dyadic_matrix

__all__ = [
    "CLAIM_IDS",
    "FORMAT",
    "VERSION",
    "Certificate",
    "CheckReport",
    "Claim",
    "Dyadic",
    "DyadicMatrix",
    "NoSolution",
    "canonical_sha256",
    "certificate_from_json",
    "certificate_from_solution",
    "certificate_of_no_solution",
    "certified_certificate",
    "certify",
    "check_certificate",
    "check_files",
    "claims_from_evidence",
    "dyadic_matrix",
    "installed_versions",
    "provable_certificate",
    "read_certificate",
    "write_certificate",
]
