"""A fibre of 21 MRG nodes: conduction along a vulnerable axon.

Channels and parameters are those of ``mrg_axon``; every node is whole and every
internode complete. The sealed end nodes lose rest first.
"""

from dataclasses import replace

from neurosim.models.axon_unit import cable_of
from neurosim.models.mrg_axon import MRG_AXON

MRG_CABLE = replace(
    cable_of(MRG_AXON),
    name="mrg_cable",
    title="mammalian fibre of 21 nodes (McIntyre et al. 2002)",
    doc=__doc__ or "",
    dt=0.005,
    validity=(
        "37 degC, 10 um fibre of 23 mm with sealed ends; current in nA into the first "
        "node, spikes at the node three quarters of the way."
    ),
)
