"""Kinds of forged certificates: weights, problem, bounds, record and claims; those of a wrong form
are in ``malformations``."""

from __future__ import annotations

from forging import (
    ALL,
    CLAIM,
    EVERY,
    MALFORMED,
    OK,
    Forgery,
    Table,
    change_decimal,
    claim,
    conjugate,
    eigenvalues,
    halve,
    kind,
    largest,
    negate,
    retell,
    transpose,
)
from malformations import FORGERIES

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

        broken = {"W1": EVERY, "W2": ALL, "W3": ("C1", "C2")}[name]
        # W1 and W2 lose the stated radii only (W1 the first layer's too), W3 the residual bound.
        status, lost = {
            "W1": (CLAIM, ("C2", "C3", "C4")),
            "W2": (OK, ("C2", "C3")),
            "W3": (CLAIM, ("C1", "C2")),
        }[name]
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


@kind(CLAIM, CLAIM, EVERY)
def weights_of_another_problem(t: Table, o: Table) -> None:
    t["weights"] = o["weights"]


@kind(CLAIM, CLAIM, EVERY)
def weights_W1_and_W2_exchanged(t: Table, o: Table) -> None:
    w = t["weights"]
    w["W1"], w["W2"] = w["W2"], w["W1"]


@kind(CLAIM, CLAIM, EVERY)
def W1_negated(t: Table, o: Table) -> None:
    t["weights"]["W1"] = [[[negate(x) for x in z] for z in r] for r in t["weights"]["W1"]]


@kind(CLAIM, CLAIM, EVERY)
def all_weights_conjugated(t: Table, o: Table) -> None:
    t["weights"] = {name: conjugate(w) for name, w in t["weights"].items()}


@kind(CLAIM, CLAIM, ALL)
def one_entry_of_W2_with_another_exponent(t: Table, o: Table) -> None:
    r, c, p = largest(t["weights"]["W2"])
    t["weights"]["W2"][r][c][p] = halve(t["weights"]["W2"][r][c][p])


@kind(CLAIM, CLAIM, EVERY)
def one_entry_of_W1_at_the_largest_exponent(t: Table, o: Table) -> None:
    t["weights"]["W1"][0][0][0] = "0x1p1000000"


@kind(CLAIM, CLAIM, ("C1", "C2"))
def one_entry_of_W3_at_the_largest_exponent(t: Table, o: Table) -> None:
    t["weights"]["W3"][0][0][0] = "0x1p1000000"


# ------------------------------------------------------------------------------ problem


def _each_matrix() -> None:
    for name, failed in (("X1", EVERY), ("X2", ("C1", "C2", "C4")), ("Y1", ALL), ("Y2", ALL)):

        def changed(t: Table, o: Table, name: str = name) -> Table:
            t["problem"][name][0][1][0] = "0x3/0x7"
            return t

        FORGERIES.append(Forgery(f"an entry of {name} changed", changed, CLAIM, CLAIM, failed))


_each_matrix()


@kind(CLAIM, CLAIM, EVERY)
def inputs_exchanged(t: Table, o: Table) -> None:
    p = t["problem"]
    p["X1"], p["X2"] = p["X2"], p["X1"]


@kind(CLAIM, CLAIM, ALL)
def outputs_exchanged(t: Table, o: Table) -> None:
    p = t["problem"]
    p["Y1"], p["Y2"] = p["Y2"], p["Y1"]


@kind(CLAIM, CLAIM, EVERY)
def another_problem(t: Table, o: Table) -> None:
    t["problem"] = o["problem"]


@kind(CLAIM, CLAIM, EVERY)
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
    eigenvalues(t)[0]["k"] += 1
    retell(t)


@kind(OK, MALFORMED)
def one_k_shifted_without_its_number_for_readers(t: Table, o: Table) -> None:
    eigenvalues(t)[0]["k"] += 1


@kind(OK, CLAIM, ("C2", "C3"))
def all_k_shifted(t: Table, o: Table) -> None:
    for entry in eigenvalues(t):
        entry["k"] -= 1
    retell(t)


