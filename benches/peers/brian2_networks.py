"""The benchmark networks in Brian2 (C++ standalone, one thread).

    python brian2_networks.py CASE WARM_UP_MS MEASURED_MS FOLDER

Compiles the case into FOLDER, runs it once and prints one JSON object. FOLDER/main can then be run again; the time of the measured part stands
in FOLDER/results/last_run_info.txt. Parameters are those of `spikeground bench` (crates/core/src/bench/cases.rs).
"""

import json
import sys
import time

import brian2
import numpy as np
from brian2 import *  # noqa: F403  (the names of the notation)

CASE, WARM, MEASURED, FOLDER = sys.argv[1], float(sys.argv[2]), float(sys.argv[3]), sys.argv[4]
set_device("cpp_standalone", build_on_run=False, directory=FOLDER)
prefs.devices.cpp_standalone.openmp_threads = 0
seed(42)


def coba(n):
    defaultclock.dt = 0.1 * ms
    eqs = """
    dv/dt = ((-60*mV - v) + (ge*(0*mV - v) + gi*(-80*mV - v))/(10*nS))/(20*ms) : volt (unless refractory)
    dge/dt = -ge/(5*ms) : siemens
    dgi/dt = -gi/(10*ms) : siemens
    """
    cells = NeuronGroup(n, eqs, threshold="v > -50*mV", reset="v = -60*mV", refractory=5 * ms, method="exponential_euler")
    cells.v = "(-55 + 5*randn())*mV"
    e, i = cells[: n * 4 // 5], cells[n * 4 // 5 :]
    se = Synapses(e, cells, on_pre="ge += 6*nS", delay=0.1 * ms)
    si = Synapses(i, cells, on_pre="gi += 67*nS", delay=0.1 * ms)
    se.connect(p=80 / n)
    si.connect(p=80 / n)
    kick = PoissonGroup(n, rates="300*Hz*int(t < 50*ms)")
    sk = Synapses(kick, cells, on_pre="ge += 6*nS")
    sk.connect(j="i")
    return cells, [se, si, kick, sk]


def brunel(n, learning):
    defaultclock.dt = 0.1 * ms
    cells = NeuronGroup(
        n, "dv/dt = -v/(20*ms) : volt (unless refractory)", threshold="v > 20*mV", reset="v = 10*mV", refractory=2 * ms, method="exact"
    )
    cells.v = "20*rand()*mV"
    e, i = cells[: n * 4 // 5], cells[n * 4 // 5 :]
    parts = [PoissonInput(cells, "v", N=1000, rate=20 * Hz, weight=0.1 * mV)]
    if learning:
        # Additive pairs, as in the case: A+ 1e-4, A- 1.05e-4 of w_max = 0.2 mV.
        se = Synapses(
            e,
            e,
            """w : volt
            dapre/dt = -apre/(20*ms) : volt (event-driven)
            dapost/dt = -apost/(20*ms) : volt (event-driven)""",
            on_pre="v_post += w; apre += 2e-5*mV; w = clip(w - apost, 0*mV, 0.2*mV)",
            on_post="apost += 2.1e-5*mV; w = clip(w + apre, 0*mV, 0.2*mV)",
            delay=1.5 * ms,
        )
        se.connect(p=0.1)
        se.w = "(0.1 + 0.01*randn())*mV"
        sei = Synapses(e, i, on_pre="v += 0.1*mV", delay=1.5 * ms)
        sei.connect(p=0.1)
        parts += [se, sei]
    else:
        se = Synapses(e, cells, on_pre="v += 0.1*mV", delay=1.5 * ms)
        se.connect(p=0.1)
        parts.append(se)
    si = Synapses(i, cells, on_pre="v -= 0.5*mV", delay=1.5 * ms)
    si.connect(p=0.1)
    return cells, parts + [si]


def hh(n):
    defaultclock.dt = 0.1 * ms
    eqs = """
    dv/dt = (120*m**3*h*(50 - v) + 36*n**4*(-77 - v) + 0.3*(-54.387 - v) + ge*(0 - v) + gi*(-80 - v))/ms : 1
    dm/dt = (0.1*(v + 40)/(1 - exp(-(v + 40)/10))*(1 - m) - 4*exp(-(v + 65)/18)*m)/ms : 1
    dh/dt = (0.07*exp(-(v + 65)/20)*(1 - h) - 1/(1 + exp(-(v + 35)/10))*h)/ms : 1
    dn/dt = (0.01*(v + 55)/(1 - exp(-(v + 55)/10))*(1 - n) - 0.125*exp(-(v + 65)/80)*n)/ms : 1
    dge/dt = -ge/(5*ms) : 1
    dgi/dt = -gi/(10*ms) : 1
    """
    cells = NeuronGroup(n, eqs, threshold="v > 0", refractory="v > 0", method="exponential_euler")
    cells.v = "-65 + 5*randn()"
    cells.m, cells.h, cells.n = 0.0529, 0.5961, 0.3177
    e, i = cells[: n * 4 // 5], cells[n * 4 // 5 :]
    se = Synapses(e, cells, on_pre="ge += 0.03", delay=0.1 * ms)
    si = Synapses(i, cells, on_pre="gi += 0.335", delay=0.1 * ms)
    se.connect(p=0.02)
    si.connect(p=0.02)
    return cells, [se, si, PoissonInput(cells, "ge", N=1, rate=500 * Hz, weight=0.03)]


def izhikevich(n, k):
    defaultclock.dt = 1 * ms
    eqs = """
    v : 1
    u : 1
    inp : 1
    a : 1 (constant)
    b : 1 (constant)
    c : 1 (constant)
    d : 1 (constant)
    sd : 1 (constant)
    """
    cells = NeuronGroup(n, eqs, threshold="v >= 30", reset="v = c; u += d")
    excitatory = n * 4 // 5
    rng = np.random.default_rng(42)
    r = rng.random(n)
    is_e = np.arange(n) < excitatory
    cells.a = np.where(is_e, 0.02, 0.02 + 0.08 * r)
    cells.b = np.where(is_e, 0.2, 0.25 - 0.05 * r)
    cells.c = np.where(is_e, -65 + 15 * r**2, -65)
    cells.d = np.where(is_e, 8 - 6 * r**2, 2)
    cells.sd = np.where(is_e, 5, 2)
    cells.v = -65
    cells.u = "b*v"
    cells.run_regularly(
        """inp += sd*randn()
        v += 0.5*(0.04*v**2 + 5*v + 140 - u + inp)
        v += 0.5*(0.04*v**2 + 5*v + 140 - u + inp)
        u += a*(b*v - u)
        inp = 0""",
        dt=1 * ms,
        when="groups",
    )
    scale = 1.0 if k is None else 0.2 * 1000 / k
    parts = []
    for source, low, high in ((cells[:excitatory], 0, 0.5 * scale), (cells[excitatory:], -scale, 0)):
        s = Synapses(source, cells, "w : 1", on_pre="inp_post += w", delay=1 * ms)
        s.connect(p=1 if k is None else k / n)
        s.w = f"{low} + {high - low}*rand()"
        parts.append(s)
    return cells, parts


def feed_forward():
    defaultclock.dt = 1 * ms
    inputs = PoissonGroup(500, rates=15 * Hz)
    eqs = """
    dv/dt = ((-70*mV - v) + i_syn*(20*ms/(200*pF)))/(20*ms) : volt (unless refractory)
    di_syn/dt = -i_syn/(5*ms) : amp
    """
    cells = NeuronGroup(1000, eqs, threshold="v > -50*mV", reset="v = -65*mV", refractory=2 * ms, method="exact")
    cells.v = -70 * mV
    s = Synapses(
        inputs,
        cells,
        """w : amp
        dapre/dt = -apre/(20*ms) : amp (event-driven)
        dapost/dt = -apost/(20*ms) : amp (event-driven)""",
        on_pre="i_syn_post += w; apre += 0.005*12*pA; w = clip(w - apost, 0*pA, 12*pA)",
        on_post="apost += 0.00525*12*pA; w = clip(w + apre, 0*pA, 12*pA)",
        delay=1 * ms,
    )
    s.connect()
    s.w = "12*rand()*pA"
    return cells, [inputs, s]


MAKERS = {
    "coba-4k": lambda: coba(4000),
    "brunel-12k": lambda: brunel(12500, False),
    "brunel-12k-stdp": lambda: brunel(12500, True),
    "hh-1k": lambda: hh(1000),
    "izhikevich-1k": lambda: izhikevich(1000, None),
    "izhikevich-10k": lambda: izhikevich(10000, 100),
    "feedforward-stdp": feed_forward,
}

started = time.perf_counter()
cells, parts = MAKERS[CASE]()
spikes = SpikeMonitor(cells)
network = Network(cells, spikes, *parts)
network.run(WARM * ms)
network.run(MEASURED * ms)
device.build(directory=FOLDER, compile=True, run=True)
late = int(np.count_nonzero(np.asarray(spikes.t / ms) >= WARM))
print(
    json.dumps(
        {
            "version": brian2.__version__,
            "sim_s": device._last_run_time,
            "first_s": time.perf_counter() - started,
            "rate_hz": late / len(cells) / (MEASURED * 1e-3),
        }
    )
)
