"""Read a deepexp-exact certificate, version 1 or 2, with nothing but Python's standard library.

Every field is validated, unknown ones are refused.  Numbers come out as triples (m, q, k), for
m 2**k / q.  What is only read, not checked, is read all the same: the record and its parameters.
"""
# ruff: noqa: B905

import hashlib
import json
import math
import re

MAX_FILE = 64 * 1024 * 1024  # bytes of a file
MAX_COMMAS = 1_000_000  # of a file: every value takes memory
MAX_D = 128  # dimension
MAX_DIGITS = 24_000  # decimal digits claimed or carried
MAX_TEXT = 50_000  # characters of one number
MAX_EXPONENT = 1_000_000  # binary exponent of a stored number

FRACTION = re.compile(r"(-?0x(?:0|[1-9a-f][0-9a-f]*))(?:/(0x[1-9a-f][0-9a-f]*))?")
DYADIC = re.compile(r"(-?0x(?:0|[1-9a-f][0-9a-f]*))p(0|-?[1-9][0-9]{0,6})")


class Malformed(Exception):
    """The file is not a certificate, or a field is beyond the limits."""


# ------------------------------------------------------------------------------ reading the file


def need(condition, message):
    if not condition:
        raise Malformed(message)


def unique(pairs):
    table = dict(pairs)
    need(len(table) == len(pairs), "a key appears twice in one object")
    return table


def integer(token):
    """The only numbers in a certificate are integers; int() refuses 1.5, 1e9 and NaN."""
    need(len(token) <= 19, "a number of more than 18 digits")
    return int(token)


def text(value, where):
    need(isinstance(value, str) and len(value) <= 4000, f"{where} is not a text of allowed length")
    return value


def whole(low, high):
    def read(value, where):
        need(type(value) is int and low <= value <= high, f"{where} is not within {low}..{high}")
        return value

    return read


def fraction(value, where):
    """'-0x1a/0x2b' in lowest terms as (m, q, 0), for m / q."""
    match = FRACTION.fullmatch(value) if isinstance(value, str) and len(value) <= MAX_TEXT else None
    need(match is not None and value != "-0x0", f"{where} is not a hexadecimal fraction")
    top, bottom = int(match[1], 16), int(match[2] or "0x1", 16)
    need(math.gcd(top, bottom) == 1 and match[2] != "0x1", f"{where} is not in lowest terms")
    return top, bottom, 0


def dyadic(value, where):
    """'-0x1a2bp-120' with an odd mantissa, or '0x0p0', as (m, 1, k), for m 2**k."""
    match = DYADIC.fullmatch(value) if isinstance(value, str) and len(value) <= MAX_TEXT else None
    need(match is not None and match[1] != "-0x0", f"{where} is not a dyadic number")
    top, power = int(match[1], 16), int(match[2])
    need(abs(power) <= MAX_EXPONENT, f"{where}: the exponent is beyond {MAX_EXPONENT}")
    need(top & 1 or (top, power) == (0, 0), f"{where} is not canonical")
    return top, 1, power


def optional(form):
    return lambda value, where: value if value is None else fit(value, form, where)


def claim(value, where):
    id_ = value.get("id") if isinstance(value, dict) else None
    need(isinstance(id_, str) and id_ in CLAIMS, f"{where} has an unknown id")
    return fit(value, CLAIMS[id_], where)


def first_layer(value, where):
    name = value.get("construction") if isinstance(value, dict) else None
    need(isinstance(name, str) and name in CONSTRUCTIONS, f"{where}: {name!r} is unknown here")
    alpha = None if name in UNSCALED else [fraction, fraction]
    turn = 0 if name in UNSCALED else whole(-(10**6), 10**6)
    form = {"construction": name, "alpha": alpha, "turn": turn, "parameters": CONSTRUCTIONS[name]}
    return fit(value, form, where)


def extended(form, **more):
    """A form that reads an object with some of these further keys."""

    def read(value, where):
        there = more if isinstance(value, dict) else {}
        return fit(value, {**form, **{k: v for k, v in there.items() if k in value}}, where)

    return read


