"""Every citation of the package, once."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """Where a number or an equation comes from."""

    key: str
    text: str
    doi: str = ""

    def __str__(self) -> str:
        """Return author and year."""
        return self.key


HODGKIN_HUXLEY_1952 = Source(
    "Hodgkin & Huxley 1952",
    "A quantitative description of membrane current and its application to conduction "
    "and excitation in nerve. J Physiol 117:500-544.",
    "10.1113/jphysiol.1952.sp004764",
)
HUXLEY_1959 = Source(
    "Huxley 1959",
    "Ion movements during nerve activity. Ann N Y Acad Sci 81:221-246.",
    "10.1111/j.1749-6632.1959.tb49311.x",
)
FRANKENHAEUSER_HUXLEY_1964 = Source(
    "Frankenhaeuser & Huxley 1964",
    "The action potential in the myelinated nerve fibre of Xenopus laevis as computed "
    "on the basis of voltage clamp data. J Physiol 171:302-315 (code: ModelDB 3507).",
    "10.1113/jphysiol.1964.sp007378",
)
SCHWARZ_REID_BOSTOCK_1995 = Source(
    "Schwarz, Reid & Bostock 1995",
    "Action potentials and membrane currents in the human node of Ranvier. Pflugers "
    "Arch 430:283-292 (code: srb.mod of vjysd/nerve-fiber-modeling on GitHub).",
    "10.1007/BF00374660",
)
HILLE_WOODHULL_SHAPIRO_1975 = Source(
    "Hille, Woodhull & Shapiro 1975",
    "Negative surface charge near sodium channels of nerve: divalent ions, monovalent "
    "ions, and pH. Phil Trans R Soc B 270:301-318.",
    "10.1098/rstb.1975.0011",
)
MALMBERG_MARYOTT_1956 = Source(
    "Malmberg & Maryott 1956",
    "Dielectric constant of water from 0 to 100 C. J Res Natl Bur Stand 56:1-8.",
    "10.6028/jres.056.001",
)
MCINTYRE_RICHARDSON_GRILL_2002 = Source(
    "McIntyre, Richardson & Grill 2002",
    "Modeling the excitability of mammalian nerve fibers: influence of afterpotentials "
    "on the recovery cycle. J Neurophysiol 87:995-1006 (code: ModelDB 3810).",
    "10.1152/jn.00353.2001",
)
GAINES_2018 = Source(
    "Gaines et al. 2018",
    "A model of motor and sensory axon activation in the median nerve using surface "
    "electrical stimulation. J Comput Neurosci 45:29-43 (code: ModelDB 243841).",
    "10.1007/s10827-018-0689-5",
)
LINARO_2011 = Source(
    "Linaro, Storace & Giugliano 2011",
    "Accurate and fast simulation of channel noise in conductance-based model neurons "
    "by diffusion approximation. PLoS Comput Biol 7:e1001102.",
    "10.1371/journal.pcbi.1001102",
)
ISAEV_2012 = Source(
    "Isaev et al. 2012",
    "Surface charge impact in low-magnesium model of seizure in rat hippocampus. "
    "J Neurophysiol.",
)
WEISS_1901 = Source(
    "Weiss 1901",
    "Sur la possibilite de rendre comparables entre eux les appareils servant a "
    "l'excitation electrique. Arch Ital Biol.",
)
CODATA_2018 = Source(
    "CODATA 2018",
    "Tiesinga, Mohr, Newell & Taylor 2021. CODATA recommended values of the "
    "fundamental physical constants: 2018. Rev Mod Phys 93:025010.",
    "10.1103/RevModPhys.93.025010",
)
SHORTEN_2007 = Source(
    "Shorten et al. 2007",
    "Shorten, O'Callaghan, Davidson & Soboleva. A mathematical model of fatigue in "
    "skeletal muscle force contraction. J Muscle Res Cell Motil 28:293-313 (model: "
    "Physiome Model Repository, exposure 159ba2f081022ca651284404f39eeb40).",
    "10.1007/s10974-007-9125-6",
)
FATT_KATZ_1951 = Source(
    "Fatt & Katz 1951",
    "An analysis of the end-plate potential recorded with an intra-cellular electrode. "
    "J Physiol 115:320-370.",
    "10.1113/jphysiol.1951.sp004675",
)
