"""An explicit step of adaptive length, every lane at its own time.

The embedded pair of Dormand and Prince (1980), orders 5 and 4, with the step control
and the dense output of Hairer, Norsett and Wanner (Solving Ordinary Differential
Equations I, 1993, II.4-6). A lane whose run is over takes the next one of its task. All
lanes do the same arithmetic, whatever their neighbours do, so that results do not
depend on how runs are dealt to lanes, tasks and threads.
The generated module of a model binds ``rates`` and ``prepare`` to its own.
"""

from collections import namedtuple

import numpy as np

from neurosim.core.block import LANES, ROW, whole
from neurosim.core.jit import equation, kernel, unbound
from neurosim.core.march import DIVERGED
from neurosim.core.maths import exp, ln
from neurosim.core.voltage import TOO_FAR

# The pair, after Dormand & Prince 1980
A21 = 1.0 / 5.0
A31, A32 = 3.0 / 40.0, 9.0 / 40.0
A41, A42, A43 = 44.0 / 45.0, -56.0 / 15.0, 32.0 / 9.0
A51, A52 = 19372.0 / 6561.0, -25360.0 / 2187.0
A53, A54 = 64448.0 / 6561.0, -212.0 / 729.0
A61, A62, A63 = 9017.0 / 3168.0, -355.0 / 33.0, 46732.0 / 5247.0
A64, A65 = 49.0 / 176.0, -5103.0 / 18656.0
B1, B3, B4 = 35.0 / 384.0, 500.0 / 1113.0, 125.0 / 192.0
B5, B6 = -2187.0 / 6784.0, 11.0 / 84.0
C2, C3, C4, C5 = 0.2, 0.3, 0.8, 8.0 / 9.0
E1, E3, E4 = 71.0 / 57600.0, -71.0 / 16695.0, 71.0 / 1920.0  # order 5 less order 4
E5, E6, E7 = -17253.0 / 339200.0, 22.0 / 525.0, -1.0 / 40.0
# dense output of order 4 (Hairer, Norsett & Wanner 1993, II.6)
D1, D3 = -12715105075.0 / 11282082432.0, 87487479700.0 / 32700410799.0
D4, D5 = -10690763975.0 / 1880347072.0, 701980252875.0 / 199316789632.0
D6, D7 = -1453857185.0 / 822651844.0, 69997945.0 / 29380423.0

# of a step, per attempt (the same, II.4): after a step that was taken, after a refused
# one (their 0.9 for both has one attempt of six refused, and errors that hardly follow
# the tolerance); least and most
SAFETY, SECOND, SHRINK, GROW = 0.75, 0.6, 0.1, 5.0
MEMORY = 0.04  # share of the error before in the control (the same, IV.2)
FIRST = 0.01  # of what moves the state by its scale: the first step after an edge
SHORTEST = 1e-10  # ms: a run that needs shorter steps has diverged
ATTEMPTS, AT_LEAST = 2000.0, 20_000.0  # most attempts of a run: per ms, in any case
SLOWEST = 0.01  # 1/ms: no first step is longer than FIRST / SLOWEST
LEAST = -18.0  # logarithm of the smallest squared error that is remembered
MOST_TRIALS, NEAR = 50, 1e-9  # of a search for a crossing; mV
POTENTIAL = 100.0  # mV: scale of errors of v, an action potential; gates have 1

# Rows of the work space, behind the states' own: what every lane knows of itself
(
    TIME, STEP,  # ms: now, length of this attempt
    AFTER, NEXT,  # ms: the same after it
    STOP, SAMPLED,  # ms: next edge, next sample
    ERROR,  # logarithm of the squared error of the last accepted step
    TAKEN, AGAIN,  # 1 if this attempt was accepted, 1 if the one before was not
    TRIED,  # attempts so far
    BASE, SLANT, BEGAN,  # stimulus at the begin of the segment, its slope, its begin
    DRIVE,  # stimulus at the stage at hand
    EVENT,  # 1 if there is something to do: a spike, a sample, an edge or a failure
) = range(0, 15 * ROW, ROW)  # fmt: skip
OWN = 15  # rows; behind them the state, seven slopes, the state to come

# Number of states; row of the work space; first row of each state in the buffer
Shape = namedtuple("Shape", "states work rows")

# What happens to all runs of a task, arrays over segments (and runs): end, stimulus at
# the begin and its slope; parameters that change as in ``march.Plan``
Course = namedtuple(
    "Course",
    "stop stimulus ramp change_segment change_row change_value level tolerance most",
)

