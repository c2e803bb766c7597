"""One run: find its measure, call it, and turn errors into labels with their reasons."""

from __future__ import annotations

import math
import time
from typing import Any

from ..errors import ClaimError, DeepexpError, NotApplicableError, PrecisionCeilingError
from ..solution import Label
from ..workers import memory_is_used_up
from .measures import MEASURES
from .outcome import Outcome


def kept(value: Any) -> Any:
    """A figure as it is kept: six significant digits, because the last bits of float64 (of the
    predictor, say) depend on how memory happens to be aligned."""
    if isinstance(value, float) and math.isfinite(value):
        return float(f"{value:.6g}")
    return value


#: :func:`perform` as a worker process is told it.
PERFORM = f"{__name__}:perform_json"


def perform_json(measure: str, params: dict[str, Any]) -> dict[str, Any]:
    """:func:`perform` for a worker process."""
    return perform(measure, params).to_json()


def perform(measure: str, params: dict[str, Any]) -> Outcome:
    """The outcome of one run in this process; an error is an outcome too."""
    started = time.perf_counter()
    label, reason = Label.FAILED, ""
    try:
        outcome = MEASURES[measure](params)
        return Outcome(
            outcome.label,
            outcome.reason,
            {name: kept(value) for name, value in outcome.measured.items()},
            outcome.timings,
            time.perf_counter() - started,
        )
    except NotApplicableError as error:
        label, reason = Label.NOT_APPLICABLE, str(error)
    except PrecisionCeilingError as error:
        label, reason = Label.UNDECIDED, str(error)
    except ClaimError as error:
        reason = str(error)
    except DeepexpError as error:
        reason = f"{type(error).__name__}: {error}"
    except MemoryError:
        raise
    except Exception as error:
        if memory_is_used_up():
            raise MemoryError from error
        reason = f"internal error, {type(error).__name__}: {error}"
    return Outcome(label, reason, seconds=time.perf_counter() - started)
