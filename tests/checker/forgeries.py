"""Kinds of forged certificates, each with the verdict both checkers have to give.

A forgery changes a true certificate; its hash is computed again (unless the forgery is about the
hash), so that the mathematics has to catch it where it can.  Verdicts are written as the exit
status of the standard-library checker, and as the exit status and the failed claims of the ball
checker: a record takes no part in C1, so some forgeries leave the first one's claim true.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from deepexp_exact.branches import BranchEntry
from deepexp_exact.certificate import Dyadic, canonical_sha256
from deepexp_exact.spectrum import Box

OK, CLAIM, MALFORMED = 0, 1, 2
ALL = ("C1", "C2", "C3")
Table = dict[str, Any]


@dataclass(frozen=True)
class Forgery:
    """``make`` gets the base certificate and another one, and returns an object or raw bytes."""

    name: str
    make: Callable[[Table, Table], Table | bytes]
    standard: int
    ball: int
    failed: tuple[str, ...] = ()
    base: str = "simple"

    def build(self, base: Table, other: Table) -> bytes:
        made = self.make(copy.deepcopy(base), copy.deepcopy(other))
        return made if isinstance(made, bytes) else rehashed(made)


FORGERIES: list[Forgery] = []


def rehashed(table: Table) -> bytes:
    return json.dumps(table | {"sha256": canonical_sha256(table)}).encode()


def kind(
    standard: int, ball: int, failed: tuple[str, ...] = (), base: str = "simple"
) -> Callable[[Callable[[Table, Table], Any]], None]:
    """Register a function as a kind of forgery; it may change its first argument in place."""

    def register(make: Callable[[Table, Table], Any]) -> None:
        def run(table: Table, other: Table) -> Table | bytes:
            made = make(table, other)
            return table if made is None else made

        name = make.__name__.strip("_").replace("_", " ")
        FORGERIES.append(Forgery(name, run, standard, ball, failed, base))

    return register


# ------------------------------------------------------------------------------ helpers


def largest(matrix: list[Any]) -> tuple[int, int, int]:
    """Row, column and part of the entry that is largest in size."""
    places = [(r, c, p) for r in range(len(matrix)) for c in range(len(matrix)) for p in (0, 1)]
    return max(places, key=lambda at: Dyadic.parse(matrix[at[0]][at[1]][at[2]]).log10())


def change_decimal(table: Table, name: str, digit: int) -> None:
    """Add one unit of the given significant decimal digit to the largest entry of a weight."""
    matrix = table["weights"][name]
    r, c, p = largest(matrix)
    value = Dyadic.parse(matrix[r][c][p])
    bits = int((digit - 1) * 3.3219281)
    unit = value.exponent + abs(value.mantissa).bit_length() - bits
    low = min(unit, value.exponent)
    total = (value.mantissa << value.exponent - low) + (1 << unit - low)
    matrix[r][c][p] = str(Dyadic.of(total, low))


def negate(text: str) -> str:
    return text if text == "0x0p0" or text == "0x0" else text[1:] if text[0] == "-" else "-" + text


def transpose(matrix: list[Any]) -> list[Any]:
    return [list(row) for row in zip(*matrix, strict=True)]


def conjugate(matrix: list[Any]) -> list[Any]:
    return [[[re, negate(im)] for re, im in row] for row in matrix]


def claim(table: Table, id_: str) -> Table:
    found: Table = next(item for item in table["claims"] if item["id"] == id_)
    return found


def retell(table: Table) -> None:
    """Make the record's numbers for readers fit its boxes and integers again."""
    for entry in table["record"]["eigenvalues"]:
        box = Box.from_json(entry["box"], "box")
        true = BranchEntry(box, 1, (1,), entry["on_negative_axis"], entry["k"])
        entry["im_over_pi"] = f"{true.im_over_pi:.12g}"


def halve(text: str, bits: int = 1) -> str:
    value = Dyadic.parse(text)
    return str(Dyadic.of(value.mantissa, value.exponent - bits))


def replaced(table: Table, old: str, new: str) -> bytes:
    """Raw text with one replacement, after hashing."""
    raw = rehashed(table).decode()
    if old not in raw:
        raise ValueError(old)
    return raw.replace(old, new, 1).encode()


# ------------------------------------------------------------------------------ weights


