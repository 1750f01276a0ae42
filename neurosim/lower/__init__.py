"""From a declaration to code: the kernels, the derivative, the tables."""

from neurosim.lower.build import adaptive_of, derivative_of, load, rows_of, step_of
from neurosim.lower.chain import held_rows
from neurosim.lower.derivative import derivative_source
from neurosim.lower.flow import adaptive_source
from neurosim.lower.step import kernel_source

__all__ = [
    "adaptive_of",
    "adaptive_source",
    "derivative_of",
    "derivative_source",
    "held_rows",
    "kernel_source",
    "load",
    "rows_of",
    "step_of",
]
