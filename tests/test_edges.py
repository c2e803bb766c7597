"""The command line at its edges, in real processes: options, files, streams, interrupts, widths."""

from __future__ import annotations

import json
import os
import pty
import resource
import subprocess
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from commands import COMMAND, prompt, real

from deepexp_exact.problems import Problem, load_problem

ESCAPE = "\x1b[31m"
HOSTILE = f"[red]x[/red] [/] {ESCAPE}\x07 \u202ebidi \\textbf{{y}} <b>"


def run(*words: object, **options: Any) -> subprocess.CompletedProcess[str]:
    start = options.pop("start", prompt)
    environment = {**os.environ, "COLUMNS": "128", **options.pop("env", {})}
    given = {"capture_output": True} if not {"stdout", "stderr"} & set(options) else {}
    done = subprocess.run(
        start(*words), text=True, timeout=120, env=environment, **given, **options
    )
    assert "Traceback" not in (done.stderr or "") + (done.stdout or "")
    return done


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    path = tmp_path / "c.json"
    assert run("solve", "quantum-gates", "--digits", 15, "--out", path).returncode == 0
    return path


# ---------------------------------------------------------------------------------------- options


@pytest.mark.parametrize(
    "words",
    [
        *(["prove", "--max-d", "1", "--jobs", n] for n in ("0", "-1", "1.5", "9" * 30, "x", "")),
        *(["verify", "--jobs", n] for n in ("0", "-3")),
        *(["check", "x.json", "--jobs", n] for n in ("0", "-3")),
        *(["study", "run", "s.toml", "--workers", n] for n in ("0", "-3")),
        *(["study", "report", "s.sqlite", "--workers", n] for n in ("0", "-3")),
        *(["study", "once", "accuracy", "--seconds", s] for s in ("-1", "0", "nan", "-inf", "inf")),
        ["study", "report", "s.sqlite", "--seconds", "nan"],
        ["study", "report", "s.sqlite", "--derive", "-1"],
        *(["solve", "quantum-gates", "--digits", n] for n in ("-5", "1_0", "٣", "1e2", "100001")),
        *(["solve", "quantum-gates", "--turn", n] for n in ("x", "1" * 5000, "0.5")),
        *(
            ["solve", "quantum-gates", "--alpha", a]
            for a in ("", "nan", "-", "--json", "1" * 10**5)
        ),
        *(["solve", "quantum-gates", "--branch", b] for b in ("", ",", "9" * 5000, "-", "+-", "/")),
        ["solve", "quantum-gates", "--path", ""],
        *(["solve", p] for p in ("", "-", "/", ".", "a\x01b", "\udcff.json")),
        ["prove", "--max-d", "0"],
        ["prove", "--step", ""],
        ["verify", "--case", ""],
        ["verify", "--case", "gaussian-complex,d=-1"],
        ["verify", "--case", "gaussian-complex,d=2,d=3"],
        ["verify", "--case", "quantum-gates", "--case", "no-such", "--jobs", "2"],
        ["show", ""],
    ],
    ids=lambda words: " ".join(w[:12] for w in words).encode("ascii", "replace").decode(),
)
def test_a_bad_value_is_status_2_with_a_message(words: list[str], tmp_path: Path) -> None:
    done = run(*words, start=real, cwd=tmp_path, stdin=subprocess.DEVNULL)
    assert done.returncode == 2
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("deepexp-exact")
    assert len(last) < 500
    assert "internal error" not in last
    assert list(tmp_path.iterdir()) == []


# ----------------------------------------------------------------------------------------- targets


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["solve", "quantum-gates", "--out", ""], "--out: the file name is empty"),
        (["solve", "quantum-gates", "--record", ""], "--record: the file name is empty"),
        (["solve", "quantum-gates", "--out", "f", "--record", "./f"], "f takes --out already"),
        (["solve", "quantum-gates", "--out", "-", "--record", "-"], "standard output takes --out"),
        (["solve", "quantum-gates", "--out", "-", "--json"], "standard output takes --json"),
        (["solve", "p.json", "--out", "p.json"], "p.json is read by this command"),
        (["solve", "-", "--branch", "-"], "standard input (-) is to be read twice"),
        (["compare", "-", "-"], "standard input (-) is to be read twice"),
        (["check", "-", "-"], "standard input (-) is to be read twice"),
        (["verify", "--json", "-", "--html", "/dev/stdout"], "standard output takes --json"),
        (["verify", "--json", "x", "--html", "x"], "x takes --json already"),
        (["verify", "--json", "no/such/x.json"], "its folder does not exist"),
        (["verify", "--html", "p.json/x.html"], "its folder does not exist"),
        (["verify", "--json", "."], "it is a folder"),
        (["solve", "quantum-gates", "--out", "x/"], "it is a folder"),
        (["prove", "--json", "n" * 300 + "/x"], "cannot write"),
    ],
)
def test_targets_are_tried_before_the_work(words: list[str], message: str, tmp_path: Path) -> None:
    load_problem("quantum-gates").save(tmp_path / "p.json")
    before = (tmp_path / "p.json").read_bytes()
    done = run(*words, start=real, cwd=tmp_path, stdin=subprocess.DEVNULL)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stdout == ""
    assert [path.name for path in tmp_path.iterdir()] == ["p.json"]
    assert (tmp_path / "p.json").read_bytes() == before


