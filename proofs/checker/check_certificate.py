#!/usr/bin/env python3
"""Check claim C1 of a deepexp-exact certificate with nothing but Python's integers.

    python check_certificate.py FILE...      (also correct under python -O)

C1 says, for i = 1 and 2, about the matrices W1, W2, W3 and Xi, Yi stored in the file:
    ||W3 exp(W2 exp(W1 Xi)) - Yi||_F  <=  b_i ||Yi||_F,      b_i <= 10**-digits.
This program reads the file itself, computes the left side from that definition in fixed point
with the error bounds derived below, and prints the bound it obtained beside the claimed one.  It
imports nothing but the standard library.  C2 and C3 are not checked here, and it says so.

Exit status: 0 C1 holds in every file; 1 it does not, or it stayed undecided, or there is no such
claim; 2 a file is malformed or beyond the limits on size below.

Arithmetic.  A scale p is fixed.  A matrix is a pair (rows, e): d rows of 2 d integers, the real
parts A and then the imaginary parts B, and a radius e >= 0, with
    ||T - (A + iB) 2**-p||  <=  e 2**-p      for the matrix T that is meant.
||.|| is the Frobenius norm; it is submultiplicative and bounds the operator norm.  Every rounding
is a floor, wrong by less than 1 in each of the 2 d^2 integers, thus by less than sqrt(2) d < 2 d
in the norm: one FLOOR below stands for these 2 d.  Radii are rounded up.
"""
# ruff: noqa: B905

import hashlib
import json
import math
import re
import sys
from operator import mul, sub

MAX_FILE = 64 * 1024 * 1024  # bytes of a file
MAX_COMMAS = 1_000_000  # of a file: every value takes memory
MAX_D = 128  # dimension
MAX_DIGITS = 24_000  # decimal digits claimed or carried
MAX_TEXT = 50_000  # characters of one number
MAX_EXPONENT = 1_000_000  # binary exponent of a stored number
MAX_BITS = 1 << 18  # bits of a fixed-point number
MAX_WORK = 3e10  # nanoseconds, roughly, of the products in one exponential

FRACTION = re.compile(r"(-?0x(?:0|[1-9a-f][0-9a-f]*))(?:/(0x[1-9a-f][0-9a-f]*))?")
DYADIC = re.compile(r"(-?0x(?:0|[1-9a-f][0-9a-f]*))p(0|-?[1-9][0-9]{0,6})")


class Malformed(Exception):
    """The file is not a certificate, or a field is beyond the limits."""


class Refuted(Exception):
    """The claim is false."""


class Undecided(Exception):
    """Neither proved nor refuted within the limits on work and precision."""


class NeedBits(Exception):
    """The scale p is too coarse; args[0] is the number of bits that seem to be missing."""


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


def claim(value, where):
    id_ = value.get("id") if isinstance(value, dict) else None
    need(id_ in ("C1", "C2", "C3"), f"{where} has an unknown id")
    return fit(value, CLAIMS[id_], where)


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
}
EIGENVALUE = {
    "box": [fraction] * 4, "multiplicity": whole(1, MAX_D), "blocks": [whole(1, MAX_D)],
    "on_negative_axis": (True, False), "k": whole(-(10**6), 10**6), "im_over_pi": text,
    "integers": [],
}
RECORD = {
    "format": "deepexp-exact/branch-record", "version": 1, "alpha": [fraction, fraction],
    "turn": whole(-(10**6), 10**6), "rule": text, "eigenvalues": [EIGENVALUE], "notes": [text],
}
CERTIFICATE = {
    "format": "deepexp-exact/certificate", "version": 1, "construction": "shift",
    "problem": {"name": text, "title": text, "source": text,
                "X1": EXACT, "X2": EXACT, "Y1": EXACT, "Y2": EXACT},
    "record": RECORD, "digits": whole(1, MAX_DIGITS), "digits_carried": whole(1, MAX_DIGITS),
    "weights": {"W1": WEIGHT, "W2": WEIGHT, "W3": WEIGHT}, "claims": [claim],
    "provenance": {
        "versions": lambda v, w: fit(v, dict.fromkeys(v if isinstance(v, dict) else (), text), w),
        "command": text, "seed": lambda v, w: v if v is None else whole(0, 10**18)(v, w),
    },
    "sha256": text,
}
# fmt: on


def read(path, form):
    """One file, read by its form, as nested lists and objects of numbers."""
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
    out = fit(table, form)
    d = len(out["problem"]["X1"])
    need(1 <= d <= MAX_D, f"the dimension is not within 1..{MAX_D}")
    for name, rows in [*list(out["problem"].items())[3:], *out["weights"].items()]:
        need(len(rows) == d and all(len(row) == d for row in rows), f"{name} is not {d}x{d}")
    ids = [claim["id"] for claim in out["claims"]]
    need(ids == sorted(set(ids)), "claims: repeated or out of order")
    for item in out["claims"]:
        values = item["bounds"] if item["id"] == "C1" else item["radii"]
        values = list(values.values()) if isinstance(values, dict) else values
        need(all(top >= 0 for top, _, _ in values), f"{item['id']}: a negative bound")
    return out


