"""What another process does for a report meanwhile.

Half of a first report is compilation, and much of the rest takes one core. The other
process compiles what is needed later, then judges claims from the last to the first.
Its verdicts are dropped; what it ran lies on the shelf when the report comes there.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from neurosim.claims.judges import JUDGES
from neurosim.claims.population import Bench, draw
from neurosim.claims.shelf import Shelf
from neurosim.engine import with_threads, workers_of
from neurosim.model import Model


@dataclass(frozen=True, slots=True)
class Setting:
    """What a report runs: a population, and where its runs are kept."""

    runs: Path
    draws: int
    seed: int
    minute: float  # s for which pools are watched


def bench_of(setting: Setting, tick: Callable[[int], Any] | None = None) -> Bench:
    """Return the bench of a report."""
    from neurosim.models import MOTOR_AXON

    population = draw(MOTOR_AXON, setting.draws, setting.seed)
    shelf = Shelf(setting.runs)
    return Bench(MOTOR_AXON, population, tick, minute=setting.minute, shelf=shelf)


own_bench = cache(bench_of)  # of the other process, for all claims that it judges


def later() -> list[Callable[[], Model]]:
    """Return what makes the models whose kernels are needed later.

    They are in the order in which claims come to them; the first two are left to the
    report itself.
    """
    from neurosim.claims.motor_pool import leaky
    from neurosim.claims.sensory import sensory_cable
    from neurosim.models import MOTOR_AXON, MOTOR_CABLE, MUSCLE_FIBRE, SENSORY_AXON
    from neurosim.myelin import sheathed

    return [
        lambda: MUSCLE_FIBRE,
        lambda: leaky(MOTOR_AXON),
        lambda: SENSORY_AXON,
        sensory_cable,
        lambda: MOTOR_CABLE,
        lambda: sheathed(MOTOR_CABLE),
        lambda: sheathed(sensory_cable()),
        lambda: sheathed(MOTOR_AXON),
        lambda: sheathed(SENSORY_AXON),
    ]


def compile_ahead(number: int) -> None:
    """Compile the kernels of one of these models into the cache."""
    from neurosim.simulation import simulate

    model = later()[number]()
    simulate(model, duration=model.dt, measure=("rest",))


def judge_ahead(claim: str, setting: Setting) -> None:
    """Do the runs of a claim, for the shelf, on half of the cores."""
    with with_threads(max(workers_of(None) // 2, 1)):
        for judge in JUDGES.get(claim, ()):
            judge(own_bench(setting))


def from_the_end(
    helper: Executor, claims: Sequence[str], setting: Setting, begun: set[str]
) -> None:
    """Have another process judge claims, the last first, until it meets the report.

    One at a time, so that other tasks come in between. ``begun`` : the claims to which
    the report itself has come; it is looked at before each.
    """
    left = list(claims)

    def go_on(done: Future | None = None) -> None:
        if done is not None and (done.cancelled() or done.exception()):
            return  # the report will come to the same, and say so
        if left and left[-1] not in begun:
            future = asked_of(helper, partial(judge_ahead, left.pop(), setting))
            if future is not None:
                future.add_done_callback(go_on)

    go_on()


def asked_of(helper: Executor | None, task: Callable) -> Future | None:
    """Have another process do a task; None if there is none, or it takes no more."""
    try:
        return helper.submit(task) if helper else None
    except RuntimeError:  # it has died (BrokenExecutor), or is shut down
        return None


def result_of(task: Callable, future: Future | None) -> Any:
    """Return what another process made of a task, or do it here."""
    try:
        return future.result() if future else task()
    except BrokenExecutor:
        return task()
