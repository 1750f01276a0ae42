"""Mover of the voltage for a chain of compartments with two layers.

Each compartment k has an axoplasm potential phi_i and a periaxonal potential phi_o,
v = phi_i - phi_o. Neighbours are joined by axial conductances in both layers; myelin
joins phi_o to ground. Without myelin phi_o is grounded and the chain is an ordinary
cable. A sheath may differ between runs: then a row of the buffer multiplies what the
table says of it.

The matrix is block tridiagonal (2 x 2, symmetric) and is eliminated from the far end to
the first compartment, lanes innermost.

A piece under myelin may hold its gates for a few steps: little charge crosses there
beside what charges its membrane. Its current then follows v along its slope
(``follow``), exactly where currents are linear in v, to second order elsewhere. And
pivots stay as they are, up to the first piece from the far end that does not hold.
"""

from neurosim.core.block import (
    BEFORE,
    CURRENT,
    INV_II,
    INV_IO,
    INV_OO,
    MOVE_I,
    MOVE_O,
    NOISE,
    PHI,
    SLOPE,
    STIMULUS,
    V,
    whole,
)
from neurosim.core.jit import inlined, kernel
from neurosim.core.voltage import events

# Columns of the geometry table, one row per compartment
AREA = 0  # nA per uA/cm2 of membrane
MEMBRANE = 1  # membrane capacitance, nF
AXIAL = 2  # axoplasm conductance to the next compartment, uS
PERIAXONAL = 3  # periaxonal conductance to the next compartment, uS
MYELIN_G = 4  # myelin conductance, uS
MYELIN_C = 5  # myelin capacitance, nF
COVERED = 6  # 1 under myelin, 0 where the outer layer is ground
COLUMNS = 7


@inlined
def drive(x, runs, at, shared):
    """Take stimulus and noise off the first compartment's membrane current."""
    for i in range(whole(runs)):
        s = shared + i
        x[CURRENT + at + i] -= x[STIMULUS + s] + x[NOISE + s]


@inlined
def follow(x, runs, at):
    """Let the current of a piece that holds its gates follow v."""
    for i in range(whole(runs)):
        j = at + i
        x[CURRENT + j] += x[SLOPE + j] * (x[V + j] - x[BEFORE + j])


@kernel
def pivot(x, runs, at, stride, here, before, half, sheath):
    """Invert the pivot of one compartment, once that of the farther one is.

    ``before`` is the nearer neighbour's geometry row. ``sheath`` is the row by which
    its myelin is multiplied; -1 for none.
    """
    area, covered = here[AREA], here[COVERED]
    capacitance = here[MEMBRANE] / half
    gi, go = here[AXIAL], here[PERIAXONAL]
    hi, ho = before[AXIAL], before[PERIAXONAL]
    myelin = here[MYELIN_C] / half + here[MYELIN_G]
    for i in range(whole(runs)):
        j = at + i
        f = j + stride
        share = x[sheath + i] if sheath >= 0 else 1.0
        outer = share * myelin + go + ho
        membrane = capacitance + area * x[SLOPE + j]
        s_ii = membrane + hi + gi - gi * gi * x[INV_II + f]
        s_io = covered * (-membrane - gi * go * x[INV_IO + f])
        s_oo = covered * (membrane + outer - go * go * x[INV_OO + f]) + 1.0 - covered
        scale = 1.0 / (s_ii * s_oo - s_io * s_io)
        x[INV_II + j], x[INV_IO + j] = s_oo * scale, -s_io * scale
        x[INV_OO + j] = covered * s_ii * scale


