"""The time loop over one block of lanes.

Time is cut at every edge of the protocol into segments of equal steps, so that an edge
always falls between two steps. States live at half steps and v at whole steps: a step
moves the states from t - dt/2 to t + dt/2 with v(t), then v from t to t + dt with them.
At both ends of a segment they share their time.

Some pieces of a chain hold their gates (see ``core.cable``): these move every ``HOLD``
steps, by as many, to the middle of the steps for which they then stay, as fast ones do.
The generated module of a model binds ``prepare``, ``advance`` and ``move`` to its own.
"""

from collections import namedtuple

import numpy as np

from neurosim.core.block import (
    BEFORE,
    EARLIER,
    LANES,
    LATER,
    NOISE,
    NOISE_DECAY,
    NOISE_SD,
    RAMP,
    ROW,
    STIMULUS,
    V,
    whole,
)
from neurosim.core.jit import kernel, unbound
from neurosim.core.random import normals
from neurosim.core.voltage import TOO_FAR

OK, DIVERGED = 0, 1  # status of a run
HUGE = 1e100  # of any unit: no state gets there
OPENING = 5  # backward-Euler parts of the first step after an edge, each twice as long
MIDDLE = -1  # the part that begins a quarter of a step after the edge
HOLD = 4  # steps for which gates are held where a piece holds them
HELD = -1.0  # share of a step by which they move meanwhile: not at all
EARLY = 1.0 - 1e-6  # steps: a kick at an edge is left to the segment that begins there
CHECK_EVERY = 1024  # steps between looks at the states other than v

# Where things lie in the buffer of a block: first record, record length, first own
# row of a record, shared rows, number of records, the states of the whole model and how
# far behind them lie those of the step before (0 if they are not kept)
Layout = namedtuple(
    "Layout",
    "first stride head shared compartments pools pool_rows before staggered clamped",
)

# Bound by the generated module
prepare = advance = move = unbound
LAYOUT = Layout(0, 0, 0, 0, 0, 0, 0, 0, True, False)

# One entry per segment; arrays over lanes have the segment first.
# noise_steps: for which the fluctuating current stays as it is
# change_*: parameters that take a new value at the start of a segment; upward crossings
# of ``level`` in the record ``watched`` are spikes. kick_*: (lane, event), in order of
# time, infinity after the last: what is added to which row when
Plan = namedtuple(
    "Plan",
    "start dt steps noise_steps stimulus ramp noise_sd noise_decay "
    "change_segment change_row change_value kick_time kick_row kick_amount "
    "level watched seed",
)

# What is read off on the way: sampled rows with their weight before and after the
# states move (``begin`` and ``current`` where states and v share their time), and every
# how many steps (per segment)
Watch = namedtuple("Watch", "rows before after begin current every")

# What comes out: samples [lane, row, sample], spike times [lane, spike], counts, status
# and time of failure [lane]
Output = namedtuple("Output", "samples spikes counts status failed")


@kernel
def begin_segment(x, runs, shared, plan, s):
    """Load the drive of segment ``s``."""
    for i in range(whole(runs)):
        x[STIMULUS + shared + i] = plan.stimulus[s, i]
        x[RAMP + shared + i] = plan.ramp[s, i]
        x[NOISE_SD + shared + i] = plan.noise_sd[s, i]
        x[NOISE_DECAY + shared + i] = plan.noise_decay[s, i]


@kernel
def change_parameters(x, runs, plan, s):
    """Write the parameters that change at segment ``s``; tell whether any did."""
    changed = False
    for c in range(plan.change_segment.shape[0]):
        if plan.change_segment[c] == s:
            changed = True
            for i in range(whole(runs)):
                x[plan.change_row[c] + i] = plan.change_value[c, i]
    return changed


@kernel
def kick(x, runs, plan, kicked, until):
    """Add what is due before ``until``; return when the next kick is due.

    The state of the step before is lifted too: a jump is no slope.
    """
    coming = np.inf
    for i in range(whole(runs)):
        k = kicked[i]
        while plan.kick_time[i, k] < until:
            x[plan.kick_row[i, k] + i] += plan.kick_amount[i, k]
            if LAYOUT.before > 0:
                x[plan.kick_row[i, k] + LAYOUT.before + i] += plan.kick_amount[i, k]
            k += 1
        kicked[i] = k
        coming = min(coming, plan.kick_time[i, k])
    return coming


