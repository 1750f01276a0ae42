"""Leaks and what potassium does to them."""

from neurosim.core.jit import equation


@equation
def bath_leak(g_l, k_o):
    """Leak conductance [mS/cm2] of a K-like leak: grows as sqrt(K) (nerve.md 8.4).

    The square root is the usual form of background K conductance against outside K;
    4 mM is the healthy bath.
    """
    return g_l * (k_o / 4.0) ** 0.5
