"""Lines of the step kernel that let channels open at random."""

from math import comb

from neurosim.core.cable import AREA
from neurosim.declare import Cable, Channel, Compartment
from neurosim.errors import NeurosimError
from neurosim.lower.rows import noise_terms
from neurosim.lower.text import Piece


def write_noise(piece: Piece, c: Compartment, channel: Channel, stream: int) -> str:
    """Write the fluctuation of an open fraction; return the expression to add to it.

    The open fraction of independent channels has the autocovariance of a product of
    independent gates, a sum of exponentials; each is one Ornstein-Uhlenbeck process
    (Linaro, Storace & Giugliano 2011).
    """
    here = "j" if piece.indexed else "i"
    if channel.conductance is None or channel.unitary is None:
        raise NeurosimError(
            f"channel {channel.name!r}: noise needs a conductance and a unitary one."
        )
    conductance, unitary = channel.conductance.name, channel.unitary.name
    piece.load([conductance, unitary])
    geometry = piece.model.geometry
    if isinstance(geometry, Cable):
        k = list(piece.rows.records).index(c.instances[0])
        whole = geometry.table[k][AREA] / geometry.stimulus_share
        per = f"{whole * 1e6!r}"  # pS per mS/cm2 of the whole node
    else:
        piece.load(["area"])
        per = "10.0 * area"  # pS/um2 per mS/cm2
    piece.write(f"count = {conductance} * {per} / {unitary}")
    parts = []
    for n, taking in enumerate(noise_terms(channel)):
        if n % 2 == 0:
            number = stream + n // 2
            own = f"at // ROW + {number}" if piece.indexed else number
            piece.write(f"z0, z1 = normals(seed, run + i, step, {own})")
        variance, rate = moments(channel, taking)
        row, w = f"W_{channel.name}_{n}".upper(), f"w_{channel.name}_{n}"
        piece.write(f"variance = {variance} / max(count, 1e-9)")
        given = f"x[{row} + {here}], variance, {rate}, dt, z{n % 2}"
        piece.write(f"{w} = jitter({given})")
        piece.write(f"x[{row} + {here}] = {w}")
        parts.append(w)
    return " + ".join(parts)


def moments(channel: Channel, taking: tuple[int, ...]) -> tuple[str, str]:
    """Return variance (of one channel) and rate of one relaxation, as expressions.

    ``taking`` : how many gates of each kind take part in it.
    """
    factors, rate = [], []
    for gate, k in zip(channel.gates, taking, strict=True):
        ways = comb(gate.power, k)
        if ways > 1:
            factors.append(f"{ways}.0")
        if 2 * gate.power - k:
            factors.append(f"{gate.name}_inf**{2 * gate.power - k}")
        if k:
            factors.append(f"(1.0 - {gate.name}_inf)**{k}")
            rate.append(f"{k} * {gate.name}_rate" if k > 1 else f"{gate.name}_rate")
    return " * ".join(factors), " + ".join(rate)