@kernel
def fluctuate(x, runs, shared, seed, run, drawn):
    """Advance the Ornstein-Uhlenbeck current by the time for which it is held, exactly.

    ``drawn`` counts these times; normals come in pairs, for this one and the next.
    """
    if drawn % 2 == 0:
        for i in range(whole(runs)):
            s = shared + i
            z, x[LATER + s] = normals(seed, run + i, drawn, 0)
            x[NOISE + s] = x[NOISE + s] * x[NOISE_DECAY + s] + x[NOISE_SD + s] * z
    else:
        for i in range(whole(runs)):
            s = shared + i
            z = x[LATER + s]
            x[NOISE + s] = x[NOISE + s] * x[NOISE_DECAY + s] + x[NOISE_SD + s] * z


@kernel
def ramp(x, runs, shared):
    """Raise the stimulus by its change per step."""
    for i in range(whole(runs)):
        x[STIMULUS + shared + i] += x[RAMP + shared + i]


@kernel
def keep_events(x, runs, first, shared, t, dt, level, out):
    """Write down spikes (time linear between steps) and runs that left the range."""
    for i in range(whole(runs)):
        old, new = x[BEFORE + first + i], x[V + first + i]
        if (old < level) & (new >= level):
            if out.counts[i] < out.spikes.shape[1]:
                fraction = (level - old) / (new - old)
                out.spikes[i, out.counts[i]] = t + dt * fraction
                x[EARLIER + shared + i] = old
            out.counts[i] += 1
        if not (abs(new) < TOO_FAR) and out.status[i] == OK:
            out.status[i], out.failed[i] = DIVERGED, t + dt


@kernel
def refine_events(x, runs, first, shared, t, dt, level, out):
    """Put spikes of the step before on the parabola through its ends and v now.

    The error of a line depends on where between two steps a spike falls, which hides
    the order of the method.
    """
    for i in range(whole(runs)):
        old, mid, new = x[EARLIER + shared + i], x[BEFORE + first + i], x[V + first + i]
        last = out.counts[i] - 1
        if (old < level) & (mid >= level) & (last < out.spikes.shape[1]):
            bend = 0.5 * (new - 2.0 * mid + old)
            slope = mid - old - bend
            root = max(slope * slope + 4.0 * bend * (level - old), 0.0) ** 0.5
            fraction = 2.0 * (level - old) / (slope + root)
            if (fraction >= 0.0) & (fraction <= 1.0):
                out.spikes[i, last] = t + dt * (fraction - 1.0)
        x[EARLIER + shared + i] = level


@kernel
def check_states(x, runs, layout, t, out):
    """Find runs in which a state is no longer a number."""
    for k in range(layout.compartments):
        begin = layout.first + k * layout.stride
        for row in range(begin + layout.head, begin + layout.stride, ROW):
            for i in range(whole(runs)):
                if not (abs(x[row + i]) < HUGE) and out.status[i] == OK:
                    out.status[i], out.failed[i] = DIVERGED, t
    for row in range(layout.pools, layout.pools + layout.pool_rows * ROW, ROW):
        for i in range(whole(runs)):
            if not (abs(x[row + i]) < HUGE) and out.status[i] == OK:
                out.status[i], out.failed[i] = DIVERGED, t


@kernel
def sample(x, runs, watch, weights, out, k):
    """Add the watched rows, weighted, to sample ``k``."""
    for r in range(watch.rows.shape[0]):
        if weights[r] != 0.0:
            for i in range(whole(runs)):
                out.samples[i, r, k] += weights[r] * x[watch.rows[r] + i]


