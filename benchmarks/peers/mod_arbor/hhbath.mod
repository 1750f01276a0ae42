: Hodgkin & Huxley 1952 in a bath: gates feel v + shift and run speed times as fast.

NEURON {
    SUFFIX hhbath
    NONSPECIFIC_CURRENT i
    RANGE e_na, e_k, shift, speed
}

UNITS {
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gna = 0.12 (S/cm2)
    gk = 0.036 (S/cm2)
    gl = 0.0003 (S/cm2)
    e_l = -54.387 (mV)
    e_na = 50 (mV)
    e_k = -77 (mV)
    shift = 0 (mV)
    speed = 1
}

STATE { m h n }

INITIAL {
    LOCAL rise, fall, u
    u = v + shift
    rise = exprelr(-(u + 40)*0.1)
    fall = 4*exp(-(u + 65)/18)
    m = rise/(rise + fall)
    rise = 0.07*exp(-(u + 65)*0.05)
    fall = 1/(1 + exp(-(u + 35)*0.1))
    h = rise/(rise + fall)
    rise = 0.1*exprelr(-(u + 55)*0.1)
    fall = 0.125*exp(-(u + 65)*0.0125)
    n = rise/(rise + fall)
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    LOCAL n2
    n2 = n*n
    i = gna*m*m*m*h*(v - e_na) + gk*n2*n2*(v - e_k) + gl*(v - e_l)
}

DERIVATIVE states {
    LOCAL rise, fall, u
    u = v + shift
    rise = speed*exprelr(-(u + 40)*0.1)
    fall = speed*4*exp(-(u + 65)/18)
    m' = rise - m*(rise + fall)
    rise = speed*0.07*exp(-(u + 65)*0.05)
    fall = speed/(1 + exp(-(u + 35)*0.1))
    h' = rise - h*(rise + fall)
    rise = speed*0.1*exprelr(-(u + 55)*0.1)
    fall = speed*0.125*exp(-(u + 65)*0.0125)
    n' = rise - n*(rise + fall)
}
