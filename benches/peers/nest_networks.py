"""The benchmark networks in NEST (one thread).

    python nest_networks.py CASE WARM_UP_MS MEASURED_MS

Prints one JSON object; times are CPU seconds of the process. Parameters are those of `spikeground bench` (crates/core/src/bench/cases.rs).
Hodgkin-Huxley is left out: NEST has no such model with the equations of 1952 and conductance synapses.
"""

import json
import sys
import time

import nest
import numpy as np

CASE, WARM, MEASURED = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
RNG = np.random.default_rng(42)


def kernel(dt):
    nest.ResetKernel()
    nest.set_verbosity("M_ERROR")
    nest.SetKernelStatus({"resolution": dt, "local_num_threads": 1, "rng_seed": 42})


def coba(n):
    kernel(0.1)
    cells = nest.Create(
        "iaf_cond_exp",
        n,
        {"E_L": -60.0, "V_reset": -60.0, "V_th": -50.0, "t_ref": 5.0, "C_m": 200.0, "g_L": 10.0, "E_ex": 0.0, "E_in": -80.0, "tau_syn_ex": 5.0, "tau_syn_in": 10.0},
    )
    cells.V_m = nest.random.normal(-55.0, 5.0)
    e, i = cells[: n * 4 // 5], cells[n * 4 // 5 :]
    rule = {"rule": "pairwise_bernoulli", "p": 80 / n}
    nest.Connect(e, cells, rule, {"weight": 6.0, "delay": 0.1})
    nest.Connect(i, cells, rule, {"weight": -67.0, "delay": 0.1})
    kick = nest.Create("poisson_generator", params={"rate": 300.0, "stop": 50.0})
    nest.Connect(kick, cells, syn_spec={"weight": 6.0, "delay": 0.1})
    return cells


def brunel(n, learning):
    kernel(0.1)
    cells = nest.Create(
        "iaf_psc_delta", n, {"E_L": 0.0, "V_reset": 10.0, "V_th": 20.0, "t_ref": 2.0, "tau_m": 20.0, "C_m": 200.0, "tau_minus": 20.0}
    )
    cells.V_m = nest.random.uniform(0.0, 20.0)
    e, i = cells[: n * 4 // 5], cells[n * 4 // 5 :]
    external = nest.Create("poisson_generator", params={"rate": 20000.0})
    nest.Connect(external, cells, syn_spec={"weight": 0.1, "delay": 0.1})
    from_e, from_i = ({"rule": "fixed_indegree", "indegree": k, "allow_multapses": False, "allow_autapses": False} for k in (n * 8 // 100, n * 2 // 100))
    static = {"weight": 0.1, "delay": 1.5}
    if learning:
        rule = {
            "synapse_model": "stdp_synapse",
            "weight": nest.random.normal(0.1, 0.01),
            "delay": 1.5,
            "Wmax": 0.2,
            "lambda": 1e-4,
            "alpha": 1.05,
            "mu_plus": 0.0,
            "mu_minus": 0.0,
            "tau_plus": 20.0,
        }
        nest.Connect(e, e, from_e, rule)
        nest.Connect(e, i, from_e, static)
    else:
        nest.Connect(e, cells, from_e, static)
    nest.Connect(i, cells, from_i, {"weight": -0.5, "delay": 1.5})
    return cells


def izhikevich(n, k):
    kernel(1.0)
    excitatory = n * 4 // 5
    r, is_e = RNG.random(n), np.arange(n) < excitatory
    cells = nest.Create("izhikevich", n, {"consistent_integration": False})
    cells.a = np.where(is_e, 0.02, 0.02 + 0.08 * r)
    cells.b = np.where(is_e, 0.2, 0.25 - 0.05 * r)
    cells.c = np.where(is_e, -65 + 15 * r**2, -65.0)
    cells.d = np.where(is_e, 8 - 6 * r**2, 2.0)
    cells.V_m = -65.0
    cells.U_m = np.where(is_e, 0.2, 0.25 - 0.05 * r) * -65.0
    for part, sd in ((cells[:excitatory], 5.0), (cells[excitatory:], 2.0)):
        noise = nest.Create("noise_generator", params={"std": sd, "dt": 1.0})
        nest.Connect(noise, part, syn_spec={"delay": 1.0})
    scale = 1.0 if k is None else 0.2 * 1000 / k
    rule = "all_to_all" if k is None else {"rule": "pairwise_bernoulli", "p": k / n}
    nest.Connect(cells[:excitatory], cells, rule, {"weight": nest.random.uniform(0.0, 0.5 * scale), "delay": 1.0})
    nest.Connect(cells[excitatory:], cells, rule, {"weight": nest.random.uniform(-scale, 0.0), "delay": 1.0})
    return cells


def feed_forward():
    kernel(1.0)
    generator = nest.Create("poisson_generator", params={"rate": 15.0})
    inputs = nest.Create("parrot_neuron", 500)
    nest.Connect(generator, inputs, syn_spec={"delay": 1.0})
    cells = nest.Create(
        "iaf_psc_exp",
        1000,
        {"E_L": -70.0, "V_m": -70.0, "V_th": -50.0, "V_reset": -65.0, "t_ref": 2.0, "tau_m": 20.0, "C_m": 200.0, "tau_syn_ex": 5.0, "tau_minus": 20.0},
    )
    rule = {
        "synapse_model": "stdp_synapse",
        "weight": nest.random.uniform(0.0, 12.0),
        "delay": 1.0,
        "Wmax": 12.0,
        "lambda": 0.005,
        "alpha": 1.05,
        "mu_plus": 0.0,
        "mu_minus": 0.0,
        "tau_plus": 20.0,
    }
    nest.Connect(inputs, cells, "all_to_all", rule)
    return cells


MAKERS = {
    "coba-4k": lambda: coba(4000),
    "brunel-12k": lambda: brunel(12500, False),
    "brunel-12k-stdp": lambda: brunel(12500, True),
    "izhikevich-1k": lambda: izhikevich(1000, None),
    "izhikevich-10k": lambda: izhikevich(10000, 100),
    "feedforward-stdp": feed_forward,
}

started = time.process_time()
cells = MAKERS[CASE]()
recorder = nest.Create("spike_recorder")
nest.Connect(cells, recorder)
build = time.process_time() - started
nest.Simulate(WARM)
before = recorder.n_events
started = time.process_time()
nest.Simulate(MEASURED)
spent = time.process_time() - started
print(
    json.dumps(
        {
            "version": nest.__version__,
            "sim_s": spent,
            "build_s": build,
            "rate_hz": (recorder.n_events - before) / len(cells) / (MEASURED * 1e-3),
        }
    )
)
