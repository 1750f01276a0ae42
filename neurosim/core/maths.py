"""Branch-free elementary functions that vectorise over lanes.

A call of libm in a lane loop costs a factor of five, because numba from the package
index has no vector library. These polynomials have none of its branches.
"""

import struct
from typing import TYPE_CHECKING

import numpy as np
from numba import types
from numba.extending import intrinsic

from neurosim.core.jit import INTERPRETED, equation

LOG2_E = 1.4426950408889634  # 1/ln 2
LN2 = 0.6931471805599453
ROUND = 6755399441055744.0  # 1.5 * 2^52: adding it rounds to an integer
LOWEST, HIGHEST = -708.0, 709.0  # exp stays a normal number between them

# 2^r on |r| <= 1/2 as 1 + P1 r + P2 r^2 + ..., minimax of the relative error: 1.6e-14
# with nine terms; 4.7e-11 with the seven, Q, that rates of gates take, where a step
# leaves 1e-4
P1, P2, P3 = LN2, 0.24022650695748912, 0.055504108666813545
P4, P5, P6 = 0.009618129175817369, 0.001333355776540355, 0.00015403444204860353
P7, P8, P9 = 1.5252940739280352e-05, 1.3257692074109449e-06, 1.0154352037756411e-07
Q1, Q2, Q3 = 0.6931471807045322, 0.24022651066561207, 0.05550410365991488
Q4, Q5 = 0.00961803813204562, 0.0013333935055504403
Q6, Q7 = 0.00015466756321729614, 1.5196156563515804e-05

# atanh(s)/s on |s| <= 1/3 as 1 + A1 s^2 + A2 s^4 + ..., minimax, relative error 7e-14
A1, A2, A3 = 0.33333333338413096, 0.19999998843887198, 0.14285803040362546
A4, A5 = 0.11107894952843343, 0.0915275527922743
A6, A7 = 0.07048815701530234, 0.10002188413733915

# (1 + s)^(-1/3) on 0 <= s <= 1 as C0 + C1 s + ..., minimax, relative error 6e-6
C0, C1, C2 = 0.99999425143066, -0.33288494782609507, 0.21640619618061485
C3, C4, C5 = -0.14377692709250772, 0.07097641145371468, -0.017019020800316684

FRACTION = (1 << 52) - 1  # the bits of a float64 behind the point
UNIT = 1023 << 52  # the exponent bits of 1.0
MAGIC = 0x433 << 52  # the exponent bits of 2^52: makes a float of an integer

CLIP = 300.0  # mV
SERIES = 1e-3  # |x| below which x/(1 - exp(-x)) is summed: truncation 1e-15


if TYPE_CHECKING:  # an intrinsic declares one argument more than it is called with

    def bits_of(x: float) -> int:
        """Reinterpret a float64 as an int64."""
        ...

    def float_of(bits: int | np.integer) -> float:
        """Reinterpret an int64 as a float64."""
        ...

elif INTERPRETED:

    def bits_of(x):
        """Reinterpret a float64 as an int64."""
        return struct.unpack("<q", struct.pack("<d", x))[0]

    def float_of(bits):
        """Reinterpret an int64 as a float64."""
        return struct.unpack("<d", struct.pack("<Q", int(bits) & 0xFFFFFFFFFFFFFFFF))[0]

else:

    @intrinsic
    def bits_of(typingctx, x):
        """Reinterpret a float64 as an int64."""

        def generate(context, builder, signature, arguments):
            return builder.bitcast(arguments[0], context.get_value_type(types.int64))

        return types.int64(types.float64), generate

    @intrinsic
    def float_of(typingctx, bits):
        """Reinterpret an int64 as a float64."""

        def generate(context, builder, signature, arguments):
            return builder.bitcast(arguments[0], context.get_value_type(types.float64))

        return types.float64(types.int64), generate


@equation
def split(t):
    """Return the fraction of t about its nearest integer, and that integer in bits."""
    shifted = t + ROUND
    return t - (shifted - ROUND), bits_of(shifted)


@equation
def scaled(p, n):
    """Return p times 2 to the integer that ``split`` gave."""
    return float_of(bits_of(p) + (n << 52))


@equation
def two_to(t):
    """2^t for rates of gates, |t| < 1022. Relative error 5e-11.

    Summed in pairs, which a processor adds up side by side. Next to the removable
    singularity of a rate (``linexp_parts``) the error grows to 4e-7 of that rate.
    """
    r, n = split(t)
    s = r * r
    high = Q4 + r * Q5 + s * (Q6 + r * Q7)
    return scaled(1.0 + r * Q1 + s * (Q2 + r * Q3) + s * s * high, n)


