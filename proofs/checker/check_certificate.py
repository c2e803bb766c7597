#!/usr/bin/env python3
"""Check claims C1, C4, C5, N1, N2, R6 of a deepexp-exact certificate with Python's integers alone.

    python check_certificate.py FILE...      (also correct under python -O)

C1 says, for i = 1 and 2, about the matrices W1, W2, W3 and Xi, Yi stored in the file:
    ||W3 exp(W2 exp(W1 Xi)) - Yi||_F  <=  b_i ||Yi||_F,      b_i <= 10**-digits.
C4 says about W1 and the number alpha of the record, with a bound b < 1:
    ||exp(W1 X2) - alpha exp(W1 X1)||_F  <=  b ||alpha exp(W1 X1)||_F.
C5 says that the problem is real and every stored imaginary part of W1, W2, W3 is zero.
A certificate that there is no solution has no weights and claims N1, the ranks of Y1, Y2 and
[Y1 Y2], which are not all equal, or N2, an entry where Y1 and Y2 differ although X1 = X2, or, of
real weights for a real problem, R6, the opposite signs of det Y1 and det Y2.
This program reads the file itself (certificate_file.py beside it), computes the left sides from
those definitions in fixed point with the error bounds derived below, and prints the bound it
obtained beside the claimed one; ranks are exact.  It imports nothing but the standard library.
C2 and C3 are not checked here, and it says so.

Exit status: 0 C1, and C4 and C5 if claimed, or N1, N2 or R6, hold in every file; 1 one does not, or
it stayed undecided, or C1 is not claimed; 2 a file is malformed or beyond the limits on size.

Arithmetic.  A scale p is fixed.  A matrix is a pair (rows, e): d rows of 2 d integers, the real
parts A and then the imaginary parts B, and a radius e >= 0, with
    ||T - (A + iB) 2**-p||  <=  e 2**-p      for the matrix T that is meant.
||.|| is the Frobenius norm; it is submultiplicative and bounds the operator norm.  Every rounding
is a floor, wrong by less than 1 in each of the 2 d^2 integers, thus by less than sqrt(2) d < 2 d
in the norm: one FLOOR below stands for these 2 d.  Radii are rounded up.
"""
# ruff: noqa: B905

import math
import os
import sys
from operator import add, mul, sub

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from certificate_file import NOTHING, Malformed, load

MAX_BITS = 1 << 18  # bits of a fixed-point number
MAX_WORK = 3e10  # nanoseconds, roughly, of the products in one exponential


class Refuted(Exception):
    """The claim is false."""


class Undecided(Exception):
    """Neither proved nor refuted within the limits on work and precision."""


class NeedBits(Exception):
    """The scale p is too coarse; args[0] is the number of bits that seem to be missing."""


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


def cut(x, k):
    """The same matrix at a scale coarser by k bits, one FLOOR."""
    return [[v >> k for v in row] for row in x[0]], (x[1] >> k) + 1 + 2 * len(x[0])


def product(x, y, p):
    """With X = x + E, Y = y + F:  ||XY - xy|| <= ||x|| ||F|| + ||E|| ||y|| + ||E|| ||F||, then one
    FLOOR.  For x and y at scales r and s the result is at the scale r + s - p.  The integers are
    exact: with x = A + iB and y = C + iD, three real products give
    AC - BD and (A + B)(C + D) - AC - BD."""
    (left, e), (right, f) = x, y
    d = len(left)
    (a, b), (c, g) = (([row[:d] for row in z], [row[d:] for row in z]) for z in (left, right))
    ac, bg = real_product(a, c), real_product(b, g)
    both = real_product(*([list(map(add, *rows)) for rows in zip(*z)] for z in ((a, b), (c, g))))
    rows = [
        [u - v >> p for u, v in zip(one, two)] + [w - u - v >> p for u, v, w in zip(one, two, sums)]
        for one, two, sums in zip(ac, bg, both)
    ]
    return rows, ((norm(left) * f + e * norm(right) + e * f) >> p) + 1 + 2 * d


def real_product(x, y):
    """The exact product of two integer matrices with half as many multiplications (S. Winograd,
    "A new algorithm for inner product", 1968): a sum over pairs of terms
    a b + c d = (a + d)(c + b) - a c - b d, where the last two belong to a row and to a column."""
    if len(y) % 2:
        x, y = [[*row, 0] for row in x], [*y, [0] * len(y[0])]
    columns = [(z[::2], z[1::2], sum(map(mul, z[::2], z[1::2]))) for z in zip(*y)]
    out = []
    for row in x:
        a, c = row[::2], row[1::2]
        own = sum(map(mul, a, c))
        out.append([sum(map(mul, map(add, a, d), map(add, c, b))) - own - t for b, d, t in columns])
    return out