def load(path):
    """Read and validate one certificate."""
    out = read(path, CERTIFICATE)
    d = len(out["problem"]["X1"])
    total = sum(entry["multiplicity"] for entry in out["record"]["eigenvalues"])
    need(total == d, f"record: the multiplicities add up to {total}, not to {d}")
    for item in out["claims"]:
        entries = len(out["record"]["eigenvalues"])
        need(
            item["id"] != "C3" or len(item["radii"]) == entries,
            "C3: not one radius for each eigenvalue",
        )
    return out


# ---------------------------------------------------------------------------- matrices with radii


def norm(rows):
    """Upper bound, in units 2**-p, of the norm of a matrix without its radius."""
    return 1 + math.isqrt(sum(sum(map(mul, row, row)) for row in rows))


def fixed(table, p):
    """Rows of pairs of exact numbers (m, q, k) -> floor(m 2**(k + p) / q), one FLOOR."""

    def number(m, q, k):
        return (m << k + p) // q if k + p >= 0 else m // (q << -k - p)

    rows = [[number(*z[part]) for part in (0, 1) for z in row] for row in table]
    return rows, 2 * len(rows)


def product(x, y, p):
    """With X = x + E, Y = y + F:  ||XY - xy|| <= ||x|| ||F|| + ||E|| ||y|| + ||E|| ||F||, then one
    FLOOR.  With x = [A|B], y = [C|D] an entry is one integer sum: rows of [A|B] times columns of
    [C; -D] give the real part, times columns of [D; C] the imaginary part."""
    (left, e), (right, f) = x, y
    d = len(left)
    columns = list(zip(*right))
    pairs = list(zip(columns[:d], columns[d:]))
    columns = [c + tuple(-v for v in s) for c, s in pairs] + [s + c for c, s in pairs]
    rows = [[sum(map(mul, row, column)) >> p for column in columns] for row in left]
    return rows, ((norm(left) * f + e * norm(right) + e * f) >> p) + 1 + 2 * d