def fit(value, form, where="certificate"):
    """A value read by its form: a function reads it, an object has exactly these keys, a list of
    one form has any length, a list of several exactly that many; a tuple lists the constants
    allowed, and anything else is the constant itself."""
    if callable(form):
        return form(value, where)
    if isinstance(form, dict):
        need(isinstance(value, dict), f"{where} is not an object")
        need(set(value) == set(form), f"{where}: its keys are not exactly {', '.join(form)}")
        return {key: fit(value[key], item, f"{where}: {key}") for key, item in form.items()}
    if isinstance(form, list):
        need(isinstance(value, list), f"{where} is not a list")
        forms = form * len(value) if len(form) == 1 else form
        need(len(value) == len(forms), f"{where} does not have {len(forms)} elements")
        return [fit(item, part, where) for item, part in zip(value, forms)]
    choices = form if isinstance(form, tuple) else (form,)
    found = any(type(value) is type(choice) and value == choice for choice in choices)
    need(found, f"{where} is not {form!r}")
    return value


# fmt: off
EXACT, WEIGHT = [[[fraction, fraction]]], [[[dyadic, dyadic]]]
CLAIMS = {
    "C1": {"id": "C1", "bounds": [dyadic, dyadic]},
    "C2": {"id": "C2", "radii": {"W1": dyadic, "W2": dyadic, "W3": dyadic}},
    "C3": {"id": "C3", "radii": [dyadic]},
    "C4": {"id": "C4", "bound": dyadic},
    "C5": {"id": "C5"},
    "N1": {"id": "N1", "ranks": [whole(0, 2 * MAX_D)] * 3},
    "N2": {"id": "N2", "row": whole(1, MAX_D), "column": whole(1, MAX_D)},
    "R6": {"id": "R6", "signs": [whole(-1, 1)] * 2},
}
SPLITTING = {
    "exchanged": (True, False), "s": fraction, "q": whole(0, MAX_D), "rho": optional(fraction),
    "basis": EXACT, "integers": [whole(-(10**6), 10**6)],
    "root": optional({"centre": [fraction, fraction], "radius": fraction}),
    "rank": optional(whole(0, MAX_D)),
}
RANK_ONE = {
    "row": [[fraction, fraction]], "q": [[fraction, fraction]], "centre": [[fraction, fraction]],
    "free": [whole(0, MAX_D * (MAX_D + 2))], "radius": fraction,
    "offset": {"a": [fraction, fraction], "radius": optional(fraction),
              "k": whole(-(10**6), 10**6), "n": whole(-(10**6), 10**6)},
    "integers": [[whole(-(10**6), 10**6)], [whole(-(10**6), 10**6)]],
    "nullity": [whole(0, MAX_D * (MAX_D + 2))] * 2,
}
# The constructions that this program knows, each with the form of its parameters.
REAL = {"skew": EXACT, "a": fraction, "centre": EXACT, "radius": fraction}
CONSTRUCTIONS = {
    "shift": None, "constant": None, "split": SPLITTING, "rank-one": RANK_ONE, "real": REAL,
}
PAIRED = ("rank-one", "real")  # a pair A, B instead of a logarithm: of C1 to C4 they claim C1 to C3
UNSCALED = ("constant", *PAIRED)  # neither alpha nor a logarithm: the others claim C1 and C2
NOTHING = ("N1", "N2", "R6")  # what proves that there are no weights, or no real ones
EIGENVALUE = {
    "box": [fraction] * 4, "multiplicity": whole(1, MAX_D), "blocks": [whole(1, MAX_D)],
    "on_negative_axis": (True, False), "k": whole(-(10**6), 10**6), "im_over_pi": text,
    "integers": [whole(-(10**6), 10**6)],
}
LOGARITHM = {"rule": text, "eigenvalues": [EIGENVALUE], "notes": [text]}
COMPLETION = {"rank": whole(0, MAX_D), "S": optional(EXACT)}
RECORD_1 = {
    "format": "deepexp-exact/branch-record", "version": 1, "alpha": [fraction, fraction],
    "turn": whole(-(10**6), 10**6), **LOGARITHM,
}
RECORD = {
    "format": "deepexp-exact/branch-record", "version": 2, "first_layer": first_layer,
    "completion": extended(COMPLETION, n=[[fraction, fraction]]),
    "logarithm": extended(LOGARITHM, J=EXACT),
}
HEAD = {
    "format": "deepexp-exact/certificate",
    "problem": {"name": text, "title": text, "source": text,
                "X1": EXACT, "X2": EXACT, "Y1": EXACT, "Y2": EXACT},
    "claims": [claim],
    "provenance": {
        "versions": lambda v, w: fit(v, dict.fromkeys(v if isinstance(v, dict) else (), text), w),
        "command": text, "seed": optional(whole(0, 10**18)),
    },
    "sha256": text,
}
BODY = {
    "digits": whole(1, MAX_DIGITS), "digits_carried": whole(1, MAX_DIGITS),
    "weights": {"W1": WEIGHT, "W2": WEIGHT, "W3": WEIGHT},
}
# fmt: on


