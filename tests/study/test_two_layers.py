"""The two-layer fits of S4: gradient, what they must reach, the same bits every time."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from deepexp_exact import Problem
from deepexp_exact.study.measures import two_layers as fits
from deepexp_exact.study.problems import build


def arrays(problem):
    Y = np.hstack([problem.Y1.to_numpy(), problem.Y2.to_numpy()])
    return problem.X1.to_numpy(), problem.X2.to_numpy(), Y / np.linalg.norm(Y)


@pytest.mark.parametrize("d", [1, 2, 3])
def test_gradient_is_that_of_the_residual(d):
    """d‖r‖² along a direction against central differences of the projected residual."""
    X1, X2, Y = arrays(build("gaussian-complex", d, 5))
    rng = np.random.default_rng(d)
    W1, direction = (
        0.3 * (rng.standard_normal((d, d)) + 1j * rng.standard_normal((d, d))) for _ in range(2)
    )
    point = fits._point(W1, X1, X2, Y)
    slope = -2 * np.vdot(fits._jacobian(point, X1, X2) @ direction.ravel(), point.rest).real
    h = 1e-5
    ends = [fits._point(W1 + s * h * direction, X1, X2, Y).squared for s in (1, -1)]
    assert (ends[0] - ends[1]) / (2 * h) == pytest.approx(slope, rel=1e-6)


@pytest.mark.parametrize("d", [1, 2])
def test_data_of_a_two_layer_network_are_fitted(d):
    """Y = W2·exp(W1·X) with rational factors of a float64 network: rounding is all that is left."""
    from scipy.linalg import expm

    rng = np.random.default_rng(40 + d)
    W1, W2, X1, X2 = (
        rng.standard_normal((d, d)) / 2 + 0.5j * rng.standard_normal((d, d)) for _ in range(4)
    )
    problem = Problem(X1, X2, W2 @ expm(W1 @ X1), W2 @ expm(W1 @ X2))
    assert min(fits.two_layers(problem, 5, 1)) < 1e-12


def test_equal_inputs_leave_what_two_outputs_differ_by():
    """X1 = X2: the best outputs are equal, so ‖Y1 − Y2‖/√2 is left."""
    data = build("gaussian-complex", 2, 0)
    problem = Problem(data.X1, data.X1, data.Y1, data.Y2)
    Y1, Y2 = problem.Y1.to_numpy(), problem.Y2.to_numpy()
    left = np.linalg.norm(Y1 - Y2) / np.sqrt(2) / np.linalg.norm(np.hstack([Y1, Y2]))
    found = fits.two_layers(problem, 5, 0)
    assert min(found) == pytest.approx(left, rel=1e-6)
    assert max(found) < 2 * left


SCRIPT = """
import sys
from deepexp_exact.study.measures.two_layers import two_layers
from deepexp_exact.study.problems import build

litter = [bytearray(1 + 37 * int(sys.argv[1]) * j % 4001) for j in range(999)]
del litter[::2]  # moves every later array
for family, d in (("iris-covariances", 0), ("gaussian-complex", 2)):
    print(*(x.hex() for x in two_layers(build(family, d, 0), 3, 11)))
"""


def test_same_bits_wherever_arrays_lie():
    """Three processes whose memory is laid out differently."""
    from deepexp_exact.workers import ONE_THREAD

    environment = dict.fromkeys(ONE_THREAD, "1")
    found = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT, str(layout)],
            capture_output=True,
            check=True,
            text=True,
            env=environment,
            timeout=120,
        ).stdout
        for layout in range(3)
    }
    assert len(found) == 1
    assert len(found.pop().split()) == 6