@kernel
def shares(n, last):
    """Return by how many steps states move at step ``n``: fast ones, held ones.

    To the middle of the first step with v at a quarter of it, from middle to middle,
    to the end with v there. Held ones to the middle of their first steps with that
    same v, an error of second order at each edge.
    """
    if n == 1 - OPENING:
        return 0.0, 0.0
    if n == MIDDLE:
        return 0.5, 0.5 * min(HOLD, last)
    if n <= 0:
        return 0.0, HELD
    if n == last:
        return 0.5, 0.5 * ((last - 1) % HOLD + 1)
    if n % HOLD == 0:
        return 1.0, 0.5 * (HOLD + min(HOLD, last - n))
    return 1.0, HELD


@kernel
def march(x, runs, plan, run, watch, out):
    """Advance a block through all segments of its plan; results go to ``out``.

    ``run`` is the number of the block's first run of ``runs``: with the seed it selects
    the random stream of each lane. A model whose layout is not
    ``staggered`` has no voltage; its states live at whole steps.
    """
    shared = LAYOUT.shared
    noisy = (plan.noise_sd != 0.0).any()
    step = k = drawn = np.int64(0)  # a bare 0 would compile what takes them twice
    kicked = np.zeros(LANES, np.int64)  # kicks that each lane has had
    coming = plan.kick_time[:, 0].min()
    for s in range(plan.dt.shape[0]):
        begin_segment(x, runs, shared, plan, s)
        if change_parameters(x, runs, plan, s):
            prepare(x, runs)
        dt, sloping = plan.dt[s], (plan.ramp[s] != 0.0).any()
        if LAYOUT.clamped:
            move(x, runs, dt, 1.0, plan.level, plan.watched, False)
        due, last = 0, plan.steps[s]  # step at which the next sample is taken
        fresh = False  # spikes in the step before, their times still on a line
        for n in range(1 - OPENING, last + 1):  # up to 0: parts of the first step
            t = plan.start[s] + max(n, 0) * dt
            clock = (plan.seed, run, step)
            opening = n == 1 - OPENING
            watched = opening or (n == due and n < last)
            if watched:
                sample(x, runs, watch, watch.begin if opening else watch.before, out, k)
            share, slow = shares(n, last)
            if not LAYOUT.staggered:
                share = 1.0 if opening or 0 < n < last else 0.0
            if opening and not LAYOUT.staggered and t + 0.5 * dt > coming:
                coming = kick(x, runs, plan, kicked, t + 0.5 * dt)
            advance(x, runs, share * dt, slow * dt, clock)
            nearest = t + (EARLY if LAYOUT.staggered else EARLY + 0.5) * dt
            if nearest > coming and n < last:
                coming = kick(x, runs, plan, kicked, nearest)
            if watched:
                sample(
                    x, runs, watch, watch.current if opening else watch.after, out, k
                )
                k += 1
                due += watch.every[s]
            if n < last:
                if (
                    (n > 0 or opening)
                    and noisy
                    and max(n, 0) % plan.noise_steps[s] == 0
                ):
                    fluctuate(x, runs, shared, plan.seed, run, drawn)
                    drawn += 1
                if (n > 0 or opening) and LAYOUT.clamped and sloping:
                    ramp(x, runs, shared)
                times, moved, begin = 2.0, dt, t
                if n <= 0:  # backward Euler over dt/16, /16, /8, /4, /2
                    times, moved = 1.0, dt * 0.5 ** min(1 - n, OPENING - 1)
                    begin = t if opening else t + moved
                step_of_matrix = 2.0 * moved / times
                kept = slow < 0.0 and n > 0
                events = move(
                    x, runs, step_of_matrix, times, plan.level, plan.watched, kept
                )
                if fresh:
                    refine_events(x, runs, plan.watched, shared, t, dt, plan.level, out)
                fresh = events > 0 and n > 0
                if events > 0:
                    keep_events(
                        x, runs, plan.watched, shared, begin, moved, plan.level, out
                    )
            if n >= 0:
                if sloping and not LAYOUT.clamped and n < last:
                    ramp(x, runs, shared)
                step += 1
                if step % CHECK_EVERY == 0:
                    check_states(x, runs, LAYOUT, t, out)
    end = plan.start[-1] + plan.steps[-1] * plan.dt[-1]
    check_states(x, runs, LAYOUT, end, out)
    sample(x, runs, watch, watch.begin, out, k)
    sample(x, runs, watch, watch.current, out, k)