def taylor(b, h, p):
    """exp(b) for b without radius, ||b|| <= 2**-h and h >= 2, at the scale p.

    Remainder after degree n: sum over k > n of ||b||^k / k! <= 2 * 2**(-h(n+1)) / (n+1)!, because
    each term is at most half of the one before.  The sum is arranged (Paterson, Stockmeyer) in
    chunks of j terms, C_0 + b^j (C_1 + b^j (C_2 + ...)), C_m = sum_{i<j} b^i / (mj+i)!, each chunk
    over the one denominator (mj+j-1)!.  Its radius is at most the sum of those of the powers (the
    coefficients are at most 1) plus one FLOOR."""
    d, n = len(b), 1
    while h * (n + 1) + math.log2(math.factorial(n + 1)) < p + 2:
        n += 1
    j = max(1, math.isqrt(n + 1))
    one = [[1 << p if r == c else 0 for c in range(2 * d)] for r in range(d)]
    powers = [(one, 0), (b, 0)]
    while len(powers) <= j:
        powers.append(product(powers[-1], (b, 0), p))
    chunks = -(-(n + 1) // j)
    total = ([[0] * (2 * d)] * d, 0)
    for m in reversed(range(chunks)):
        bottom = math.factorial(m * j + j - 1)
        scale = [bottom // math.factorial(m * j + i) for i in range(j)]
        rest, radius = product(powers[j], total, p) if m < chunks - 1 else total
        total = (
            [
                [sum(map(mul, scale, cell)) // bottom + tail for *cell, tail in zip(*rows)]
                for rows in zip(*(power for power, _ in powers[:j]), rest)
            ],
            radius + sum(e for _, e in powers[:j]) + 2 * d,
        )
    n = chunks * j - 1
    remainder = ((2 << p) >> (h * (n + 1))) // math.factorial(n + 1) + 1
    return total[0], total[1] + remainder


def exponential(x, p):
    """exp of a matrix with radius: exp(X) = exp(X / 2**s) ** (2**s).

    s is chosen such that b = x / 2**s and its radius E have ||b|| + ||E|| <= 2**-h with h >= 2.
    The division by 2**s is exact: the same integers, shifted, at the scale q = p + s + 16.  From
    exp(b + E) - exp(b) = int_0^1 exp(t(b + E)) E exp((1 - t)b) dt and the operator norm of the
    exponentials, its norm is at most ||E|| e^(||b|| + ||E||) <= 2 ||E||.  Each squaring is a
    product with its radius.  At the end one FLOOR brings the result back to the scale p."""
    rows, e = x
    d = len(rows)
    if e >> p:
        raise NeedBits(e.bit_length() - p + 16)
    h = max(2, math.isqrt(p) // 3)
    s = max(0, (norm(rows) + e).bit_length() - p + h)
    q = p + s + 16
    budget(d, s, q)
    rows, radius = taylor([[v << 16 for v in row] for row in rows], h, q)
    y = (rows, radius + 2 * (e << 16))
    for _ in range(s):
        size = norm(y[0])
        if y[1] > max(size, 1 << q):
            raise NeedBits(p)  # the radius has taken over and would square from here on
        budget(d, s, size.bit_length())
        y = product(y, y, q)
    return [[v >> q - p for v in row] for row in y[0]], (y[1] >> q - p) + 1 + 2 * d


def budget(d, s, bits):
    """Refuse work beyond MAX_WORK: a guess of the nanoseconds of s + 64 products."""
    if bits > MAX_BITS or (s + 64) * d**3 * (150 + (bits // 30) ** 1.6) > MAX_WORK:
        raise Undecided(f"{s} squarings of numbers of {bits} bits are beyond the limit on work")


# ------------------------------------------------------------------------------------------ claim


def decimal(top, bottom):
    """top / bottom as text with two digits, rounded up."""
    if top <= 0 or bottom <= 0:
        return "0" if top == 0 else "infinity"
    size = math.log10(top) - math.log10(bottom)
    power = math.floor(size + 1e-9)
    return f"{math.ceil(10 ** (size - power + 1) - 1e-6) / 10:.1f}e{power:+d}"


def residual(x, y, layers, p):
    """||f(X) - Y|| up to a radius: (upper bound of the midpoint's norm, which is at most 1 too
    large, radius, lower and upper bound of ||Y||)."""
    w1, w2, w3, x, y = (fixed(table, p) for table in (*layers, x, y))
    inner = exponential(product(w1, x, p), p)
    outer = product(w3, exponential(product(w2, inner, p), p), p)
    difference = [list(map(sub, *rows)) for rows in zip(outer[0], y[0])]
    size = norm(y[0])
    return norm(difference), outer[1] + y[1], size - 2 - y[1], size + y[1]


def check_bound(x, y, layers, bound, residual):
    """The upper bound obtained and the scale used, as text.

    A scale that turns out too coarse is made finer.  Refuted if even the lower bound of the
    residual exceeds ``bound`` times the upper bound of ||Y||; Undecided if no allowed scale
    decides."""
    top, _, power = bound
    numbers = [[part for row in w for z in row for part in z if part[0]] for w in layers]
    sizes = [max((m.bit_length() + k for m, _, k in w), default=0) for w in numbers]
    lengths = [m.bit_length() for w in numbers for m, _, _ in w]
    finest = max(-power - top.bit_length(), 0)  # longer mantissas than a bound needs are cut
    p = max(finest, min(max(lengths, default=0), 2 * finest + 256))
    p += sum(max(0, size) for size in sizes[:2]) + 48
    for _ in range(12):
        budget(len(x), 0, p + max(0, *sizes))
        try:
            middle, radius, low, high = residual(x, y, layers, p)
        except NeedBits as error:
            p += error.args[0]
            continue
        # claimed: middle + radius <= top 2**power ||Y||, compared as integers
        scaled, lift = top << max(0, power), max(0, -power)
        if low > 0 and (middle + radius) << lift <= scaled * low:
            return f"{decimal(middle + radius, low)} ({p} bits)"
        if (middle - 1 - radius) << lift > scaled * high:
            raise Refuted(f"the residual is at least {decimal(middle - 1 - radius, high)}")
        p += max((radius << lift).bit_length() - (scaled * max(low, 0)).bit_length(), 16) + 16
    raise Undecided("the radii did not become small enough")


def say(line):
    print(line.encode("ascii", "backslashreplace").decode()[:400], flush=True)


def check(path, load=load, residual=residual, unchecked=("C2", "C3")):
    """Print the verdict on one file; its exit status."""
    try:
        table = load(path)
    except Malformed as error:
        say(f"{path}: MALFORMED: {error}")
        return 2
    problem, digits, layers = table["problem"], table["digits"], table["weights"].values()
    say(f"{path}: d = {len(problem['X1'])}, {digits} digits, sha256 matches")
    claims, status = {item["id"]: item for item in table["claims"]}, 0
    if "C1" not in claims:
        say("  C1 FAILED: the certificate does not make this claim")
        return 1
    for i, bound in zip("12", claims["C1"]["bounds"]):
        top, _, power = bound
        limit = (top << max(0, power), 1 << max(0, -power))
        try:
            if limit[0] * 10**digits > limit[1]:
                raise Refuted(f"that exceeds 10^-{digits}")
            obtained = check_bound(problem["X" + i], problem["Y" + i], layers, bound, residual)
            verdict = f"ACCEPTED: obtained {obtained}"
        except Refuted as error:
            verdict, status = f"FAILED: {error}", 1
        except Undecided as error:
            verdict, status = f"UNDECIDED: {error}", 1
        say(f"  C1 for X{i}, residual at most {decimal(*limit)}: {verdict}")
    for id_ in unchecked:
        say(f"  {id_}: {'NOT CHECKED by this program' if id_ in claims else 'not claimed'}")
    return status


if __name__ == "__main__":
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
    sys.exit(max([check(path) for path in sys.argv[1:]], default=2))
