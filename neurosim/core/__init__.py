"""Numerics that know no names, units or plots: numba and numpy only."""
