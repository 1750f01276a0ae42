COMMENT
Node of a human motor axon (Gaines et al. 2018) in a bath: gates feel v + shift, run
speed times as fast, and leak scales the leak.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX motornode
    NONSPECIFIC_CURRENT i
    RANGE g_naf, g_nap, g_ks, g_kf, g_l, e_na, e_k, na_shift, k_shift, speed_1, speed_2, speed_3, leak
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S) = (siemens)
}

PARAMETER {
    g_naf = 3 (S/cm2)
    g_nap = 0.01 (S/cm2)
    g_ks = 0.08 (S/cm2)
    g_kf = 0.02568 (S/cm2)
    g_l = 0.007 (S/cm2)
    e_na = 50 (mV)
    e_k = -90 (mV)
    na_shift = 0 (mV)
    k_shift = 0 (mV)
    speed_1 = 1
    speed_2 = 1
    speed_3 = 1
    leak = 1
}

ASSIGNED {
    v (mV)
    i (mA/cm2)
    minf
    mtau (ms)
    hinf
    htau (ms)
    pinf
    ptau (ms)
    sinf
    stau (ms)
    ninf
    ntau (ms)
}

STATE { m h p s n }

INITIAL {
    rates(v)
    m = minf
    h = hinf
    p = pinf
    s = sinf
    n = ninf
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    i = (g_naf*m*m*m*h + g_nap*p*p*p)*(v - e_na)
    i = i + (g_ks*s + g_kf*n*n*n*n + g_l*leak)*(v - e_k)
}

DERIVATIVE states {
    rates(v)
    m' = (minf - m)/mtau
    h' = (hinf - h)/htau
    p' = (pinf - p)/ptau
    s' = (sinf - s)/stau
    n' = (ninf - n)/ntau
}

PROCEDURE rates(v (mV)) {
    LOCAL u, rise, fall
    UNITSOFF
    u = v + na_shift
    rise = 1.86*10.3*linexp((u + 20.4)/10.3)
    fall = 0.086*9.16*linexp(-(u + 25.7)/9.16)
    mtau = 1/(speed_1*(rise + fall))
    minf = rise/(rise + fall)
    rise = 0.062*11*linexp(-(u + 114)/11)
    fall = 2.3/(1 + exp(-(u + 31.8)/13.4))
    htau = 1/(speed_2*(rise + fall))
    hinf = rise/(rise + fall)
    rise = 0.01*10.2*linexp((u + 27)/10.2)
    fall = 0.00025*10*linexp(-(u + 34)/10)
    ptau = 1/(speed_1*(rise + fall))
    pinf = rise/(rise + fall)
    u = v + k_shift
    rise = 0.3/(1 + exp(-(u + 53)/5))
    fall = 0.03/(1 + exp(-(u + 90)))
    stau = 1/(speed_3*(rise + fall))
    sinf = rise/(rise + fall)
    rise = 0.0462*1.1*linexp((u + 83.2)/1.1)
    fall = 0.0824*10.5*linexp(-(u + 66)/10.5)
    ntau = 1/(speed_3*(rise + fall))
    ninf = rise/(rise + fall)
    UNITSON
}

FUNCTION linexp(x) {
    if (fabs(x) < 1e-6) {
        linexp = 1 + x/2
    } else {
        linexp = x/(1 - exp(-x))
    }
}
