"""Ctrl-C from the first moment on, and what a command's computation dies of, in real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "deepexp_exact"]


@pytest.mark.parametrize(
    ("words", "delay"),
    [
        (["solve", "quantum-gates", "--digits", "30000"], 0.0),
        (["solve", "quantum-gates", "--digits", "30000"], 0.3),
        (["prove", "--max-d", "5"], 0.15),
        (["prove", "--max-d", "5"], 0.5),
        # within calls of FLINT, which do not let Python's handler run for many seconds
        (["solve", "quantum-gates", "--digits", "23000", "--path", "ball"], 2.0),
    ],
)
def test_an_interrupt_is_130_from_the_start(words: list[str], delay: float) -> None:
    process = subprocess.Popen(
        [*COMMAND, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    end = time.monotonic() + 20
    while children.exists() and not children.read_text() and time.monotonic() < end:
        time.sleep(0.005)  # until the interpreter has started and the command runs in its child
    time.sleep(delay)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=15)
    assert process.returncode == 130, errors
    assert errors.splitlines()[-1] == "deepexp-exact: interrupted"
    assert "Traceback" not in errors


def test_what_the_computation_dies_of_is_told() -> None:
    process = subprocess.Popen(
        [*COMMAND, "solve", "quantum-gates", "--digits", "23000", "--path", "ball"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    if not children.parent.exists():
        process.kill()
        process.communicate()
        pytest.skip("needs /proc")
    while not children.read_text():
        time.sleep(0.01)
    os.kill(int(children.read_text()), signal.SIGKILL)
    _, errors = process.communicate(timeout=15)
    assert process.returncode == 128 + signal.SIGKILL
    assert errors == "deepexp-exact: the computation died of SIGKILL\n"


def test_the_command_is_found_before_anything_heavy_is_imported() -> None:
    code = (
        "import sys; before = set(sys.modules); import deepexp_exact.cli\n"
        "new = {m for m in set(sys.modules) - before if not m.startswith('deepexp_exact')}\n"
        "print(*new - {'__future__'})"
    )
    words = [sys.executable, "-S", "-c", f"import sys; sys.path[:] = {sys.path!r}\n{code}"]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.stdout.strip() == ""