def _each_weight() -> None:
    for name in ("W1", "W2", "W3"):

        def last(t: Table, o: Table, name: str = name) -> Table:
            change_decimal(t, name, t["digits_carried"])
            return t

        def first(t: Table, o: Table, name: str = name) -> Table:
            change_decimal(t, name, 1)
            return t

        def turned(t: Table, o: Table, name: str = name) -> Table:
            t["weights"][name] = transpose(t["weights"][name])
            return t

        def mirrored(t: Table, o: Table, name: str = name) -> Table:
            t["weights"][name] = conjugate(t["weights"][name])
            return t

        def zero(t: Table, o: Table, name: str = name) -> Table:
            t["weights"][name] = [[["0x0p0"] * 2 for _ in row] for row in t["weights"][name]]
            return t

        broken = ALL if name != "W3" else ("C1", "C2")
        # W1 and W2 lose the stated radii only, W3 the residual bound too.
        status, lost = (OK, ("C2", "C3")) if name != "W3" else (CLAIM, ("C1", "C2"))
        FORGERIES.extend(
            [
                Forgery(f"{name} changed in its last carried digit", last, status, CLAIM, lost),
                Forgery(f"{name} changed in its first digit", first, CLAIM, CLAIM, broken),
                Forgery(f"{name} transposed", turned, CLAIM, CLAIM, broken),
                Forgery(f"{name} conjugated", mirrored, CLAIM, CLAIM, broken),
                Forgery(f"{name} replaced by zero", zero, CLAIM, CLAIM, broken),
            ]
        )


_each_weight()


@kind(CLAIM, CLAIM, ALL)
def weights_of_another_problem(t: Table, o: Table) -> None:
    t["weights"] = o["weights"]


@kind(CLAIM, CLAIM, ALL)
def weights_W1_and_W2_exchanged(t: Table, o: Table) -> None:
    w = t["weights"]
    w["W1"], w["W2"] = w["W2"], w["W1"]


@kind(CLAIM, CLAIM, ALL)
def W1_negated(t: Table, o: Table) -> None:
    t["weights"]["W1"] = [[[negate(x) for x in z] for z in r] for r in t["weights"]["W1"]]


@kind(CLAIM, CLAIM, ALL)
def all_weights_conjugated(t: Table, o: Table) -> None:
    t["weights"] = {name: conjugate(w) for name, w in t["weights"].items()}


@kind(CLAIM, CLAIM, ALL)
def one_entry_of_W2_with_another_exponent(t: Table, o: Table) -> None:
    r, c, p = largest(t["weights"]["W2"])
    t["weights"]["W2"][r][c][p] = halve(t["weights"]["W2"][r][c][p])


@kind(CLAIM, CLAIM, ALL)
def one_entry_of_W1_at_the_largest_exponent(t: Table, o: Table) -> None:
    t["weights"]["W1"][0][0][0] = "0x1p1000000"


@kind(CLAIM, CLAIM, ("C1", "C2"))
def one_entry_of_W3_at_the_largest_exponent(t: Table, o: Table) -> None:
    t["weights"]["W3"][0][0][0] = "0x1p1000000"


# ------------------------------------------------------------------------------ problem


def _each_matrix() -> None:
    for name, failed in (("X1", ALL), ("X2", ("C1", "C2")), ("Y1", ALL), ("Y2", ALL)):

        def changed(t: Table, o: Table, name: str = name) -> Table:
            t["problem"][name][0][1][0] = "0x3/0x7"
            return t

        FORGERIES.append(Forgery(f"an entry of {name} changed", changed, CLAIM, CLAIM, failed))


_each_matrix()


@kind(CLAIM, CLAIM, ALL)
def inputs_exchanged(t: Table, o: Table) -> None:
    p = t["problem"]
    p["X1"], p["X2"] = p["X2"], p["X1"]


@kind(CLAIM, CLAIM, ALL)
def outputs_exchanged(t: Table, o: Table) -> None:
    p = t["problem"]
    p["Y1"], p["Y2"] = p["Y2"], p["Y1"]


@kind(CLAIM, CLAIM, ALL)
def another_problem(t: Table, o: Table) -> None:
    t["problem"] = o["problem"]


@kind(CLAIM, CLAIM, ALL)
def X2_equal_to_X1(t: Table, o: Table) -> None:
    t["problem"]["X2"] = t["problem"]["X1"]


