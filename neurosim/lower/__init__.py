"""From a declaration to code: the step kernel, the derivative, the tables."""

from neurosim.lower.build import load, rows_of
from neurosim.lower.derivative import derivative_source
from neurosim.lower.step import kernel_source

__all__ = ["derivative_source", "kernel_source", "load", "rows_of"]