def form_of(table):
    """The form that a certificate of this version and construction has."""
    version, name = table.get("version"), table.get("construction")
    need(type(version) is int and version in (1, 2), "its version is not 1 or 2")
    if version == 1:
        return {**HEAD, **BODY, "version": 1, "construction": "shift", "record": RECORD_1}
    known = isinstance(name, str) and (name in CONSTRUCTIONS or name == "none")
    need(known, f"the construction {str(name)[:40]!r} is unknown to this program")
    form = {**HEAD, "version": 2, "construction": name}
    if "formal" in table:
        form["formal"] = [text]
    return form if name == "none" else {**form, **BODY, "record": RECORD}


def shaped(rows, height, width, name):
    good = len(rows) == height and all(len(row) == width for row in rows)
    need(good, f"{name} is not {height}x{width}")


def read(path, form):
    """One file, read by its form, or the form that a function gives for it, as nested lists and
    objects of numbers."""
    hooks = dict.fromkeys(("parse_int", "parse_float", "parse_constant"), integer)
    try:
        with open(path, "rb") as stream:
            raw = stream.read(MAX_FILE + 1)
        need(len(raw) <= MAX_FILE, f"more than {MAX_FILE} bytes")
        need(raw.count(b",") <= MAX_COMMAS, f"more than {MAX_COMMAS} commas")
        table = json.loads(raw.decode("utf-8-sig"), object_pairs_hook=unique, **hooks)
        need(isinstance(table, dict), "not a JSON object")
        body = {key: value for key, value in table.items() if key != "sha256"}
        json.dumps(body, ensure_ascii=False).encode("utf-8")  # half a character is no text
        body = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    except OSError as error:
        raise Malformed(f"cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise Malformed(f"not JSON text: {str(error)[:80]}") from None
    sha = hashlib.sha256(body.encode("ascii")).hexdigest()
    need(table.get("sha256") == sha, "sha256 does not match the content")
    out = fit(table, form(table) if callable(form) else form)
    d = len(out["problem"]["X1"])
    need(1 <= d <= MAX_D, f"the dimension is not within 1..{MAX_D}")
    for name, rows in [*list(out["problem"].items())[3:], *out.get("weights", {}).items()]:
        shaped(rows, d, d, name)
    ids = [claim["id"] for claim in out["claims"]]
    need(ids == sorted(set(ids)), "claims: repeated or out of order")
    for item in out["claims"]:
        values = next((item[key] for key in ("bounds", "radii", "bound") if key in item), [])
        values = list(values.values()) if isinstance(values, dict) else values
        values = [values] if isinstance(values, tuple) else values
        need(all(top >= 0 for top, _, _ in values), f"{item['id']}: a negative bound")
    return out


def load(path):
    """Read and validate one certificate."""
    out = read(path, form_of)
    ids = [claim["id"] for claim in out["claims"]]
    if out["construction"] == "none":
        need(ids in ([id_] for id_ in NOTHING), f"claims: not one of {', '.join(NOTHING)} alone")
        return out
    allowed = {"C1", "C2", "C3", "C4", "C5"}
    allowed -= {"C4"} if out["construction"] in UNSCALED else set()
    allowed -= {"C3"} if out["construction"] in set(UNSCALED) - set(PAIRED) else set()
    allowed -= {"C4", "C5"} if out["version"] == 1 else set()
    need(set(ids) <= allowed, "claims: not for it")
    entries = check_record(out, len(out["problem"]["X1"]))
    for item in out["claims"]:
        good = item["id"] != "C3" or len(item["radii"]) == entries
        need(good, "C3: not one radius for each eigenvalue, or for A and for B")
    return out


def check_pair(parameters, d):
    """The parameters of a pair A, B fit each other and d."""
    if "skew" in parameters:
        for name in ("skew", "centre"):
            shaped(parameters[name], d, d, name)
            need(not any(z[1][0] for row in parameters[name] for z in row), f"{name} is not real")
        skew = [[z[0] for z in row] for row in parameters["skew"]]
        turned = [[(-m, q, k) for m, q, k in column] for column in zip(*skew)]
        need(turned == [[tuple(x) for x in row] for row in skew], "skew is not a skew matrix")
        need(
            min(parameters[key][0] for key in ("a", "radius")) > 0, "a or the radius: not positive"
        )
        return
    shaped([parameters["row"], parameters["q"], *parameters["integers"]], 4, d, "row, q, integers")
    need(all(part == sorted(part) for part in parameters["integers"]), "integers: not in order")
    free, size = parameters["free"], len(parameters["centre"])
    need(len(free) == 2 * d and free == sorted(set(free)) and free[-1] < size, "free")
    need(2 * d <= size == parameters["nullity"][0] <= d * (d + 2), "centre, nullity")
    offset = parameters["offset"]
    need((offset["radius"] is None) == (offset["k"] == 0), "the offset: k goes with a radius")
    for radius in (parameters["radius"], offset["radius"]):
        need(radius is None or radius[0] > 0, "a radius is not positive")


def check_record(out, d):
    """The sizes in a record fit each other and d; how many eigenvalues it has."""
    record = out["record"]
    entries = record.get("logarithm", record)["eigenvalues"]
    total = sum(entry["multiplicity"] for entry in entries)
    wanted = 0 if out["construction"] in UNSCALED else d
    need(total == wanted, f"record: the multiplicities add up to {total}, not to {wanted}")
    if out["version"] == 1:
        return len(entries)
    layer, completion = record["first_layer"], record["completion"]
    rank, S, n = completion["rank"], completion["S"], completion.get("n")
    need(layer["construction"] == out["construction"], "record: of another construction")
    if layer["alpha"] is not None:
        alpha = [tuple(part) for part in layer["alpha"]]
        need(alpha not in ([(0, 1, 0)] * 2, [(1, 1, 0), (0, 1, 0)]), "record: alpha is 0 or 1")
    need((S is not None) == (0 < rank < d), "completion: S goes with a rank between 0 and d")
    shaped(S or [], d if S else 0, rank, "S")
    need(n is None or (S is not None and len(n) == d), "completion: n goes with S, d entries")
    J = record["logarithm"].get("J")
    shaped(J or [], d if J else 0, d, "J")
    wanted = [[-1, 0] if J and e["on_negative_axis"] else [] for e in entries]
    need([e["integers"] for e in entries] == wanted, "logarithm: integers are not those of J")
    parameters = layer["parameters"]
    if out["construction"] in PAIRED:
        check_pair(parameters, d)
        return 2
    if parameters is not None:
        q = parameters["q"]
        shaped(parameters["basis"], d, q, "the basis")
        need(len(set(parameters["integers"])) == len(parameters["integers"]) == q, "integers")
    return len(entries)
