"""What a whole report compiles later on, compiled meanwhile in another process.

Half of a first report is compilation, which takes one core. The models are in the
order in which claims come to them; the first two are left to the report itself.
"""

from collections.abc import Callable

from neurosim.model import Model


def later() -> list[Callable[[], Model]]:
    """Return what makes the models whose kernels are needed later."""
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