def test_a_current_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    words = " ".join(COMMAND)
    script = f"mkdir x; cd x; rmdir ../x; {words} solve quantum-gates --digits 15 --out c.json"
    done = subprocess.run(["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 2
    assert "cannot write c.json: No such file or directory" in done.stderr


@pytest.mark.parametrize("target", ["-", "/dev/stdout", "/dev/fd/1", "link"])
def test_standard_output_holds_the_file_alone(target: str, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/dev/stdout")
    with (tmp_path / "f").open("w") as stream:
        stream.write("kept\n")
        stream.flush()
        done = run(
            "solve", "quantum-gates", "--digits", 15, "--out", target,
            cwd=tmp_path, stdout=stream, stderr=subprocess.PIPE,
        )  # fmt: skip
    assert done.returncode == 0
    text = (tmp_path / "f").read_text()
    assert text.startswith("kept\n")
    table = json.loads(text[text.index("{") : text.rindex("}") + 1])
    assert table["format"] == "deepexp-exact/certificate"
    assert "residuals" in done.stderr
    assert text.startswith("kept\n{")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["f", "link"]


def test_a_chain_of_standard_streams(tmp_path: Path) -> None:
    problem = json.dumps(load_problem("quantum-gates").to_json())
    solved = run("solve", "-", "--digits", 15, "--out", "-", input=problem)
    assert solved.returncode == 0
    assert run("check", "-", input=solved.stdout).returncode == 0
    assert "C1 CERTIFIED" in run("check", "-", input=solved.stdout).stdout
    (tmp_path / "c.json").write_text(solved.stdout)
    same = run("compare", "-", tmp_path / "c.json", input=solved.stdout)
    assert same.stdout.splitlines()[1] == "W1: identical"
    assert "branch record" in run("show", "-", input=solved.stdout).stdout
    assert "rank D = 4" in run("show", "-", input=problem).stdout
    again = run("solve", "quantum-gates", "--branch", "-", "--json", input=solved.stdout)
    assert json.loads(again.stdout)["record"]["logarithm"]["eigenvalues"][0]["k"] == 0


def limited(size: int) -> Any:
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["solve", "quantum-gates", "--digits", "400", "--out", "f"], "residuals"),
        (["verify", "--case", "integer,d=2,digits=15", "--jobs", "1", "--html", "f"], "all pass"),
        (["prove", "--max-d", "1", "--step", "P1", "--jobs", "1", "--json", "f"], "PROVED"),
    ],
)
def test_a_file_size_limit_leaves_results_in_print(
    words: list[str], shown: str, tmp_path: Path
) -> None:
    done = run(*words, start=real, cwd=tmp_path, preexec_fn=limited(512))
    assert done.returncode == 2
    assert shown in done.stdout
    assert "cannot write f: File too large" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_read_only_folder_is_told_before_the_work(tmp_path: Path) -> None:
    folder = Path("/sys/kernel") if os.geteuid() == 0 else tmp_path
    if os.geteuid() == 0 and not folder.is_dir():
        pytest.skip("root may write everywhere here")
    tmp_path.chmod(0o500)
    done = run("verify", "--json", folder / "x.json")
    tmp_path.chmod(0o700)
    assert done.returncode == 2
    assert "cannot write" in done.stderr
    assert done.stdout == ""


# ----------------------------------------------------------------------------------------- labels


@pytest.mark.slow
def test_float64_is_labelled_by_the_digits_it_kept() -> None:
    good = json.loads(run("solve", "quantum-gates", "--path", "double", "--json").stdout)
    assert (good["label"], good["digits"], good["exit_status"]) == ("AGREES", 15, 0)
    assert 10 <= good["digits_carried"] <= 16
    assert all(float(e) < 1e-10 for e in good["errors"])
    done = run("solve", "color-spaces", "--path", "double", "--alpha", "positive", "--json")
    bad = json.loads(done.stdout, parse_constant=pytest.fail)
    assert done.returncode == bad["exit_status"] == 1
    assert (bad["label"], bad["digits_carried"], bad["weights"]) == ("FAILED", 0, None)
    assert bad["residuals"] == [None, None]
    text = run("solve", "color-spaces", "--path", "double", "--alpha", "positive")
    assert text.returncode == 1
    assert "FAILED" in text.stdout
    verified = run("verify", "--paper", "--case", "color-spaces,digits=15", "--jobs", 1)
    assert verified.returncode == 0  # a loss of float64 is a finding


