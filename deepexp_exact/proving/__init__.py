"""The room of ``prove``: two engines, the run, its report, the scripts of proofs/steps."""

from .engines import ENGINES, prove_statement, refute_mutation
from .report import CITED, ProveReport, ProveRow
from .run import MAX_D, run_prove
from .scripts import step_script

__all__ = [
    "CITED",
    "ENGINES",
    "MAX_D",
    "ProveReport",
    "ProveRow",
    "prove_statement",
    "refute_mutation",
    "run_prove",
    "step_script",
]
