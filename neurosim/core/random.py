"""Counter-based random numbers: a pure function of (seed, run, step, stream).

Threefry-2x64 with 13 rounds after J. K. Salmon, M. A. Moraes, R. O. Dror and
D. E. Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11 (2011),
doi:10.1145/2063384.2063405. There is no state to carry, so a number does not depend
on threads, block size or order. Nothing here calls the mathematics library, so a lane
loop over these functions vectorises.

Seeds and indices are 64-bit integers; a negative one counts as itself modulo 2**64.
Called from Python, one of 2**63 or more must come as `numpy.uint64`.
"""

import math

import numpy as np

from neurosim.core.jit import INTERPRETED, equation
from neurosim.core.maths import bits_of, float_of


def _masked(value) -> int:
    """Return `value` modulo 2**64: what a 64-bit register would hold."""
    return int(value) & 0xFFFF_FFFF_FFFF_FFFF


# Interpreted, NumPy's uint64 warns at each overflow; compiled, int64 would creep in.
word = _masked if INTERPRETED else np.uint64

PARITY = word(0x1BD11BDAA9FC1A22)  # of the key schedule, Salmon 2011
EVEN = tuple(word(left) for left in (16, 42, 12, 31))  # rotations, Salmon 2011
ODD = tuple(word(left) for left in (16, 32, 24, 21))  # rotations, Salmon 2011
ONE, TWO, THREE = word(1), word(2), word(3)
WIDTH = word(64)  # bits of a word

FRACTION = 52  # bits of the fraction of a float64, IEEE 754
SPARE = word(64 - FRACTION)
EXPONENT_OF_ONE = word(0x3FF << FRACTION)  # bits of float64 1.0, IEEE 754
BELOW_ONE = 1.0 - 2.0**-53  # the largest float64 below one
SQRT_HALF = 0x3FE6A09E667F3BCD  # bits of float64 sqrt(1/2), IEEE 754
LN2 = math.log(2.0)
ATANH = tuple(1.0 / (2 * n + 3) for n in range(10))  # Taylor, after the first
SIN = tuple((-1.0) ** n / math.factorial(2 * n + 1) for n in range(10))  # Taylor
COS = tuple((-1.0) ** n / math.factorial(2 * n) for n in range(10))  # Taylor


@equation
def _mix(x0, x1, left):
    """One round: add, rotate left, exclusive or; Salmon 2011."""
    x0 = word(x0 + x1)
    return x0, (word(x1 << left) | (x1 >> (WIDTH - left))) ^ x0


@equation
def _four_rounds(x0, x1, rotations):
    """Four rounds, between two injections of the key; Salmon 2011."""
    x0, x1 = _mix(x0, x1, rotations[0])
    x0, x1 = _mix(x0, x1, rotations[1])
    x0, x1 = _mix(x0, x1, rotations[2])
    return _mix(x0, x1, rotations[3])


@equation
def threefry(key0, key1, counter0, counter1):
    """Two random 64-bit words: Threefry-2x64, 13 rounds; Salmon 2011."""
    key0, key1 = word(key0), word(key1)
    key2 = PARITY ^ key0 ^ key1
    x0, x1 = word(word(counter0) + key0), word(word(counter1) + key1)
    x0, x1 = _four_rounds(x0, x1, EVEN)
    x0, x1 = word(x0 + key1), word(x1 + key2 + ONE)
    x0, x1 = _four_rounds(x0, x1, ODD)
    x0, x1 = word(x0 + key2), word(x1 + key0 + TWO)
    x0, x1 = _four_rounds(x0, x1, EVEN)
    x0, x1 = word(x0 + key0), word(x1 + key1 + THREE)
    return _mix(x0, x1, ODD[0])


@equation
def unit(bits):
    """Odd multiple of 2**-53 from the top 52 bits: exact, never 0 or 1, mean 1/2."""
    return float_of(np.int64((bits >> SPARE) | EXPONENT_OF_ONE)) - BELOW_ONE


@equation
def _series(z, c):
    """Ten terms c[0] + c[1] z + ... + c[9] z**9, by Horner's rule."""
    high = c[5] + z * (c[6] + z * (c[7] + z * (c[8] + z * c[9])))
    return c[0] + z * (c[1] + z * (c[2] + z * (c[3] + z * (c[4] + z * high))))


@equation
def log_positive(x):
    """Natural logarithm of a positive normal float: m = 2 artanh((m - 1)/(m + 1)).

    Branch-free; relative error below 1e-15. The largest |s| is 0.172, at m = sqrt(2).
    """
    bits = bits_of(x)
    exponent = (bits - SQRT_HALF) >> FRACTION
    m = float_of(bits - (exponent << FRACTION))
    s = (m - 1.0) / (m + 1.0)
    twice, z = s + s, s * s
    # One product in each sum: fused the same way in a lane loop and outside it.
    return float(exponent) * LN2 + (twice + twice * (z * _series(z, ATANH)))


@equation
def sincos_turn(u):
    """Sine and cosine of 2 pi u, u in [0, 1], from those of half the angle.

    Branch-free; absolute error below 1e-14, of which 7e-15 is the truncated series.
    """
    half = math.pi * (u - 0.5)
    z = half * half
    sine, cosine = half * _series(z, SIN), _series(z, COS)
    return -2.0 * sine * cosine, 2.0 * sine * sine - 1.0


@equation
def box_muller(u, turn):
    """Two independent standard normals from two uniforms; Box & Muller 1958."""
    radius = math.sqrt(-2.0 * log_positive(u))
    sine, cosine = sincos_turn(turn)
    return radius * cosine, radius * sine


@equation
def uniforms(seed, run, step, stream):
    """Two independent uniforms within (0, 1), from Threefry's two words."""
    x0, x1 = threefry(seed, run, step, stream)
    return unit(x0), unit(x1)


@equation
def normals(seed, run, step, stream):
    """Two independent standard normals, at most 8.58 from zero (log of 2**-53)."""
    u, turn = uniforms(seed, run, step, stream)
    return box_muller(u, turn)