# What is read off: numbers of the states, times of the samples and infinity
Sampling = namedtuple("Sampling", "states times")

SHAPE = Shape(0, 0, (0,))
rates = prepare = unbound


@kernel
def combine(x, runs, to, c, a1, a2, a3, a4, a5, a6):
    """Write the state at which a stage is evaluated, and the stimulus then."""
    work, n = SHAPE.work, SHAPE.states
    y, k = work + OWN * ROW, work + (OWN + n) * ROW
    size = n * ROW
    for i in range(whole(runs)):
        w = work + i
        step = x[STEP + w]
        elapsed = x[TIME + w] - x[BEGAN + w] + c * step
        x[DRIVE + w] = x[BASE + w] + x[SLANT + w] * elapsed
        for s in range(n):  # unrolled, so that the lanes are the inner loop
            j = k + s * ROW + i
            slope = a1 * x[j]
            if a2 != 0.0:
                slope += a2 * x[j + size]
            if a3 != 0.0:
                slope += a3 * x[j + 2 * size]
            if a4 != 0.0:
                slope += a4 * x[j + 3 * size]
            if a5 != 0.0:
                slope += a5 * x[j + 4 * size]
            if a6 != 0.0:
                slope += a6 * x[j + 5 * size]
            x[to + s * ROW + i] = x[y + s * ROW + i] + step * slope


@kernel
def attempt(x, runs):
    """Try a step in every lane; its first slope is the last of the step before."""
    n = SHAPE.states
    k = SHAPE.work + (OWN + n) * ROW
    size = n * ROW
    new = k + 7 * size
    combine(x, runs, new, C2, A21, 0.0, 0.0, 0.0, 0.0, 0.0)
    rates(x, runs, new, k + size)
    combine(x, runs, new, C3, A31, A32, 0.0, 0.0, 0.0, 0.0)
    rates(x, runs, new, k + 2 * size)
    combine(x, runs, new, C4, A41, A42, A43, 0.0, 0.0, 0.0)
    rates(x, runs, new, k + 3 * size)
    combine(x, runs, new, C5, A51, A52, A53, A54, 0.0, 0.0)
    rates(x, runs, new, k + 4 * size)
    combine(x, runs, new, 1.0, A61, A62, A63, A64, A65, 0.0)
    rates(x, runs, new, k + 5 * size)
    combine(x, runs, new, 1.0, B1, 0.0, B3, B4, B5, B6)
    rates(x, runs, new, k + 6 * size)


@kernel
def judge(x, runs, course):
    """Accept or refuse every lane's attempt and propose its next step.

    Returns how many lanes need attention: a spike, a sample, an edge or a failure.
    """
    work, n = SHAPE.work, SHAPE.states
    y, k = work + OWN * ROW, work + (OWN + n) * ROW
    size = n * ROW
    new = k + 7 * size
    for i in range(whole(runs)):
        w, total = work + i, 0.0
        for s in range(n):
            j = k + s * ROW + i
            error = E1 * x[j] + E3 * x[j + 2 * size] + E4 * x[j + 3 * size]
            error += E5 * x[j + 4 * size] + E6 * x[j + 5 * size] + E7 * x[j + 6 * size]
            error *= 1.0 / POTENTIAL if s == 0 else 1.0
            total += error * error
        now, step, stop = x[TIME + w], x[STEP + w], x[STOP + w]
        square = total * (step * step) / (n * course.tolerance * course.tolerance)
        taken = square <= 1.0  # not where it is no number
        reached = taken & (step >= stop - now)
        after = stop if reached else now + step if taken else now
        size_of_error = ln(min(max(square, 1e-12), 1e12))
        # h err^-a err_before^b; logarithms are of squares
        wanted = -0.5 * (0.2 - 0.75 * MEMORY) * size_of_error
        wanted += 0.5 * MEMORY * x[ERROR + w] if taken else 0.0
        growth = 1.0 if (not taken) | (x[AGAIN + w] > 0.0) else GROW
        safety = SAFETY if taken else SECOND
        factor = min(max(safety * exp(wanted), SHRINK), growth)
        following = step * (factor if square < 1e12 else SHRINK)
        left = stop - after  # the next step goes there, or leaves room for another
        halved = 0.5 * left if 2.0 * following > left else following
        following = left if following >= left else halved
        x[AFTER + w], x[NEXT + w] = after, following
        x[ERROR + w] = max(size_of_error, LEAST) if taken else x[ERROR + w]
        x[TAKEN + w], x[AGAIN + w] = (1.0, 0.0) if taken else (0.0, 1.0)
        x[TRIED + w] += 1.0
        spike = taken & (x[y + i] < course.level) & (x[new + i] >= course.level)
        due = taken & (after >= x[SAMPLED + w])
        event = spike | due | reached | lost(x, w, new + i, course)
        x[EVENT + w] = 1.0 if event else 0.0
    events = 0
    for i in range(whole(runs)):
        events += 1 if x[EVENT + work + i] > 0.0 else 0
    return events