# ------------------------------------------------------------------------------------------- JSON


@pytest.mark.slow
@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ("solution", ["solve", "quantum-gates", "--digits", "15", "--json"]),
        ("solution", ["solve", "quantum-gates", "--digits", "15", "--out", "x.json", "--json"]),
        ("solution", ["solve", "quantum-gates", "--path", "mpmath", "--digits", "15", "--json"]),
        (
            "solution",
            ["solve", "color-spaces", "--path", "double", "--alpha", "positive", "--json"],
        ),
        ("depth", ["depth", "two-layers-fail", "--digits", "15", "--json"]),
        ("depth", ["depth", "quantum-gates", "--digits", "15", "--json"]),
        ("check", ["check", "c.json", "missing.json", "--json"]),
        (
            "verification",
            ["verify", "--case", "integer,d=2,digits=15", "--jobs", "1", "--json", "-"],
        ),
        (
            "verification",
            ["verify", "--case", "hadamard-K,d=4,digits=15", "--paper", "--json", "-"],
        ),
        ("prove", ["prove", "--max-d", "1", "--step", "P1", "--json", "-"]),
        (
            "outcome",
            ["study", "once", "scale", "family=integer", "d=2", "digits=15", "re_c=1", "--json"],
        ),
        (
            "outcome",
            ["study", "once", "scale", "family=integer", "d=2", "digits=15", "re_c=0", "--json"],
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_every_json_has_the_same_envelope_and_a_schema(
    schema: str, words: list[str], certificate: Path, tmp_path: Path
) -> None:
    done = run(*words, cwd=tmp_path)
    table = json.loads(done.stdout, parse_constant=pytest.fail)
    assert table["format"] == f"deepexp-exact/{schema}"
    assert table["version"] in (1, 2)
    assert table["exit_status"] == done.returncode
    text = (resources.files("deepexp_exact") / "schemas" / f"{schema}.schema.json").read_text()
    published = json.loads(text)
    jsonschema.Draft202012Validator.check_schema(published)
    jsonschema.validate(table, published)
    for key in published["required"]:  # the control: the schema refuses what it should
        less = {k: v for k, v in table.items() if k != key}
        assert not jsonschema.Draft202012Validator(published).is_valid(less)


# ----------------------------------------------------------------------------------------- streams


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("ascii", ["solve", "quantum-gates"]),
        ("cp1252", ["solve", "quantum-gates"]),
        ("latin-1", ["prove", "--max-d", "1", "--step", "P1", "--jobs", "1"]),
        ("cp037", ["prove", "--max-d", "1", "--step", "P1", "--jobs", "2"]),
        ("utf-8:strict", ["show"]),
        ("ascii", ["--help"]),
    ],
)
def test_every_encoding_is_served(encoding: str, words: list[str]) -> None:
    done = subprocess.run(
        [*COMMAND, *words],
        capture_output=True,
        timeout=120,
        env={**os.environ, "PYTHONIOENCODING": encoding},
    )
    assert done.returncode == 0, done.stderr
    text = done.stdout.decode(encoding.partition(":")[0])
    assert any(word in text for word in ("quantum-gates", "PROVED", "usage:"))
    if encoding == "ascii" and words[0] == "solve":
        assert "||f(X1) - Y1||/||Y1||" in text


