"""The sodium-potassium pump as a membrane current."""

from neurosim.core.jit import equation


@equation
def pump_deficit(i_pump_rest, pump):
    """Outward current [uA/cm2] that a pump at share ``pump`` of healthy leaves out.

    The effective reversals of an axon model contain its healthy pump, so only the
    change is a current of its own; negative (depolarising) where the pump is slow.
    """
    return i_pump_rest * (pump - 1.0)


@equation
def constant_current(i_deficit):
    """Return a current [uA/cm2] that does not depend on v, and its slope, zero."""
    return i_deficit, 0.0
