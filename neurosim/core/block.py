"""How a block of runs lies in memory.

Up to LANES runs advance together. One flat float64 buffer holds everything they need, a
row of LANES numbers per quantity; loops go over those in use (``whole``). A row begins
ROW numbers behind the one before it: with an odd number of cache lines between them,
the rows that a loop reads together do not compete for the same few places in the cache.

Rows come in records of equal length, one per compartment, between two empty records (a
sealed end is a neighbour without coupling); behind the last record come the rows that
all compartments share.

The first rows of a record mean the same in every model, so that the movers of the
voltage need no names.
"""

from typing import Any

from numba import types
from numba.extending import intrinsic

from neurosim.core.jit import INTERPRETED, equation

LANES = 64
ROW = LANES + 8  # nine cache lines
POWER = 3
GROUP = 1 << POWER  # lanes of the widest vector
V = 0 * ROW  # membrane potential, mV
BEFORE = 1 * ROW  # the same one step ago, mV
CURRENT = 2 * ROW  # total membrane current at v, uA/cm2
SLOPE = 3 * ROW  # its derivative with respect to v, mS/cm2
PATCH_HEAD = 4  # rows of a record before its own states in a patch
PHI = 4 * ROW  # potential outside the axolemma (periaxonal space), mV
INV_II, INV_IO, INV_OO = 5 * ROW, 6 * ROW, 7 * ROW  # inverse pivot, 1/uS
MOVE_I, MOVE_O = 8 * ROW, 9 * ROW  # increments, mV
CABLE_HEAD = 10  # rows of a record before its own states in a cable

# The first shared rows: what drives the first compartment
STIMULUS = 0 * ROW  # uA/cm2 (the commanded v in a voltage clamp, mV)
RAMP = 1 * ROW  # its change per step
NOISE = 2 * ROW  # fluctuating current, uA/cm2
NOISE_SD = 3 * ROW  # its standard deviation gained when it moves, uA/cm2
NOISE_DECAY = 4 * ROW  # what is left of it then
EARLIER = 5 * ROW  # v before the step in which the last spike fell, mV
LATER = 6 * ROW  # second normal of a pair, for the next step
SHARED_HEAD = 7


@intrinsic
def pointer(_, buffer):
    """Return a buffer's address: an index there is an offset, never one from its end.

    LLVM otherwise has to prove for every row that its index is not negative. In large
    kernels it fails, and then they do not vectorise.
    """

    def address(context, builder, signature, arguments):
        (kind,) = signature.args
        return context.make_array(kind)(context, builder, arguments[0]).data

    return types.CPointer(buffer.dtype)(buffer), address


def unchanged(buffer: Any) -> Any:
    """Stand for ``pointer`` where nothing is compiled."""
    return buffer


memory_of = unchanged if INTERPRETED else pointer


@equation
def whole(runs):
    """Return how many lanes a loop goes over for so many runs: whole vectors.

    LLVM needs the factor in every loop (a rest of a vector is another loop), and the
    bound where rows might overlap. Short loops take several vectors at a time and have
    a rest all the same, in scalar code. No sum there is of two products: it could be
    fused in one way here, in another there, and a run's last bit would depend on its
    neighbours.
    """
    return GROUP * min(runs + GROUP - 1 >> POWER, LANES >> POWER)
