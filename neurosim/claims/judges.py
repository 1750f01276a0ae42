"""Which functions judge the parts of which claim."""

from neurosim.claims import (
    axon,
    dehydration,
    discharge,
    drive,
    driven,
    energy,
    exercise,
    habits,
    impulse,
    intakes,
    levels,
    linked,
    membrane,
    minerals,
    motor_pool,
    myelin,
    rates,
    relaxation,
    relief,
    signs,
    silent,
    stress,
    tingling,
    transmission,
    vitamins,
)
from neurosim.claims.judge import Judge

JUDGES: dict[str, list[Judge]] = {}  # claim -> what judges its parts
for _module in (
    axon, rates, drive, discharge, impulse, membrane, transmission, driven, relaxation,
    silent, energy, exercise, motor_pool, signs, levels, intakes, minerals, linked,
    relief, vitamins, tingling, habits, stress, myelin, dehydration,
):  # fmt: skip
    for _claim, _judge in _module.EVALUATED.items():
        JUDGES.setdefault(_claim, []).append(_judge)