@kind(CLAIM, CLAIM, ALL)
def singular_Y1(t: Table, o: Table) -> None:
    t["problem"]["Y1"] = [[["0x1", "0x0"] for _ in row] for row in t["problem"]["Y1"]]


# ------------------------------------------------------------------------------ bounds


@kind(CLAIM, CLAIM, ("C1",))
def bound_of_C1_tightened(t: Table, o: Table) -> None:
    claim(t, "C1")["bounds"][1] = "0x1p-900"


@kind(CLAIM, CLAIM, ("C1",))
def bound_of_C1_zero(t: Table, o: Table) -> None:
    claim(t, "C1")["bounds"][0] = "0x0p0"


@kind(CLAIM, CLAIM, ("C1",))
def bound_of_C1_above_the_digits(t: Table, o: Table) -> None:
    claim(t, "C1")["bounds"][0] = "0x1p-10"


@kind(CLAIM, CLAIM, ("C1", "C2"))
def more_digits_than_proved(t: Table, o: Table) -> None:
    t["digits"] = 200


@kind(OK, CLAIM, ("C2",))
def radius_of_C2_zero(t: Table, o: Table) -> None:
    claim(t, "C2")["radii"]["W2"] = "0x0p0"


@kind(OK, CLAIM, ("C2",))
def radius_of_C2_halved(t: Table, o: Table) -> None:
    radii = claim(t, "C2")["radii"]
    radii["W3"] = halve(radii["W3"])


@kind(OK, CLAIM, ("C2",))
def radius_of_C2_above_the_digits(t: Table, o: Table) -> None:
    claim(t, "C2")["radii"]["W1"] = "0x1p-3"


@kind(OK, CLAIM, ("C3",))
def radius_of_C3_zero(t: Table, o: Table) -> None:
    claim(t, "C3")["radii"][0] = "0x0p0"


@kind(OK, CLAIM, ("C3",))
def radius_of_C3_tightened(t: Table, o: Table) -> None:
    claim(t, "C3")["radii"][-1] = halve(claim(t, "C3")["radii"][-1], 12)


@kind(OK, CLAIM, ("C3",))
def radius_of_C3_beyond_pi(t: Table, o: Table) -> None:
    claim(t, "C3")["radii"][0] = "0x1p2"


@kind(OK, CLAIM, ("C3",), base="defective")
def radius_of_C3_of_a_simple_eigenvalue_for_a_defective_one(t: Table, o: Table) -> None:
    claim(t, "C3")["radii"] = ["0x1p-90" for _ in claim(t, "C3")["radii"]]


# ------------------------------------------------------------------------------ record


@kind(OK, CLAIM, ("C2", "C3"))
def one_k_shifted(t: Table, o: Table) -> None:
    t["record"]["eigenvalues"][0]["k"] += 1
    retell(t)


@kind(OK, MALFORMED)
def one_k_shifted_without_its_number_for_readers(t: Table, o: Table) -> None:
    t["record"]["eigenvalues"][0]["k"] += 1


@kind(OK, CLAIM, ("C2", "C3"))
def all_k_shifted(t: Table, o: Table) -> None:
    for entry in t["record"]["eigenvalues"]:
        entry["k"] -= 1
    retell(t)


@kind(OK, CLAIM, ("C2", "C3"), base="defective")
def k_of_a_defective_eigenvalue_shifted(t: Table, o: Table) -> None:
    t["record"]["eigenvalues"][0]["k"] += 1
    retell(t)


@kind(OK, CLAIM, ("C2", "C3"))
def a_box_moved(t: Table, o: Table) -> None:
    t["record"]["eigenvalues"][1]["box"] = ["0x64", "0x65", "0x64", "0x65"]
    retell(t)


@kind(OK, CLAIM, ("C2", "C3"))
def two_boxes_exchanged(t: Table, o: Table) -> None:
    e = t["record"]["eigenvalues"]
    e[0]["box"], e[1]["box"] = e[1]["box"], e[0]["box"]
    retell(t)


@kind(OK, CLAIM, ("C2", "C3"))
def two_entries_exchanged(t: Table, o: Table) -> None:
    e = t["record"]["eigenvalues"]
    e[0], e[1] = e[1], e[0]