@equation
def lost(x, w, v, course):
    """Tell whether a lane has no hope: its step vanishes, or it takes too many."""
    stuck = (x[NEXT + w] < SHORTEST) & (x[STOP + w] - x[AFTER + w] > SHORTEST)
    gone = (x[TAKEN + w] > 0.0) & (not (abs(x[v]) < TOO_FAR))
    hopeless = stuck | gone | (x[TRIED + w] > course.most)
    return (x[STEP + w] > 0.0) & hopeless


@kernel
def commit(x, runs):
    """Make the accepted attempts the state."""
    work, n = SHAPE.work, SHAPE.states
    y, k = work + OWN * ROW, work + (OWN + n) * ROW
    size = n * ROW
    new = k + 7 * size
    for i in range(whole(runs)):
        w = work + i
        taken = x[TAKEN + w] > 0.0
        x[TIME + w], x[STEP + w] = x[AFTER + w], x[NEXT + w]
        for s in range(n):
            j = s * ROW + i
            x[y + j] = x[new + j] if taken else x[y + j]
            x[k + j] = x[k + 6 * size + j] if taken else x[k + j]


@equation
def within(x, i, s, share):
    """Return state ``s`` of a lane at a share of the step just accepted."""
    y, size = SHAPE.work + OWN * ROW + s * ROW + i, SHAPE.states * ROW
    k, step = y + size, x[STEP + SHAPE.work + i]
    begin, end = x[y], x[k + 7 * size]
    rise = end - begin
    bend = step * x[k] - rise
    twist = rise - step * x[k + 6 * size] - bend
    last = D1 * x[k] + D3 * x[k + 2 * size] + D4 * x[k + 3 * size]
    last += D5 * x[k + 4 * size] + D6 * x[k + 5 * size] + D7 * x[k + 6 * size]
    rest = 1.0 - share
    inner = twist + rest * step * last
    return begin + share * (rise + rest * (bend + share * inner))


@kernel
def crossing(x, i, level):
    """Return at which share of the step v crosses the level, by false position."""
    low, high = 0.0, 1.0
    under, over = within(x, i, 0, 0.0) - level, within(x, i, 0, 1.0) - level
    side, share = 0, 0.0
    for _ in range(MOST_TRIALS):
        share = low - under * (high - low) / (over - under)
        here = within(x, i, 0, share) - level
        if abs(here) < NEAR:
            break
        if here < 0.0:
            low, under = share, here
            over *= 0.5 if side < 0 else 1.0
            side = -1
        else:
            high, over = share, here
            under *= 0.5 if side > 0 else 1.0
            side = 1
    return share


@kernel
def note(x, i, run, place, course, watched, out):
    """Write down a lane's spike and the samples within the step just accepted."""
    w = SHAPE.work + i
    begin, step = x[TIME + w], x[STEP + w]
    y = w + OWN * ROW
    new = y + 8 * SHAPE.states * ROW
    if (x[y] < course.level) & (x[new] >= course.level):
        if out.counts[run] < out.spikes.shape[1]:
            share = crossing(x, i, course.level)
            out.spikes[run, out.counts[run]] = begin + share * step
        out.counts[run] += 1
    while x[SAMPLED + w] <= x[AFTER + w]:
        share = (x[SAMPLED + w] - begin) / step
        for r in range(watched.states.size):
            out.samples[run, r, place] = within(x, i, watched.states[r], share)
        place += 1
        x[SAMPLED + w] = watched.times[place]
    return place


@kernel
def enter(x, i, run, segment, course):
    """Begin a segment."""
    w = SHAPE.work + i
    x[BASE + w], x[SLANT + w] = course.stimulus[segment, run], course.ramp[segment, run]
    x[BEGAN + w], x[STOP + w] = x[TIME + w], course.stop[segment]
    for c in range(course.change_segment.shape[0]):
        if course.change_segment[c] == segment:
            x[course.change_row[c] + i] = course.change_value[c, run]