@pytest.mark.parametrize("words", [["show"], ["--help"]])
def test_a_full_output_is_a_message(words: list[str]) -> None:
    with open("/dev/full", "w") as full:
        done = run(*words, start=real, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 2
    assert done.stderr.startswith("deepexp-exact: cannot write to standard output: No space left")


@pytest.mark.parametrize(
    ("redirection", "status", "message"),
    [
        (">&-", 2, "cannot write to standard output"),
        ("2>&-", 0, ""),
        ("<&-", 0, ""),
        ("2>/dev/full", 0, ""),
        (">&- 2>&-", 2, ""),
    ],
)
def test_closed_streams(redirection: str, status: int, message: str, tmp_path: Path) -> None:
    words = " ".join(COMMAND)
    options = "prove --max-d 1 --step P1 --jobs 1 --json x.json"
    done = subprocess.run(
        ["sh", "-c", f"{words} {options} {redirection}"],
        capture_output=True, text=True, cwd=tmp_path, timeout=120,
    )  # fmt: skip
    assert done.returncode == status, done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert json.loads((tmp_path / "x.json").read_text())["exit_status"] == 0  # nothing is lost


@pytest.mark.parametrize("words", [["show"], ["check", "c.json"]])
def test_a_broken_pipe_is_no_failed_claim(
    words: list[str], certificate: Path, tmp_path: Path
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = run(*words, start=real, stdout=writing, stderr=subprocess.PIPE, cwd=tmp_path)
    os.close(writing)
    assert done.returncode == 141
    assert "Broken" not in done.stderr


# --------------------------------------------------------------------------------- texts from files


@pytest.mark.slow
def test_names_and_titles_are_texts(tmp_path: Path) -> None:
    data = load_problem("quantum-gates")
    path = tmp_path / "p.json"
    Problem(data.X1, data.X2, data.Y1, data.Y2, HOSTILE, HOSTILE, HOSTILE).save(path)
    for words in (
        ["solve", path, "--out", tmp_path / "c.json"],
        ["show", path],
        ["show", tmp_path / "c.json"],
        ["verify", "--case", f"{path},digits=15", "--jobs", 1, "--html", tmp_path / "v.html"],
    ):
        done = run(*words)
        assert done.returncode == 0, done.stderr
        assert "[red]x[/red] [/] \\x1b[" in done.stdout
        assert not {"\x1b", "\x07", "\u202e"} & set(done.stdout + done.stderr)
    page = (tmp_path / "v.html").read_text()
    assert not {"\x1b", "\x07", "\u202e"} & set(page)


def test_a_file_that_is_not_json_cannot_write_to_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / f"{ESCAPE}.json"
    path.write_text(f'{{"format": "{ESCAPE}"}}')
    done = run("solve", path)
    assert done.returncode == 2
    assert "\x1b" not in done.stderr


# ------------------------------------------------------------------------------------------ widths

CASES = ["--case", "quantum-gates,digits=15", "--case", "gaussian-complex,d=2,digits=15"]


@pytest.mark.parametrize("columns", [60, 80])
def test_the_table_of_verify_fits(columns: int) -> None:
    done = run("verify", *CASES, "--jobs", 1, env={"COLUMNS": str(columns)})
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= columns
    row = next(line for line in lines if line.strip().startswith("quantum-gates"))
    for word in ("quantum-gates", "7 of 7", "CERT."):
        assert word in row
    assert "…" not in row
    wide = run("verify", *CASES, "--jobs", 1, "--wide", env={"COLUMNS": str(columns)})
    head = next(line for line in wide.stdout.splitlines() if "problem" in line)
    for word in (
        "P1",
        "P7",
        "branch",
        "fast",
        "mpmath",
        "ball",
        "symbolic",
        "B1",
        "float64",
        "one layer",
    ):
        assert word in head


@pytest.mark.parametrize("columns", ["x", "0", "-5", "9" * 30])
def test_any_value_of_columns_is_survived(columns: str) -> None:
    assert run("show", env={"COLUMNS": columns}).returncode == 0


@pytest.mark.parametrize("words", [["solve", "iris-covariances"], ["show", "iris-covariances"]])
def test_other_tables_fit_into_80_columns(words: list[str]) -> None:
    done = run(*words, env={"COLUMNS": "80"})
    tables = [line for line in done.stdout.splitlines() if line.startswith(" ")]
    assert tables
    assert max(map(len, tables)) <= 80


def test_a_terminal_is_served_as_wide_as_it_is() -> None:
    import fcntl
    import struct
    import termios

    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 72, 0, 0))
    environment = {k: v for k, v in os.environ.items() if k != "COLUMNS"} | {"TERM": "dumb"}
    process = subprocess.Popen(
        [*COMMAND, "show"], stdin=slave, stdout=slave, stderr=slave, env=environment
    )
    os.close(slave)
    text = b""
    try:
        while chunk := os.read(master, 65536):
            text += chunk
    except OSError:  # the other end is closed
        pass
    os.close(master)
    assert process.wait(60) == 0
    assert b"quantum-gates" in text
    assert max(map(len, text.decode().splitlines())) <= 72


@pytest.mark.slow
def test_long_work_of_solve_says_that_it_goes_on() -> None:
    process = subprocess.Popen(
        [*COMMAND, "solve", "color-spaces", "--digits", "40000"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    line = process.stderr.readline()
    process.kill()
    process.communicate()
    assert line.startswith("solve color-spaces: at work for ")
