COMMENT
Hodgkin & Huxley 1952 in a bath: gates feel v + shift and run speed times as fast.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX hhbath
    NONSPECIFIC_CURRENT i
    RANGE gna, gk, gl, e_na, e_k, e_l, shift, speed
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S) = (siemens)
}

PARAMETER {
    gna = 0.12 (S/cm2)
    gk = 0.036 (S/cm2)
    gl = 0.0003 (S/cm2)
    e_na = 50 (mV)
    e_k = -77 (mV)
    e_l = -54.387 (mV)
    shift = 0 (mV)
    speed = 1
}

ASSIGNED {
    v (mV)
    i (mA/cm2)
    minf
    hinf
    ninf
    mtau (ms)
    htau (ms)
    ntau (ms)
}

STATE { m h n }

INITIAL {
    rates(v + shift)
    m = minf
    h = hinf
    n = ninf
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    i = gna*m*m*m*h*(v - e_na) + gk*n*n*n*n*(v - e_k) + gl*(v - e_l)
}

DERIVATIVE states {
    rates(v + shift)
    m' = (minf - m)/mtau
    h' = (hinf - h)/htau
    n' = (ninf - n)/ntau
}

PROCEDURE rates(u (mV)) {
    LOCAL rise, fall
    UNITSOFF
    rise = linexp((u + 40)/10)
    fall = 4*exp(-(u + 65)/18)
    mtau = 1/(speed*(rise + fall))
    minf = rise/(rise + fall)
    rise = 0.07*exp(-(u + 65)/20)
    fall = 1/(1 + exp(-(u + 35)/10))
    htau = 1/(speed*(rise + fall))
    hinf = rise/(rise + fall)
    rise = 0.1*linexp((u + 55)/10)
    fall = 0.125*exp(-(u + 65)/80)
    ntau = 1/(speed*(rise + fall))
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
