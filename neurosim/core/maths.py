"""Branch-free elementary functions that vectorise over lanes.

A call of libm in a lane loop costs a factor of five, because numba from the package
index has no vector library. These polynomials have none of its branches.
"""

import struct
from typing import TYPE_CHECKING

import numpy as np
from numba import config, types
from numba.extending import intrinsic

from neurosim.core.jit import equation

LOG2_E = 1.4426950408889634  # 1/ln 2
LN2 = 0.6931471805599453
ROUND = 6755399441055744.0  # 1.5 * 2^52: adding it rounds to an integer
LOWEST, HIGHEST = -708.0, 709.0  # exp stays a normal number between them

# exp on |r| <= ln(2)/2 as 1 + r + r^2 (E2 + E3 r + ...), minimax of the relative error,
# 1.6e-14: far below what a time step leaves, and a tenth cheaper than to the last bit
E2, E3, E4 = 0.49999999999664574, 0.16666666667264812, 0.041666666962067556
E5, E6, E7 = 0.008333333095196791, 0.0013888811175354094, 0.00019841539029574222
E8, E9 = 2.488079422384993e-05, 2.7493059143257144e-06

SERIES = 1e-3  # |x| below which x/(1 - exp(-x)) is summed: truncation 1e-15


if TYPE_CHECKING:  # an intrinsic declares one argument more than it is called with

    def bits_of(x: float) -> int:
        """Reinterpret a float64 as an int64."""
        ...

    def float_of(bits: int | np.integer) -> float:
        """Reinterpret an int64 as a float64."""
        ...

elif config.DISABLE_JIT:

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
def exp(x):
    """e^x for any x; clamped to the range of normal numbers. Relative error 4e-14."""
    x = min(max(x, LOWEST), HIGHEST)
    shifted = x * LOG2_E + ROUND
    n = shifted - ROUND
    r = x - n * LN2
    p = E4 + r * (E5 + r * (E6 + r * (E7 + r * (E8 + r * E9))))
    p = 1.0 + r * (1.0 + r * (E2 + r * (E3 + r * p)))
    return float_of(bits_of(p) + (bits_of(shifted) << 52))


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
def sigmoid(x):
    """1 / (1 + e^-x)."""
    return 1.0 / (1.0 + exp(-x))


@equation
def relax(y, rise, fall, dt):
    """Advance dy/dt = rise (1 - y) - fall y by dt with the trapezoidal rule.

    Second order, and twice as accurate as the exponential update when y sits half a
    step beside v. One division.
    """
    half = 0.5 * dt * (rise + fall)
    return (y * (1.0 - half) + dt * rise) / (1.0 + half)


def log(x):
    """Natural logarithm, for parameters (evaluated once per lane, not vectorised)."""
    return np.log(x)


log = equation(log)
