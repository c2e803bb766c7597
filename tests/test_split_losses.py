"""The losses of the construction `split`, measured for small d by the script's own table."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[1] / "scripts" / "split_losses.py"


def test_losses_of_small_problems_are_within_a_digit_of_the_table() -> None:
    words = ("--sizes", "2,4", "--digits", "40", "--seeds", "3")
    done = subprocess.run(
        [sys.executable, str(SCRIPT), *words], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("\n") == 12
    assert "color-spaces" in done.stdout


def test_weights_that_are_wrong_by_a_digit_exceed_the_table() -> None:
    """The control: with a guard of no digits at all nothing is measured but the rounding, and a
    limit below what rounding must lose is exceeded."""
    code = (
        "import sys; sys.argv[1:] = ['--sizes', '4', '--digits', '30', '--seeds', '1']\n"
        "import split_losses as s\n"
        "s.TABLE = {'rank d-1': {4: -3.0}}\n"
        "sys.exit(s.main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=300,
        cwd=SCRIPT.parent,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    assert "TOO MUCH" in done.stdout