def taylor(b, h, p):
    """exp(b) for b without radius, ||b|| <= 2**-h and h >= 2, at the scale p.

    Remainder after degree n: sum over k > n of ||b||^k / k! <= 2 * 2**(-h(n+1)) / (n+1)!, because
    each term is at most half of the one before.  The sum is arranged in chunks of j terms
    (Paterson, Stockmeyer, 1973; Smith, 1989): exp(b) = T_0 up to the remainder, where
        T_m = sum_{i<j} b^i (mj)! / (mj+i)!  +  b^j T_{m+1} (mj)! / (mj+j)!,
    worked out over the one denominator (mj+j)! / (mj)!.  The radius of T_m is at most the sum of
    those of its terms (their factors are at most 1) plus one FLOOR.  T_m enters exp(b) with a
    factor of at most 2**(-hjm) / (mj)!, so its scale may be coarser by as many bits."""
    d, n = len(b), 1
    while h * (n + 1) + math.log2(math.factorial(n + 1)) < p + 2:
        n += 1
    j = max(1, math.isqrt(3 * n // 4))
    one = [[1 << p if r == c else 0 for c in range(2 * d)] for r in range(d)]
    powers = [(one, 0), (b, 0)]
    while len(powers) <= j:
        powers.append(product(powers[-1], (b, 0), p))
    chunks, total, finer = -(-(n + 1) // j), None, 0
    for m in reversed(range(chunks)):
        bottom = math.factorial(m * j + j) // math.factorial(m * j)
        scale = [bottom * math.factorial(m * j) // math.factorial(m * j + i) for i in range(j)]
        q = max(16, p + 1 - h * j * m - math.factorial(m * j).bit_length())
        *terms, last = (cut(power, p - q) for power in powers)
        rest, radius = product(last, total, finer) if total else ([[0] * (2 * d)] * d, 0)
        total = (
            [
                [(sum(map(mul, scale, cell)) + tail) // bottom for *cell, tail in zip(*rows)]
                for rows in zip(*(rows for rows, _ in terms), rest)
            ],
            radius // bottom + 1 + sum(e for _, e in terms) + 2 * d,
        )
        finer = q
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
    d, size = len(rows), norm(rows)
    h = 2 + math.isqrt(p) // 16
    if e >> p:
        s = max(0, (size - e).bit_length() - p) if size > e else 0
        budget(d, s, p + s)  # so many squarings at any scale: more bits would be bits wasted
        raise NeedBits(e.bit_length() - p + 16)
    s = max(0, (size + e).bit_length() - p + h)
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
    return cut(y, q - p)


def budget(d, s, bits):
    """Refuse work beyond MAX_WORK: a guess of the nanoseconds of s + 64 products."""
    if bits > MAX_BITS or (s + 64) * d**3 * (100 + (bits // 30) ** 1.6 / 2) > MAX_WORK:
        raise Undecided(f"{s} squarings of numbers of {bits} bits are beyond the limit on work")


# ------------------------------------------------------------------------------------------ claim


def decimal(top, bottom):
    """top / bottom as text with two digits, rounded up."""
    if top <= 0 or bottom <= 0:
        return "0" if top == 0 else "infinity"
    size = math.log10(top) - math.log10(bottom)
    power = math.floor(size + 1e-9)
    return f"{math.ceil(10 ** (size - power + 1) - 1e-6) / 10:.1f}e{power:+d}"


def residual(inner, layers, y, p):
    """||f(X) - Y|| up to a radius, f(X) = W3 exp(W2 inner): (upper bound of the midpoint's norm,
    which is at most 1 too large, radius, lower and upper bound of ||Y||)."""
    w2, w3, target = (fixed(table, p) for table in (*layers[1:], y))
    outer = product(w3, exponential(product(w2, inner, p), p), p)
    middle, radius, size = *difference(outer, target), norm(target[0])
    if is_zero(y):
        return middle, radius, 0, 0
    return middle, radius, size - 2 - target[1], size + target[1]


def scaling(inner, other, alpha, p):
    """The same for ||exp(W1 X2) - alpha exp(W1 X1)||, from both exponentials; alpha times a matrix
    is the product with alpha I."""
    nought = [(0, 1, 0), (0, 1, 0)]
    d = range(len(inner[0]))
    scaled = product(inner, fixed([[alpha if r == c else nought for c in d] for r in d], p), p)
    size = norm(scaled[0])
    return *difference(other, scaled), size - 2 - scaled[1], size + scaled[1]


def difference(x, y):
    return norm([list(map(sub, *rows)) for rows in zip(x[0], y[0])]), x[1] + y[1]


def is_zero(table):
    return not any(part[0] for row in table for z in row for part in z)


def bounded(terms, layers, bound, most):
    """``decide``, unless the bound exceeds 1 / most or is 1 and says nothing."""
    top, power = bound[0] << max(0, bound[2]), 1 << max(0, -bound[2])
    if top * most > power or (top, most) == (power, 1):
        raise Refuted("that says nothing" if most == 1 else "that exceeds 10^-digits")
    return "obtained " + decide(terms, layers, bound)


def decide(terms, layers, bound):
    """The upper bound obtained and the scale used, as text, for the claim that a residual is at
    most ``bound`` times its reference; terms(p) gives both (see above).

    A scale that turns out too coarse is made finer.  Refuted if even the lower bound of the
    residual exceeds ``bound`` times the upper bound of the reference; Undecided if no allowed
    scale decides."""
    top, _, power = bound
    numbers = [[part for row in w for z in row for part in z if part[0]] for w in layers]
    sizes = [max((m.bit_length() + k for m, _, k in w), default=0) for w in numbers]
    lengths = [m.bit_length() for w in numbers for m, _, _ in w]
    finest = max(-power - top.bit_length(), 0)  # longer mantissas than a bound needs are cut
    p = max(finest, min(max(lengths, default=0), 2 * finest + 256))
    p += sum(max(0, size) for size in sizes[:2]) + 48
    for _ in range(12):
        budget(len(layers[0]), 0, p + max(0, *sizes))
        try:
            middle, radius, low, high = terms(p)
        except NeedBits as error:
            p += error.args[0]
            continue
        # claimed: middle + radius <= top 2**power times the reference, compared as integers
        scaled, lift = top << max(0, power), max(0, -power)
        if low > 0 and (middle + radius) << lift <= scaled * low:
            return f"{decimal(middle + radius, low)} ({p} bits)"
        if (middle - 1 - radius) << lift > scaled * high:
            raise Refuted(f"it is at least {decimal(middle - 1 - radius, high)}")
        p += max((radius << lift).bit_length() - (scaled * max(low, 0)).bit_length(), 16) + 16
    raise Undecided("the radii did not become small enough")


def rank(table):
    """The exact rank of a matrix of Gaussian rationals."""
    return eliminated(table)[0]


def sign_of_determinant(table):
    """-1, 0 or 1 for a real square matrix: of its last pivot and the exchanges of rows."""
    found, pivot, swaps = eliminated(table)
    return 0 if found < len(table) else (1 if pivot > 0 else -1) * (-1) ** swaps


def eliminated(table):
    """Rank, real part of the last pivot, and exchanges of rows of a fraction-free elimination
    (Bareiss): for full rank that pivot is the determinant times positive denominators, but for the
    sign of the exchanges.

    Rows are multiplied by their denominators.  After k steps every entry is a minor of order k + 1,
    so that the division by the pivot before is exact, and an entry has at most k + 1 times as many
    bits as the longest row has; the work of products of such numbers is limited beforehand."""
    rows, sizes = [], [sum(q.bit_length() for z in row for _, q, _ in z) for row in table]
    if sum(size**2 for size in sizes) * len(table[0]) / 400 > MAX_WORK:
        raise Undecided(f"denominators of {max(sizes)} bits are beyond the limit on work")
    for row in table:
        common = math.lcm(*(q for z in row for _, q, _ in z))
        rows.append([tuple(m * (common // q) for m, q, _ in z) for z in row])
    n, width = len(rows), len(rows[0])
    bits = max(part.bit_length() for row in rows for z in row for part in z) + width.bit_length()
    if n * n * width * (150 + (n * bits // 30) ** 1.6) > MAX_WORK:
        raise Undecided(
            f"the rank of {n}x{width} numbers of {bits} bits is beyond the limit on work"
        )
    found, before, swaps = 0, (1, 0), 0
    for c in range(width):
        at = next((r for r in range(found, n) if rows[r][c] != (0, 0)), None)
        if at is None:
            continue
        rows[found], rows[at] = rows[at], rows[found]
        swaps += at != found
        pivot = rows[found]
        for r in range(found + 1, n):
            rows[r] = [
                minor(pivot[c], rows[r][j], rows[r][c], pivot[j], before) for j in range(width)
            ]
        before, found = pivot[c], found + 1
    return found, before[0], swaps


def minor(a, b, c, d, e):
    """(a b - c d) / e for Gaussian integers, an exact division."""
    x = a[0] * b[0] - a[1] * b[1] - c[0] * d[0] + c[1] * d[1]
    y = a[0] * b[1] + a[1] * b[0] - c[0] * d[1] - c[1] * d[0]
    size = e[0] * e[0] + e[1] * e[1]
    return (x * e[0] + y * e[1]) // size, (y * e[0] - x * e[1]) // size


def impossible(problem, item):
    """Whether N1, N2 or R6 holds as claimed, in words; Refuted if not."""
    x1, x2, y1, y2 = (problem[name] for name in ("X1", "X2", "Y1", "Y2"))
    if item["id"] == "N1":
        ranks = [rank(table) for table in (y1, y2, [a + b for a, b in zip(y1, y2)])]
        words = "rank Y1 = {}, rank Y2 = {}, rank [Y1 Y2] = {}".format(*ranks)
        if ranks != item["ranks"] or ranks[0] == ranks[1] == ranks[2]:
            raise Refuted(words)
        return words
    if item["id"] == "R6":
        if not all(map(is_real, (x1, x2, y1, y2))):
            raise Refuted("the data are not real")
        signs = [sign_of_determinant(table) for table in (y1, y2)]
        words = "sign det Y1 = {}, sign det Y2 = {}".format(*signs)
        if signs != item["signs"] or signs[0] * signs[1] >= 0:
            raise Refuted(words)
        return words
    row, column = item["row"], item["column"]
    if max(row, column) > len(y1) or x1 != x2 or y1[row - 1][column - 1] == y2[row - 1][column - 1]:
        raise Refuted("X1 and X2 differ, or Y1 and Y2 agree in that entry")
    return f"X1 = X2, and Y1 and Y2 differ in row {row}, column {column}"


def is_real(table):
    return not any(part[1][0] for row in table for part in row)


def all_real(problem, layers):
    """Whether C5 holds, in words; Refuted if not."""
    tables = {name: problem[name] for name in ("X1", "X2", "Y1", "Y2")}
    tables |= dict(zip(("W1", "W2", "W3"), layers))
    for name, table in tables.items():
        if not is_real(table):
            raise Refuted(f"{name} has an imaginary part")
    return "every imaginary part is 0"


def say(line):
    print(line.encode("ascii", "backslashreplace").decode()[:400], flush=True)


def claimed(table):
    """What is to be decided: words, and the function that decides."""
    problem, layers = table["problem"], list(table.get("weights", {}).values())
    claims, known = {item["id"]: item for item in table["claims"]}, {}

    def inner(i, p):
        if (i, p) not in known:
            w1, x = fixed(layers[0], p), fixed(problem["X" + i], p)
            known[i, p] = exponential(product(w1, x, p), p)
        return known[i, p]

    def output(i, p):
        return residual(inner(i, p), layers, problem["Y" + i], p)

    def layer(p):
        alpha = table["record"].get("first_layer", table["record"])["alpha"]
        return scaling(inner("1", p), inner("2", p), alpha, p)

    def first(i, bound):
        if is_zero(problem["Y" + i]) and is_zero(layers[2]):
            return "obtained 0, as W3 = 0"
        return bounded(lambda p: output(i, p), layers, bound, 10 ** table["digits"])

    for i, bound in zip("12", claims["C1"]["bounds"] if "C1" in claims else ()):
        yield f"C1 for X{i}, residual at most {short(bound)}", lambda i=i, b=bound: first(i, b)
    if "C4" in claims:
        bound = claims["C4"]["bound"]
        yield f"C4, first layer's at most {short(bound)}", lambda: bounded(layer, layers, bound, 1)
    if "C5" in claims:
        yield "C5, real weights", lambda: all_real(problem, layers)
    for item in table["claims"]:
        if item["id"] in NOTHING:
            yield item["id"], lambda item=item: impossible(problem, item)


def short(bound):
    top, _, power = bound
    return decimal(top << max(0, power), 1 << max(0, -power))


def check(path, load=load, claimed=claimed, unchecked=("C2", "C3")):
    """Print the verdict on one file; its exit status."""
    try:
        table = load(path)
    except Malformed as error:
        say(f"{path}: MALFORMED: {error}")
        return 2
    ids, status = [item["id"] for item in table["claims"]], 0
    told = "no real solution" if ids == ["R6"] else "no solution"
    told = f"{table['digits']} digits" if "digits" in table else told
    say(f"{path}: d = {len(table['problem']['X1'])}, {told}, sha256 matches")
    if "weights" in table and "C1" not in ids:
        say("  C1 FAILED: the certificate does not make this claim")
        status = 1
    for words, decided in claimed(table):
        try:
            verdict = f"ACCEPTED: {decided()}"
        except Refuted as error:
            verdict, status = f"FAILED: {error}", 1
        except Undecided as error:
            verdict, status = f"UNDECIDED: {error}", 1
        say(f"  {words}: {verdict}")
    for id_ in unchecked if "weights" in table else ():
        say(f"  {id_}: {'NOT CHECKED by this program' if id_ in ids else 'not claimed'}")
    return status


if __name__ == "__main__":
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
    sys.exit(max([check(path) for path in sys.argv[1:]], default=2))