@kind(OK, CLAIM, ("C2", "C3"))
def a_box_around_everything(t: Table, o: Table) -> None:
    t["record"]["eigenvalues"][0]["box"] = ["-0x3e8", "0x3e8", "-0x3e8", "0x3e8"]
    retell(t)


@kind(OK, CLAIM, ("C2", "C3"))
def a_box_shrunk_to_a_point(t: Table, o: Table) -> None:
    box = t["record"]["eigenvalues"][0]["box"]
    t["record"]["eigenvalues"][0]["box"] = [box[0], box[0], box[2], box[2]]
    retell(t)


@kind(OK, CLAIM, ("C2", "C3"))
def alpha_changed(t: Table, o: Table) -> None:
    t["record"]["alpha"] = ["0x4", "0x0"]


@kind(OK, CLAIM, ("C2",))
def turn_changed(t: Table, o: Table) -> None:
    t["record"]["turn"] = 1


@kind(OK, MALFORMED)
def alpha_one(t: Table, o: Table) -> None:
    t["record"]["alpha"] = ["0x1", "0x0"]


@kind(OK, CLAIM, ("C2", "C3"))
def two_eigenvalues_merged(t: Table, o: Table) -> None:
    e = t["record"]["eigenvalues"]
    del e[1]
    e[0]["multiplicity"], e[0]["blocks"] = 2, [1, 1]
    del claim(t, "C3")["radii"][1]


@kind(OK, CLAIM, ("C2", "C3"))
def side_of_the_cut_flipped(t: Table, o: Table) -> None:
    t["record"]["eigenvalues"][0]["on_negative_axis"] = True
    retell(t)


@kind(OK, CLAIM, ("C2", "C3"), base="defective")
def eigenvalue_on_the_cut_denied(t: Table, o: Table) -> None:
    for entry in t["record"]["eigenvalues"]:
        entry["on_negative_axis"] = False
    retell(t)


@kind(OK, CLAIM, ("C2", "C3"), base="defective")
def block_sizes_changed(t: Table, o: Table) -> None:
    for entry in t["record"]["eigenvalues"]:
        entry["blocks"] = [1] * entry["multiplicity"]


@kind(OK, CLAIM, ("C2", "C3"))
def record_of_another_problem(t: Table, o: Table) -> None:
    t["record"] = o["record"]


@kind(OK, MALFORMED)
def box_with_crossed_endpoints(t: Table, o: Table) -> None:
    box = t["record"]["eigenvalues"][0]["box"]
    t["record"]["eigenvalues"][0]["box"] = [box[1], box[0], box[2], box[3]]


@kind(MALFORMED, MALFORMED)
def multiplicities_that_do_not_add_up(t: Table, o: Table) -> None:
    t["record"]["eigenvalues"][0]["multiplicity"] = 2
    t["record"]["eigenvalues"][0]["blocks"] = [2]


# ------------------------------------------------------------------------------ claims


@kind(CLAIM, CLAIM)
def all_claims_dropped(t: Table, o: Table) -> None:
    t["claims"] = []


@kind(CLAIM, OK)
def claim_C1_dropped(t: Table, o: Table) -> None:
    del t["claims"][0]


@kind(OK, OK)
def claim_C2_dropped(t: Table, o: Table) -> None:
    del t["claims"][1]


@kind(MALFORMED, MALFORMED)
def claim_duplicated(t: Table, o: Table) -> None:
    t["claims"].append(t["claims"][0])


@kind(MALFORMED, MALFORMED)
def claims_out_of_order(t: Table, o: Table) -> None:
    t["claims"].reverse()


@kind(MALFORMED, MALFORMED)
def unknown_claim(t: Table, o: Table) -> None:
    t["claims"].append({"id": "C4", "radii": []})


@kind(MALFORMED, MALFORMED)
def radii_of_C3_too_few(t: Table, o: Table) -> None:
    claim(t, "C3")["radii"].pop()


@kind(MALFORMED, MALFORMED)
def negative_bound(t: Table, o: Table) -> None:
    claim(t, "C1")["bounds"][0] = "-0x1p-900"


# ------------------------------------------------------------------------------ form


@kind(MALFORMED, MALFORMED)
def unknown_key(t: Table, o: Table) -> None:
    t["comment"] = "trust me"


@kind(MALFORMED, MALFORMED)
def missing_key(t: Table, o: Table) -> None:
    del t["provenance"]


