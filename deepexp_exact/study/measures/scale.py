"""S2: digits lost over the plane of c."""

from __future__ import annotations

import cmath
import math
from collections.abc import Mapping
from typing import Any

from flint import fmpq

from ...alpha import predicted_loss
from ...branches import make_record
from ...errors import NotApplicableError
from ...exact import GaussianRational, gaussian
from ...solution import Label
from ..outcome import Outcome
from .common import digits_lost, problem_of, reference

#: Largest |Re c|, so that e^c is well within float64's range.
FARTHEST = 600.0
#: Predicted digits lost beyond which nothing is measured.
MEASURED_UP_TO = 120.0


def exact_alpha(re_c: float, im_c: float) -> GaussianRational:
    """e^c rounded to twelve significant decimal digits, exactly real for Im c = 0 or ±π."""
    if abs(re_c) > FARTHEST:
        raise NotApplicableError(f"Re c = {re_c:g} is beyond ±{FARTHEST:g}", "choose c nearer to 0")
    value = cmath.exp(complex(re_c, im_c))
    places = 12 - math.floor(math.log10(abs(value)))
    scale = fmpq(10) ** abs(places)
    unit = 1 / scale if places > 0 else scale
    parts = [round(x * 10.0**places) * unit for x in (value.real, value.imag)]
    if abs(value.imag) < 1e-11 * abs(value):
        parts[1] = fmpq(0)
    return GaussianRational(parts[0], parts[1])


def scale(params: Mapping[str, Any]) -> Outcome:
    """Digits predicted, and measured where the prediction is at most MEASURED_UP_TO."""
    problem = problem_of(params)
    alpha = exact_alpha(params["re_c"], params["im_c"])
    if alpha == gaussian(1):
        return Outcome(Label.NOT_APPLICABLE, "c = 0: α = 1 is excluded")
    record = make_record(problem, alpha, 0, params["branch"])
    predicted = predicted_loss(problem, alpha, ks=record.ks)
    measured: dict[str, Any] = {"predicted": predicted}
    if predicted > MEASURED_UP_TO:
        reason = f"predicted loss above {MEASURED_UP_TO:g} digits: not measured"
        return Outcome(Label.NOT_APPLICABLE, reason, measured | {"censored": 1})
    measured["lost"] = digits_lost(
        problem, reference(problem, record, params["digits"], params["construction"])
    )
    return Outcome(Label.CERTIFIED, "", measured)
