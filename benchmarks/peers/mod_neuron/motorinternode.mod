COMMENT
Internode of a human motor axon (Gaines et al. 2018) in a bath; see motornode.mod.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX motorinternode
    NONSPECIFIC_CURRENT i
    RANGE g_ks, g_kf, g_hcn, g_l, e_k, e_h, k_shift, speed_3, leak
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S) = (siemens)
}

PARAMETER {
    g_ks = 0.002581 (S/cm2)
    g_kf = 0.02568 (S/cm2)
    g_hcn = 0.002232 (S/cm2)
    g_l = 0.0002 (S/cm2)
    e_k = -90 (mV)
    e_h = -54.9 (mV)
    k_shift = 0 (mV)
    speed_3 = 1
    leak = 1
}

ASSIGNED {
    v (mV)
    i (mA/cm2)
    sinf
    stau (ms)
    ninf
    ntau (ms)
    qinf
    qtau (ms)
}

STATE { s n q }

INITIAL {
    rates(v)
    s = sinf
    n = ninf
    q = qinf
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    i = (g_ks*s + g_kf*n*n*n*n + g_l*leak)*(v - e_k) + g_hcn*q*(v - e_h)
}

DERIVATIVE states {
    rates(v)
    s' = (sinf - s)/stau
    n' = (ninf - n)/ntau
    q' = (qinf - q)/qtau
}

PROCEDURE rates(v (mV)) {
    LOCAL u, rise, fall
    UNITSOFF
    u = v + k_shift
    rise = 0.3/(1 + exp(-(u + 53)/5))
    fall = 0.03/(1 + exp(-(u + 90)))
    stau = 1/(speed_3*(rise + fall))
    sinf = rise/(rise + fall)
    rise = 0.0462*1.1*linexp((u + 83.2)/1.1)
    fall = 0.0824*10.5*linexp(-(u + 66)/10.5)
    ntau = 1/(speed_3*(rise + fall))
    ninf = rise/(rise + fall)
    rise = 0.00522*exp(-(u + 107.3)/12.2)
    fall = 0.00522*exp((u + 107.3)/12.2)
    qtau = 1/(speed_3*(rise + fall))
    qinf = rise/(rise + fall)
    UNITSON
}

FUNCTION linexp(x) {
    if (fabs(x) < 1e-6) {
        linexp = 1 + x/2
    } else {
        linexp = x/(1 - exp(-x))
    }
}