@kind(MALFORMED, MALFORMED)
def unknown_key_in_an_eigenvalue(t: Table, o: Table) -> None:
    t["record"]["eigenvalues"][0]["note"] = ""


@kind(MALFORMED, MALFORMED)
def a_fourth_weight(t: Table, o: Table) -> None:
    t["weights"]["W4"] = t["weights"]["W1"]


@kind(MALFORMED, MALFORMED)
def a_weight_of_another_size(t: Table, o: Table) -> None:
    t["weights"]["W2"] = [row[:-1] for row in t["weights"]["W2"][:-1]]


@kind(MALFORMED, MALFORMED)
def a_row_too_short(t: Table, o: Table) -> None:
    t["problem"]["Y1"][0].pop()


@kind(MALFORMED, MALFORMED)
def an_entry_of_three_parts(t: Table, o: Table) -> None:
    t["problem"]["Y1"][0][0].append("0x0")


@kind(MALFORMED, MALFORMED)
def matrices_without_rows(t: Table, o: Table) -> None:
    for name in ("X1", "X2", "Y1", "Y2"):
        t["problem"][name] = []
    t["weights"] = {name: [] for name in t["weights"]}
    t["record"]["eigenvalues"] = []
    claim(t, "C3")["radii"] = []


@kind(MALFORMED, MALFORMED)
def dimension_beyond_the_limit(t: Table, o: Table) -> None:
    rows = [[["0x1", "0x0"] for _ in range(129)] for _ in range(129)]
    for name in ("X1", "X2", "Y1", "Y2"):
        t["problem"][name] = rows


@kind(MALFORMED, MALFORMED)
def exponent_of_ten_to_the_nine(t: Table, o: Table) -> None:
    t["weights"]["W1"][0][0][0] = "0x1p1000000000"


@kind(MALFORMED, MALFORMED)
def negative_exponent_of_ten_to_the_nine(t: Table, o: Table) -> None:
    claim(t, "C1")["bounds"][0] = "0x1p-1000000000"


@kind(MALFORMED, MALFORMED)
def mantissa_of_ten_million_digits(t: Table, o: Table) -> None:
    t["weights"]["W3"][0][0][0] = "0x1" + "0" * 10**7 + "1p-9"


@kind(MALFORMED, MALFORMED)
def fraction_of_a_million_digits(t: Table, o: Table) -> None:
    t["problem"]["X1"][0][0][0] = "0x1" + "0" * 10**6


@kind(MALFORMED, MALFORMED)
def digits_beyond_the_limit(t: Table, o: Table) -> None:
    t["digits"] = 10**9


@kind(MALFORMED, MALFORMED)
def fraction_not_in_lowest_terms(t: Table, o: Table) -> None:
    t["problem"]["X1"][0][0][0] = "0x2/0x4"


@kind(MALFORMED, MALFORMED)
def zero_denominator(t: Table, o: Table) -> None:
    t["problem"]["X1"][0][0][0] = "0x1/0x0"


@kind(MALFORMED, MALFORMED)
def even_mantissa(t: Table, o: Table) -> None:
    t["weights"]["W1"][0][0][0] = "0x10p-4"


@kind(MALFORMED, MALFORMED)
def negative_zero(t: Table, o: Table) -> None:
    t["weights"]["W1"][0][0][0] = "-0x0p0"


@kind(MALFORMED, MALFORMED)
def capital_hexadecimal(t: Table, o: Table) -> None:
    t["weights"]["W1"][0][0][0] = "0xABp-4"


@kind(MALFORMED, MALFORMED)
def decimal_text(t: Table, o: Table) -> None:
    t["weights"]["W1"][0][0][0] = "0.5"


@kind(MALFORMED, MALFORMED)
def number_with_a_line_break(t: Table, o: Table) -> None:
    t["weights"]["W1"][0][0][0] = "0x1p-4\n"


@kind(MALFORMED, MALFORMED)
def digits_from_another_script(t: Table, o: Table) -> None:
    t["weights"]["W1"][0][0][0] = "0x1p-\u0664"


@kind(MALFORMED, MALFORMED)
def nan_as_a_text(t: Table, o: Table) -> None:
    t["weights"]["W1"][0][0][0] = "nan"


@kind(MALFORMED, MALFORMED)
def number_instead_of_text(t: Table, o: Table) -> None:
    t["weights"]["W1"][0][0][0] = 1


