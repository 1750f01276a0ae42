"""Scalar functions of the physics, one small file per channel or process."""
