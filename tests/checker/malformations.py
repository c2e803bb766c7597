"""Kinds of certificates of a wrong form, and changes of what a certificate does not claim."""

from __future__ import annotations

import json

from forging import (
    FORGERIES,
    MALFORMED,
    OK,
    Table,
    change_decimal,
    claim,
    eigenvalues,
    kind,
    rehashed,
    replaced,
)

__all__ = ["FORGERIES"]

# ------------------------------------------------------------------------------ form


@kind(MALFORMED, MALFORMED)
def unknown_key(t: Table, o: Table) -> None:
    t["comment"] = "trust me"


@kind(MALFORMED, MALFORMED)
def missing_key(t: Table, o: Table) -> None:
    del t["provenance"]


@kind(MALFORMED, MALFORMED)
def unknown_key_in_an_eigenvalue(t: Table, o: Table) -> None:
    eigenvalues(t)[0]["note"] = ""


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
    eigenvalues(t).clear()
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
    t["version"] = 3


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
    eigenvalues(t)[0]["integers"] = [1]


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