@kernel
def eliminate(x, runs, at, stride, here, before, sheath):
    """Eliminate one compartment, whose pivot is known."""
    area, covered = here[AREA], here[COVERED]
    gi, go = here[AXIAL], here[PERIAXONAL]
    hi, ho = before[AXIAL], before[PERIAXONAL]
    for i in range(whole(runs)):
        j = at + i
        n, f = j - stride, j + stride
        share = x[sheath + i] if sheath >= 0 else 1.0
        leak = share * here[MYELIN_G]
        phi_o, phi_o_near, phi_o_far = x[PHI + j], x[PHI + n], x[PHI + f]
        phi_i = x[V + j] + phi_o
        phi_i_near, phi_i_far = x[V + n] + phi_o_near, x[V + f] + phi_o_far
        current = area * x[CURRENT + j]
        rhs_i = hi * (phi_i_near - phi_i) + gi * (phi_i_far - phi_i) - current
        rhs_o = ho * (phi_o_near - phi_o) + go * (phi_o_far - phi_o) - leak * phi_o
        rhs_o = covered * (rhs_o + current)
        rhs_i += gi * x[MOVE_I + f]
        rhs_o += covered * go * x[MOVE_O + f]
        ii, io, oo = x[INV_II + j], x[INV_IO + j], x[INV_OO + j]
        x[MOVE_I + j] = ii * rhs_i + io * rhs_o
        x[MOVE_O + j] = io * rhs_i + oo * rhs_o


@kernel
def substitute(x, runs, at, stride, before, times):
    """Finish the increments of one compartment and move it by ``times`` of them."""
    hi, ho = before[AXIAL], before[PERIAXONAL]
    for i in range(whole(runs)):
        j = at + i
        n = j - stride
        from_i, from_o = hi * x[MOVE_I + n], ho * x[MOVE_O + n]
        ii, io, oo = x[INV_II + j], x[INV_IO + j], x[INV_OO + j]
        move_i = x[MOVE_I + j] + ii * from_i + io * from_o
        move_o = x[MOVE_O + j] + io * from_i + oo * from_o
        x[MOVE_I + j], x[MOVE_O + j] = move_i, move_o
        x[BEFORE + j] = x[V + j]
        x[V + j] += times * (move_i - move_o)
        x[PHI + j] += times * move_o


@kernel
def cable(x, runs, stride, n, geometry, dt, times, level, watched, fresh, sheaths=None):
    """Advance all potentials: ``times`` 2 is the trapezoidal rule over dt.

    ``times`` 1 is one backward-Euler step of dt/2 with the same matrix; a few of them
    after an edge damp what the trapezoidal rule would leave ringing in stiff modes.
    ``n`` : compartments, a constant. ``fresh``: the last one whose pivot is not that of
    the step before. ``sheaths``: for each record the row by which its myelin is
    multiplied. Returns the number of ``events`` in the record ``watched``.
    """
    for k in range(n, 0, -1):
        row = -1 if sheaths is None else sheaths[k]
        here, before = geometry[k], geometry[k - 1]
        if k <= fresh:
            pivot(x, runs, k * stride, stride, here, before, 0.5 * dt, row)
        eliminate(x, runs, k * stride, stride, here, before, row)
    for k in range(1, n + 1):
        substitute(x, runs, k * stride, stride, geometry[k - 1], times)
    return events(x, runs, watched, level)


@kernel
def cable_rates(x, runs, d, stride, n, geometry, sheaths=None):
    """Write dv/dt and dphi/dt of every compartment into ``d`` (for the reference)."""
    for k in range(1, n + 1):
        at = k * stride
        near, far = at - stride, at + stride
        here, before = geometry[k], geometry[k - 1]
        row = -1 if sheaths is None else sheaths[k]
        for i in range(whole(runs)):
            j, n, f = at + i, near + i, far + i
            share = x[row + i] if row >= 0 else 1.0
            phi_i = x[V + j] + x[PHI + j]
            axial = before[AXIAL] * (x[V + n] + x[PHI + n] - phi_i)
            axial += here[AXIAL] * (x[V + f] + x[PHI + f] - phi_i)
            outer = before[PERIAXONAL] * (x[PHI + n] - x[PHI + j])
            outer += here[PERIAXONAL] * (x[PHI + f] - x[PHI + j])
            d[V + j] = (axial - here[AREA] * x[CURRENT + j]) / here[MEMBRANE]
            d[PHI + j] = 0.0
            if here[COVERED] == 1.0:
                outer -= share * here[MYELIN_G] * x[PHI + j]
                d[PHI + j] = (axial + outer) / (share * here[MYELIN_C])