@kernel
def load(x, i, run, columns, watched, out):
    """Give a lane the first values of a run."""
    w = SHAPE.work + i
    for row in range(columns.shape[0]):
        x[row * ROW + i] = columns[row, run]
    for s in range(SHAPE.states):
        x[w + (OWN + s) * ROW] = columns[SHAPE.rows[s] // ROW, run]
    for row in range(0, OWN * ROW, ROW):
        x[row + w] = 0.0
    x[ERROR + w] = LEAST
    for r in range(watched.states.size):
        out.samples[run, r, 0] = x[w + (OWN + watched.states[r]) * ROW]
    x[SAMPLED + w] = watched.times[1]


@kernel
def keep(x, i, run, columns):
    """Leave the states that a run came to in its column."""
    for s in range(SHAPE.states):
        columns[SHAPE.rows[s] // ROW, run] = x[SHAPE.work + i + (OWN + s) * ROW]


@kernel
def finish(x, i, run, failed, out):
    """Tell how a run ended, and let its lane stand still."""
    w = SHAPE.work + i
    if failed:
        out.status[run], out.failed[run] = DIVERGED, x[TIME + w]
    x[STEP + w] = 0.0
    x[STOP + w] = x[SAMPLED + w] = np.inf


@kernel
def open_steps(x, runs, fresh):
    """Take the slope at an edge as the first one, and a careful first step."""
    work, n = SHAPE.work, SHAPE.states
    y, k = work + OWN * ROW, work + (OWN + n) * ROW
    last = k + 6 * n * ROW
    for i in range(whole(runs)):
        w = work + i
        x[DRIVE + w] = x[BASE + w] + x[SLANT + w] * (x[TIME + w] - x[BEGAN + w])
    rates(x, runs, y, last)
    for i in range(whole(runs)):
        if fresh[i]:
            w, fastest = work + i, SLOWEST
            for s in range(n):
                j = s * ROW + i
                x[k + j] = x[last + j]
                fastest = max(fastest, abs(x[k + j]) / (POTENTIAL if s == 0 else 1.0))
            x[STEP + w] = min(FIRST / fastest, x[STOP + w] - x[TIME + w])
            fresh[i] = False


@kernel
def follow(x, course, columns, watched, out):
    """Follow every run of a task to its end.

    x : buffer of a block with its work space. columns : buffers (rows, runs); the
    states at the end are left there. out : ``march.Output`` over the runs.
    """
    runs, end = columns.shape[1], course.stop[-1]
    lane = np.full(LANES, -1)  # run of each lane, -1 for none
    segment = np.zeros(LANES, np.int64)
    place = np.zeros(LANES, np.int64)  # of the next sample
    fresh = np.zeros(LANES, np.bool_)
    for i in range(whole(runs)):  # even idle lanes hold numbers
        load(x, i, min(i, runs - 1), columns, watched, out)
        finish(x, i, 0, False, out)
    coming = busy = 0
    idle, begun = min(LANES, runs), False  # lanes that may get a run; stops reached
    while coming < runs or busy > 0:
        loaded = False
        for i in range(whole(runs) if idle > 0 or begun else 0):
            if lane[i] < 0 and coming < runs:
                load(x, i, coming, columns, watched, out)
                lane[i], segment[i], place[i] = coming, -1, 1
                coming += 1
                busy += 1
                loaded = True
            if lane[i] >= 0 and x[TIME + SHAPE.work + i] >= x[STOP + SHAPE.work + i]:
                segment[i] += 1
                enter(x, i, lane[i], segment[i], course)
                fresh[i] = begun = True
        if loaded or (begun and course.change_segment.size > 0):
            prepare(x, runs)
        if begun:
            open_steps(x, runs, fresh)
        idle, begun, events = 0, False, 0
        while events == 0:
            attempt(x, runs)
            events = judge(x, runs, course)
            for i in range(whole(runs) if events > 0 else 0):
                taken = x[EVENT + SHAPE.work + i] * x[TAKEN + SHAPE.work + i] > 0.0
                if lane[i] >= 0 and taken:
                    place[i] = note(x, i, lane[i], place[i], course, watched, out)
            commit(x, runs)
        for i in range(whole(runs)):
            w = SHAPE.work + i
            if lane[i] >= 0 and x[EVENT + w] > 0.0:
                failed = lost(x, w, w + OWN * ROW, course)
                if failed or x[TIME + w] >= end:
                    keep(x, i, lane[i], columns)
                    finish(x, i, lane[i], failed, out)
                    lane[i] = -1
                    idle += 1
                    busy -= 1
                begun |= x[TIME + w] >= x[STOP + w]