@kind(OK, CLAIM, ("C2", "C3"), base="defective")
def k_of_a_defective_eigenvalue_shifted(t: Table, o: Table) -> None:
    eigenvalues(t)[0]["k"] += 1
    retell(t)


@kind(OK, CLAIM, ("C2", "C3"))
def a_box_moved(t: Table, o: Table) -> None:
    eigenvalues(t)[1]["box"] = ["0x64", "0x65", "0x64", "0x65"]
    retell(t)


@kind(OK, CLAIM, ("C2", "C3"))
def two_boxes_exchanged(t: Table, o: Table) -> None:
    e = eigenvalues(t)
    e[0]["box"], e[1]["box"] = e[1]["box"], e[0]["box"]
    retell(t)


@kind(OK, CLAIM, ("C2", "C3"))
def two_entries_exchanged(t: Table, o: Table) -> None:
    e = eigenvalues(t)
    e[0], e[1] = e[1], e[0]


@kind(OK, CLAIM, ("C2", "C3"))
def a_box_around_everything(t: Table, o: Table) -> None:
    eigenvalues(t)[0]["box"] = ["-0x3e8", "0x3e8", "-0x3e8", "0x3e8"]
    retell(t)


@kind(OK, CLAIM, ("C2", "C3"))
def a_box_shrunk_to_a_point(t: Table, o: Table) -> None:
    box = eigenvalues(t)[0]["box"]
    eigenvalues(t)[0]["box"] = [box[0], box[0], box[2], box[2]]
    retell(t)


@kind(CLAIM, CLAIM, ("C2", "C3", "C4"))
def alpha_changed(t: Table, o: Table) -> None:
    t["record"]["first_layer"]["alpha"] = ["0x4", "0x0"]


@kind(OK, CLAIM, ("C2",))
def turn_changed(t: Table, o: Table) -> None:
    t["record"]["first_layer"]["turn"] = 1


@kind(MALFORMED, MALFORMED)
def alpha_one(t: Table, o: Table) -> None:
    t["record"]["first_layer"]["alpha"] = ["0x1", "0x0"]


@kind(OK, CLAIM, ("C2", "C3"))
def two_eigenvalues_merged(t: Table, o: Table) -> None:
    e = eigenvalues(t)
    del e[1]
    e[0]["multiplicity"], e[0]["blocks"] = 2, [1, 1]
    del claim(t, "C3")["radii"][1]


@kind(OK, CLAIM, ("C2", "C3"))
def side_of_the_cut_flipped(t: Table, o: Table) -> None:
    eigenvalues(t)[0]["on_negative_axis"] = True
    retell(t)


@kind(OK, CLAIM, ("C2", "C3"), base="defective")
def eigenvalue_on_the_cut_denied(t: Table, o: Table) -> None:
    for entry in eigenvalues(t):
        entry["on_negative_axis"] = False
    retell(t)


@kind(OK, CLAIM, ("C2", "C3"), base="defective")
def block_sizes_changed(t: Table, o: Table) -> None:
    for entry in eigenvalues(t):
        entry["blocks"] = [1] * entry["multiplicity"]


@kind(OK, CLAIM, ("C2", "C3"))
def record_of_another_problem(t: Table, o: Table) -> None:
    t["record"] = o["record"]


@kind(OK, MALFORMED)
def box_with_crossed_endpoints(t: Table, o: Table) -> None:
    box = eigenvalues(t)[0]["box"]
    eigenvalues(t)[0]["box"] = [box[1], box[0], box[2], box[3]]


@kind(MALFORMED, MALFORMED)
def multiplicities_that_do_not_add_up(t: Table, o: Table) -> None:
    eigenvalues(t)[0]["multiplicity"] = 2
    eigenvalues(t)[0]["blocks"] = [2]


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
    t["claims"].append({"id": "C5", "radii": []})


@kind(MALFORMED, MALFORMED)
def radii_of_C3_too_few(t: Table, o: Table) -> None:
    claim(t, "C3")["radii"].pop()


@kind(MALFORMED, MALFORMED)
def negative_bound(t: Table, o: Table) -> None:
    claim(t, "C1")["bounds"][0] = "-0x1p-900"
