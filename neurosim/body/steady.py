"""The steady state in which a person lives before a cause begins."""

import numpy as np

from neurosim.body import calcium, magnesium, potassium, water
from neurosim.body.levels import rates_of
from neurosim.ensemble import spread
from neurosim.errors import NeurosimError
from neurosim.model import Model

ITERATIONS = 120
FIRST, GROWTH, LONGEST = 0.1, 2.0, 1e9  # d: pseudo time steps, at the end Newton's
NUDGE = 1e-6  # relative step of the differences
CLOSE = 1e-11  # relative change of a state at which it has settled
CLOSEST = 1e-13  # better than this rounding does not allow


def usual_states(model: Model) -> dict[str, np.ndarray]:
    """Return the states at reference intake and kidney, by name, shape (runs,)."""
    ensemble = spread(model)

    def value(name):
        default = model.parameters[name].value
        return np.broadcast_to(ensemble.values.get(name, default), ensemble.size)

    size, k_set = value("body_size"), value("k_set")
    potassium_water = potassium.OUTSIDE * k_set + potassium.INSIDE * potassium.CELLS
    found = {s.name: np.full(ensemble.size, s.initial) for s in model.states}
    return found | {
        "mg_plasma": value("mg_set") * magnesium.VOLUME * size,
        "mg_exchange": value("mg_pool") * size,
        "mg_store": magnesium.STORE * size,
        "mg_surface": value("mg_surface_pool") * size,
        "ca_plasma": value("ca_set") * calcium.VOLUME * size,
        "k_body": potassium_water * size,
        "na_body": water.BODY_SODIUM * size,
        "body_water": water.WATER * size,
    }


def steady_state(model: Model) -> dict[str, np.ndarray]:
    """Return the steady states of the runs of a model, name -> array (runs,).

    Raises
    ------
    NeurosimError : where a person has none, e.g. one that loses sodium every day.
    """
    names = tuple(s.name for s in model.states)
    begin = usual_states(model)
    states = np.stack([begin[n] for n in names])
    scale = np.maximum(np.abs(states), 1.0)

    def rates(states):
        found = rates_of(model, dict(zip(names, states, strict=True)))
        return np.stack([np.broadcast_to(found[n], states[0].shape) for n in names])

    best, change = np.inf, np.full(states.shape[1], np.inf)
    for k in range(ITERATIONS):
        now = rates(states)
        inverse = np.eye(len(names)) / min(FIRST * GROWTH**k, LONGEST)
        move = np.linalg.solve(
            inverse - jacobian(rates, states, scale), now.T[..., None]
        )
        states = states + move[..., 0].T
        change = np.abs(move[..., 0].T / scale).max(0)
        worst = change.max()
        if k > 20 and (worst < CLOSEST or (worst < CLOSE and worst >= best)):
            break
        best = min(best, worst) if k > 20 else np.inf
    done = (change < CLOSE) & np.isfinite(states).all(0)
    for name in ("na_body", "body_water"):  # what nothing regulates has to stay
        done &= np.isclose(states[names.index(name)], begin[name], rtol=1e-6)
    if not done.all():
        raise NeurosimError(
            f"person {int(np.flatnonzero(~done)[0])} has no steady state; give as "
            "cause what cannot last, such as a daily loss of water or sodium."
        )
    return dict(zip(names, states, strict=True))


def jacobian(rates, states: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Return d rates / d states by central differences, shape (runs, n, n)."""
    columns = []
    for k in range(states.shape[0]):
        up, down = states.copy(), states.copy()
        up[k] += NUDGE * scale[k]
        down[k] -= NUDGE * scale[k]
        columns.append((rates(up) - rates(down)) / (up[k] - down[k]))
    return np.moveaxis(np.stack(columns, axis=1), -1, 0)
