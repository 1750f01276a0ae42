"""Mover of the voltage for a chain of compartments with two layers.

Each compartment k has an axoplasm potential phi_i and a periaxonal potential phi_o,
v = phi_i - phi_o. Neighbours are joined by axial conductances in both layers; myelin
joins phi_o to ground. Without myelin phi_o is grounded and the chain is an ordinary
cable. The matrix is block tridiagonal (2 x 2, symmetric) and is eliminated from the far
end to the first compartment, lanes innermost.
"""

from neurosim.core.block import (
    BEFORE,
    CURRENT,
    INV_II,
    INV_IO,
    INV_OO,
    LANES,
    MOVE_I,
    MOVE_O,
    PHI,
    SLOPE,
    V,
)
from neurosim.core.jit import kernel
from neurosim.core.voltage import TOO_FAR

# Columns of the geometry table, one row per compartment
AREA = 0  # nA per uA/cm2 of membrane
MEMBRANE = 1  # membrane capacitance, nF
AXIAL = 2  # axoplasm conductance to the next compartment, uS
PERIAXONAL = 3  # periaxonal conductance to the next compartment, uS
MYELIN_G = 4  # myelin conductance, uS
MYELIN_C = 5  # myelin capacitance, nF
COVERED = 6  # 1 under myelin, 0 where the outer layer is ground
COLUMNS = 7


@kernel
def eliminate(x, at, stride, here, before, half):
    """Eliminate one compartment; ``before`` is the nearer neighbour's geometry row."""
    area, covered = here[AREA], here[COVERED]
    capacitance = here[MEMBRANE] / half
    gi, go = here[AXIAL], here[PERIAXONAL]
    hi, ho = before[AXIAL], before[PERIAXONAL]
    outer = here[MYELIN_C] / half + here[MYELIN_G] + go + ho
    leak = here[MYELIN_G]
    near, own, far = x[at - stride : at], x[at : at + stride], x[at + stride :]
    for i in range(LANES):
        phi_o, phi_o_near, phi_o_far = own[PHI + i], near[PHI + i], far[PHI + i]
        phi_i = own[V + i] + phi_o
        phi_i_near, phi_i_far = near[V + i] + phi_o_near, far[V + i] + phi_o_far
        current = area * own[CURRENT + i]
        membrane = capacitance + area * own[SLOPE + i]
        rhs_i = hi * (phi_i_near - phi_i) + gi * (phi_i_far - phi_i) - current
        rhs_o = ho * (phi_o_near - phi_o) + go * (phi_o_far - phi_o) - leak * phi_o
        rhs_o = covered * (rhs_o + current)
        s_ii = membrane + hi + gi - gi * gi * far[INV_II + i]
        s_io = covered * (-membrane - gi * go * far[INV_IO + i])
        s_oo = covered * (membrane + outer - go * go * far[INV_OO + i]) + 1.0 - covered
        rhs_i += gi * far[MOVE_I + i]
        rhs_o += covered * go * far[MOVE_O + i]
        scale = 1.0 / (s_ii * s_oo - s_io * s_io)
        ii, io, oo = s_oo * scale, -s_io * scale, covered * s_ii * scale
        own[INV_II + i], own[INV_IO + i], own[INV_OO + i] = ii, io, oo
        own[MOVE_I + i] = ii * rhs_i + io * rhs_o
        own[MOVE_O + i] = io * rhs_i + oo * rhs_o


@kernel
def substitute(x, at, stride, before, times):
    """Finish the increments of one compartment and move it by ``times`` of them."""
    hi, ho = before[AXIAL], before[PERIAXONAL]
    near, own = x[at - stride : at], x[at : at + stride]
    for i in range(LANES):
        from_i, from_o = hi * near[MOVE_I + i], ho * near[MOVE_O + i]
        ii, io, oo = own[INV_II + i], own[INV_IO + i], own[INV_OO + i]
        move_i = own[MOVE_I + i] + ii * from_i + io * from_o
        move_o = own[MOVE_O + i] + io * from_i + oo * from_o
        own[MOVE_I + i], own[MOVE_O + i] = move_i, move_o
        own[BEFORE + i] = own[V + i]
        own[V + i] += times * (move_i - move_o)
        own[PHI + i] += times * move_o


@kernel
def cable(x, first, stride, geometry, dt, times, level):
    """Advance all potentials: ``times`` 2 is the trapezoidal rule over dt.

    ``times`` 1 is one backward-Euler step of dt/2 with the same matrix; two of them
    (with the current reported anew between them) damp what an edge of the stimulus
    excites in the stiff modes, which the trapezoidal rule would not.
    Returns how many lanes crossed ``level`` upward in the first compartment or left
    the possible range.
    """
    n = geometry.shape[0] - 1
    for k in range(n, 0, -1):
        at = first + (k - 1) * stride
        eliminate(x, at, stride, geometry[k], geometry[k - 1], 0.5 * dt)
    for k in range(1, n + 1):
        substitute(x, first + (k - 1) * stride, stride, geometry[k - 1], times)
    events = 0
    node = x[first : first + stride]
    for i in range(LANES):
        old, new = node[BEFORE + i], node[V + i]
        crossed = (old < level) & (new >= level)
        lost = not (abs(new) < TOO_FAR)
        events += 1 if (crossed | lost) else 0
    return events


@kernel
def cable_rates(x, d, first, stride, geometry):
    """Write dv/dt and dphi/dt of every compartment into ``d`` (for the reference)."""
    for k in range(1, geometry.shape[0]):
        at = first + (k - 1) * stride
        near, far = at - stride, at + stride
        here, before = geometry[k], geometry[k - 1]
        for i in range(LANES):
            j, n, f = at + i, near + i, far + i
            phi_i = x[V + j] + x[PHI + j]
            axial = before[AXIAL] * (x[V + n] + x[PHI + n] - phi_i)
            axial += here[AXIAL] * (x[V + f] + x[PHI + f] - phi_i)
            outer = before[PERIAXONAL] * (x[PHI + n] - x[PHI + j])
            outer += here[PERIAXONAL] * (x[PHI + f] - x[PHI + j])
            d[V + j] = (axial - here[AREA] * x[CURRENT + j]) / here[MEMBRANE]
            d[PHI + j] = 0.0
            if here[COVERED] == 1.0:
                outer -= here[MYELIN_G] * x[PHI + j]
                d[PHI + j] = (axial + outer) / here[MYELIN_C]