@equation
def exp(x):
    """e^x for any x; clamped to the range of normal numbers. Relative error 1e-13."""
    r, n = split(min(max(x, LOWEST), HIGHEST) * LOG2_E)
    p = P4 + r * (P5 + r * (P6 + r * (P7 + r * (P8 + r * P9))))
    return scaled(1.0 + r * (P1 + r * (P2 + r * (P3 + r * p))), n)


@equation
def clipped(u):
    """Cut the potential that gates feel at +-300 mV; beyond, rates stay as there."""
    return min(max(u, -CLIP), CLIP)


@equation
def apart(y):
    """Return n and 1 <= part < 2 of a positive number, y = part 2^n."""
    bits = bits_of(y)
    n = float_of((bits >> 52) | MAGIC) - (4503599627370496.0 + 1023.0)
    return n, float_of((bits & FRACTION) | UNIT)


@equation
def ln(y):
    """Natural logarithm of a positive number that vectorises; relative error 1e-13."""
    n, part = apart(y)
    large = part > 1.4142135623730951
    part, n = (0.5 * part, n + 1.0) if large else (part, n)
    s = (part - 1.0) / (part + 1.0)
    z = s * s
    p = 1.0 / 9.0 + z * (1.0 / 11.0 + z * (1.0 / 13.0 + z * (1.0 / 15.0)))
    p = 1.0 + z * (1.0 / 3.0 + z * (0.2 + z * (1.0 / 7.0 + z * p)))
    return n * LN2 + 2.0 * s * p


@equation
def ln_ratio(a, b):
    """Natural logarithm of a/b, both positive, by one division; error 1e-13."""
    n, p = apart(a)
    m, q = apart(b)
    s = (p - q) / (p + q)
    z = s * s
    high = A4 + z * A5 + z * z * (A6 + z * A7)
    series = 1.0 + z * A1 + z * z * (A2 + z * A3) + z * z * (z * z) * high
    return (n - m) * LN2 + 2.0 * s * series


@equation
def linexp(x):
    """Quotient x / (1 - e^-x), continuous through x = 0.

    Near zero numerator *and* denominator change to the series: changing only one of
    them leaves an interval of wrong values (0/0 smeared over rounding).
    """
    small = abs(x) < SERIES
    series = 1.0 + x * (0.5 + x * (1.0 / 12.0))
    return (series if small else x) / (1.0 if small else 1.0 - exp(-x))


@equation
def linexp_parts(x, e):
    """Numerator and denominator of ``linexp``, given e^-x."""
    small = abs(x) < SERIES
    series = 1.0 + x * (0.5 + x * (1.0 / 12.0))
    return series if small else x, 1.0 if small else 1.0 - e


@equation
def sigmoid(x):
    """1 / (1 + e^-x)."""
    return 1.0 / (1.0 + exp(-x))


@equation
def cube_root_of_sigmoid(x):
    """(1 + e^-x)^(-1/3), |x| < 2000. Relative error 1e-10.

    A polynomial and one Newton step, so that it vectorises.
    """
    one = two_to(-LOG2_E / 3.0 * abs(x))
    s = one * one * one
    z = s * s
    y = C0 + C1 * s + z * (C2 + C3 * s) + z * z * (C4 + C5 * s)
    y = y * (4.0 - (1.0 + s) * (y * y * y)) * (1.0 / 3.0)
    return y if x > 0.0 else y * one


@equation
def relaxed(y, rise, fall, under, dt):
    """Advance dy/dt = (rise (1 - y) - fall y) / under by dt, trapezoidal rule.

    Second order, and twice as accurate as the exponential update when y sits half a
    step beside v. Returns numerator and denominator of what y gains.
    """
    both = rise + fall
    return dt * (rise - y * both), under + 0.5 * dt * both


@equation
def two_quotients(a, p, b, q):
    """Return a / p and b / q by one division."""
    r = 1.0 / (p * q)
    return a * (q * r), b * (p * r)


@equation
def three_quotients(a, p, b, q, c, s):
    """Return a / p, b / q and c / s by one division."""
    r = 1.0 / (p * q * s)
    rs = r * s
    return a * (q * rs), b * (p * rs), c * (p * q * r)


@equation
def four_quotients(a, p, b, q, c, s, d, t):
    """Return a / p, b / q, c / s and d / t by one division."""
    pq, st = p * q, s * t
    r = 1.0 / (pq * st)
    first, second = r * st, r * pq
    return a * (q * first), b * (p * first), c * (t * second), d * (s * second)


def log(x):
    """Natural logarithm, for parameters (evaluated once per lane, not vectorised)."""
    return np.log(x)


log = equation(log)
