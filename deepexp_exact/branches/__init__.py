"""Branch records: what they hold, how they are made, checked, saved and compared."""

from .record import BranchEntry, BranchRecord
from .rules import check_record, make_record

__all__ = ["BranchEntry", "BranchRecord", "check_record", "make_record"]
