"""Branch records: what they hold, how they are made, checked, saved and compared."""

from .logarithm import BranchEntry, LogarithmRecord
from .record import BranchRecord, FirstLayer
from .rules import check_logarithm, check_record, make_logarithm, make_record

__all__ = [
    "BranchEntry",
    "BranchRecord",
    "FirstLayer",
    "LogarithmRecord",
    "check_logarithm",
    "check_record",
    "make_logarithm",
    "make_record",
]
