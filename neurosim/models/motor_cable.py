"""A fibre of 21 nodes of the human motor axon: conduction along a healthy trunk.

Channels and parameters are those of ``motor_axon``; every node is whole and every
internode complete.
"""

from dataclasses import replace

from neurosim.models.axon_unit import cable_of
from neurosim.models.motor_axon import MOTOR_AXON

MOTOR_CABLE = replace(
    cable_of(MOTOR_AXON),
    name="motor_cable",
    title="human motor fibre of 21 nodes (Gaines et al. 2018)",
    doc=__doc__ or "",
    dt=0.005,
    validity=(
        "37 degC, 10 um fibre of 23 mm with sealed ends, K 2.5-6 mM; current in nA "
        "into the first node, spikes at the node three quarters of the way."
    ),
)
