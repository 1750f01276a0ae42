"""From a declaration to code: the step kernel, the derivative, the tables."""

from neurosim.lower.build import derivative_of, load, rows_of, step_of
from neurosim.lower.derivative import derivative_source
from neurosim.lower.step import kernel_source

__all__ = [
    "derivative_of",
    "derivative_source",
    "kernel_source",
    "load",
    "rows_of",
    "step_of",
]