@kind(MALFORMED, MALFORMED)
def digits_as_text(t: Table, o: Table) -> None:
    t["digits"] = "30"


@kind(MALFORMED, MALFORMED)
def digits_as_truth_value(t: Table, o: Table) -> None:
    t["digits"] = True


@kind(MALFORMED, MALFORMED)
def version_as_text(t: Table, o: Table) -> None:
    t["version"] = "1"


@kind(MALFORMED, MALFORMED)
def next_version(t: Table, o: Table) -> None:
    t["version"] = 2


@kind(MALFORMED, MALFORMED)
def another_format(t: Table, o: Table) -> None:
    t["format"] = "deepexp-exact/problem"


@kind(MALFORMED, MALFORMED)
def unknown_construction(t: Table, o: Table) -> None:
    t["construction"] = "magic"


@kind(MALFORMED, MALFORMED)
def weights_that_are_null(t: Table, o: Table) -> None:
    t["weights"] = None


@kind(MALFORMED, MALFORMED)
def integers_that_are_not_empty(t: Table, o: Table) -> None:
    t["record"]["eigenvalues"][0]["integers"] = [1]


# ------------------------------------------------------------------------------ raw text


@kind(MALFORMED, MALFORMED)
def wrong_hash(t: Table, o: Table) -> bytes:
    return json.dumps(t | {"sha256": "0" * 64}).encode()


@kind(MALFORMED, MALFORMED)
def changed_without_a_new_hash(t: Table, o: Table) -> bytes:
    change_decimal(t, "W1", 1)
    return json.dumps(t).encode()


@kind(MALFORMED, MALFORMED)
def truncated_file(t: Table, o: Table) -> bytes:
    raw = rehashed(t)
    return raw[: 2 * len(raw) // 3]


@kind(MALFORMED, MALFORMED)
def empty_file(t: Table, o: Table) -> bytes:
    return b""


@kind(MALFORMED, MALFORMED)
def trailing_text(t: Table, o: Table) -> bytes:
    return rehashed(t) + b"{}"


@kind(MALFORMED, MALFORMED)
def text_that_is_not_utf8(t: Table, o: Table) -> bytes:
    return replaced(t, '"title": "', '"title": "X').replace(b"X", b"\xff", 1)


@kind(MALFORMED, MALFORMED)
def a_list_instead_of_an_object(t: Table, o: Table) -> bytes:
    return b"[" + rehashed(t) + b"]"


@kind(MALFORMED, MALFORMED)
def a_key_twice(t: Table, o: Table) -> bytes:
    return replaced(t, '"digits":', '"digits": 1, "digits":')


@kind(MALFORMED, MALFORMED)
def deep_nesting(t: Table, o: Table) -> bytes:
    return replaced(t, '"weights":', '"weights": ' + "[" * 10**5 + "]" * 10**5 + ', "other":')


@kind(MALFORMED, MALFORMED)
def unclosed_nesting(t: Table, o: Table) -> bytes:
    return b"[" * 10**6


@kind(MALFORMED, MALFORMED)
def nan_as_a_number(t: Table, o: Table) -> bytes:
    return replaced(t, f'"digits": {t["digits"]}', '"digits": NaN')


@kind(MALFORMED, MALFORMED)
def infinity_as_a_number(t: Table, o: Table) -> bytes:
    return replaced(t, f'"digits": {t["digits"]}', '"digits": Infinity')


@kind(MALFORMED, MALFORMED)
def a_floating_point_number(t: Table, o: Table) -> bytes:
    return replaced(t, f'"digits": {t["digits"]}', f'"digits": {t["digits"]}.0')


@kind(MALFORMED, MALFORMED)
def an_integer_of_5000_digits(t: Table, o: Table) -> bytes:
    return replaced(t, f'"digits": {t["digits"]}', '"digits": ' + "9" * 5000)


# ------------------------------------------------------------------------------ not claimed


@kind(OK, OK)
def command_changed(t: Table, o: Table) -> None:
    t["provenance"]["command"] = "another command"


@kind(OK, OK)
def digits_carried_changed(t: Table, o: Table) -> None:
    t["digits_carried"] += 1


@kind(OK, OK)
def name_of_the_problem_changed(t: Table, o: Table) -> None:
    t["problem"]["name"] = "another name"
