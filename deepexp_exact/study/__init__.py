"""Precision studies: a plan in a TOML file, runs in worker processes, results in one SQLite file.

:func:`load_study` reads and validates a plan, :func:`execute` runs what is missing in a
:class:`Store`, and :class:`Results` hands the rows on as NumPy arrays or a pandas DataFrame.
"""

from .execution import execute
from .plan import Run, Study, load_study
from .results import Results
from .store import Store

__all__ = ["Results", "Run", "Store", "Study", "execute", "load_study"]
