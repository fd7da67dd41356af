"""Small, in Brian2.

Two populations, one of everything

The connections, weights, delays, initial states and stimuli are those of Spikeground's own run (seed 5) and
stand in small.npz beside this file: the same spikes should come out.

Written by Spikeground VERSION. Run it with `python small.py`; it needs Brian2, numpy and, for the figure, matplotlib.
"""

import argparse
from pathlib import Path

import brian2 as b2
import numpy as np

arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
arguments.add_argument("--result", type=Path, help="write spikes, traces and final weights to this NPZ file")
arguments.add_argument("--no-plot", action="store_true", help="show no figure")
arguments = arguments.parse_args()

# Numbers are in ms, mV, pA, pF and nS throughout (Hodgkin-Huxley per cm2, Izhikevich currents in mV/ms), without Brian2's units:
# so they are the very numbers of Spikeground.

# Conventions. So that every spike repeats, the neurons do not use Brian2's solvers: each group carries out Spikeground's own
# step, statement by statement, in the slot "groups". Brian2's default schedule (groups, thresholds, synapses) then fits: a spike
# of step k arrives after step k + delay has been integrated, and acts from the next step on. A delta synapse is part of the step
# that ends when it arrives, so it must be there before that step: one step sooner.

data = np.load(Path(__file__).resolve().parent / "small.npz")

title = "Small"
dt = 0.1  # ms, the step
n_steps = 400  # 40.0 ms
names = ["in", "E", "lambda"]
sizes = [3, 4, 1]
trace_labels = ["E.v[1] (mV)"]

# numpy needs no compiler; "cython" is faster in long runs of large networks.
b2.prefs.codegen.target = "numpy"
b2.prefs.codegen.cpp.extra_compile_args_gcc = ["-w", "-O3", "-ffp-contract=off"]  # same rounding as written
b2.prefs.codegen.loop_invariant_optimisations = False  # it would change the order of sums, and with it the rounding
b2.defaultclock.dt = dt * b2.ms
b2.BrianLogger.suppress_name("resolution_conflict")  # `dt` is ours (ms) outside and Brian2's inside of groups
b2.seed(0)
network = b2.Network()


def group(size, states, constants, update):
    """Neurons whose whole step, spike and reset included, is written out. Constants may be one number, or one a neuron."""
    each = {key: x for key, x in constants.items() if np.ndim(x) and not isinstance(x, b2.TimedArray)}
    shared = {key: x for key, x in constants.items() if key not in each}
    variables = "\n".join(f"{key} : 1" for key in [*states, *each])
    neurons = b2.NeuronGroup(size, variables + "\nspike : boolean", threshold="spike", namespace=shared)
    for key, x in {**states, **each}.items():
        setattr(neurons, key, x)
    neurons.run_regularly(update, when="groups")
    network.add(neurons)
    return neurons


def current_gain(tau_m, tau_s):
    """The constant current that moves v over a step as much as a current of 1 that decays with tau_s (Rotter & Diesmann 1999)."""
    x = dt * (1 / tau_m - 1 / tau_s)
    grown = np.where(np.abs(x) < 1e-9, 1 + x / 2, np.expm1(x) / np.where(x == 0, 1, x))
    return (dt * np.exp(-dt / tau_m) * grown / (-np.expm1(-dt / tau_m) * tau_m))[()]


def alpha_gain(tau_m, tau_s):
    """The same for the first state of an alpha current, which feeds the current itself."""
    x = dt * (1 / tau_m - 1 / tau_s)
    series = 1 / 2 + x * (1 / 3 + x * (1 / 8 + x * (1 / 30 + x * (1 / 144 + x * (1 / 840 + x / 5760)))))
    closed = (np.exp(x) * (x - 1) + 1) / np.where(x == 0, 1, x) ** 2
    grown = np.where(np.abs(x) < 1e-2, series, closed)
    return (dt * dt * np.exp(-dt / tau_m) * grown / (-np.expm1(-dt / tau_m) * tau_m))[()]


def sources(size, step, neuron, count, when="thresholds"):
    """Neurons that fire at given steps. Brian2's fire once a step at most: what comes several times comes from several copies."""
    copies = int(count.max(initial=1))
    copy = [np.full(np.count_nonzero(count > k), k) for k in range(copies)]
    fired = [np.flatnonzero(count > k) for k in range(copies)]
    index = np.concatenate([neuron[f].astype(int) + size * c for f, c in zip(fired, copy)])
    at = np.concatenate([step[f] for f in fired])
    # A step of Spikeground has the number of its end, one of Brian2 that of its start.
    neurons = b2.SpikeGeneratorGroup(size * copies, index, np.round((at - 1) * dt, 9) * b2.ms, when=when)
    network.add(neurons)
    return neurons


def copied(source, size, *columns):
    """Synapses of all copies of a source."""
    copies = len(source) // size
    pre = np.concatenate([columns[0].astype(int) + size * k for k in range(copies)])
    return (pre, *(np.tile(column, copies) for column in columns[1:]))


def connect(source, size, target, pre, post, weight, delay, effect):
    """One synapse for each entry of the arrays; delays in steps."""
    if pre.size == 0:
        return None
    pre, post, weight, delay = copied(source, size, pre, post, weight, delay)
    synapses = b2.Synapses(source, target, "weight : 1", on_pre=effect, method="exact")
    synapses.connect(i=pre.astype(int), j=post.astype(int))
    synapses.weight = weight
    synapses.pre.delay = delay * dt * b2.ms
    network.add(synapses)
    return synapses


def connect_stdp(source, size, target, pre, post, weight, delay, effect, rule, early=0):
    """Plastic synapses, with Spikeground's (and NEST's) conventions, which differ from Brian2's usual script:
    - the delay d is dendritic: a postsynaptic spike reaches the synapse d later, so that dt = t_post + d - t_pre. Both events are
      handled d later still (pre after d, post after 2d), when the weight is transmitted; nothing else ever sees it.
    - a pair at the same instant contributes nothing: `potentiate` sees the trace without it, and so does the depression.
    - a spike transmits the weight after its own update.
    `sent` is the weight as it was last transmitted; `early` is 1 where an arrival must be there one step sooner."""
    weakened = "a_minus * w_max * (weight / w_max)**mu_minus * y" if rule["mu_minus"] else "a_minus * w_max * y"
    strengthened = "a_plus * w_max * (1 - weight / w_max)**mu_plus * x" if rule["mu_plus"] else "a_plus * w_max * x"
    add = "1" if rule["nearest"] else "{} + 1"
    synapses = b2.Synapses(
        source,
        target,
        """weight : 1
        sent : 1
        dx/dt = -x / (tau_plus * ms) : 1 (event-driven)
        dy/dt = -y / (tau_minus * ms) : 1 (event-driven)""",
        on_pre=f"weight = clip(weight - {weakened}, 0, w_max)\nsent = weight\n{effect}\nx = {add.format('x')}",
        on_post={"potentiate": f"weight = clip(weight + {strengthened}, 0, w_max)", "mark": f"y = {add.format('y')}"},
        namespace={**rule, "ms": b2.ms},
    )
    if len(source) > size:
        raise SystemExit("a source of plastic synapses fires twice in one step, which Brian2 cannot repeat; use a smaller dt or another seed")
    synapses.connect(i=pre.astype(int), j=post.astype(int))
    synapses.weight = synapses.sent = weight
    synapses.pre.delay = (delay - early) * dt * b2.ms
    synapses.potentiate.delay = synapses.mark.delay = (2 * delay - early) * dt * b2.ms
    synapses.potentiate.order, synapses.pre.order, synapses.mark.order = -1, 0, 1
    network.add(synapses)
    return synapses


# --- Populations ---------------------------------------------------------------------------------------------------------------------
# in: 3 × Poisson source
#     number of spikes in a step ~ Poisson(ν · dt), independent for each neuron and step
in_2_step, in_2_neuron, in_2_count = (data[f"in_2.{k}"] for k in ("step", "neuron", "count"))
in_2 = sources(3, in_2_step, in_2_neuron, in_2_count)

# E: 4 × Leaky integrate-and-fire
#     C_m · dv/dt = −(C_m/τ_m)(v − E_L) + I_e + I_syn + I_stim
#     v ≥ V_th:  spike, v ← V_reset, held for t_ref
#     (L. Lapicque, J. Physiol. Pathol. Gen. 9:620 (1907))
E_current = data["E.current"]  # pA: step
E_course = b2.TimedArray(E_current, dt=dt * b2.ms)
E = group(
    4,
    {
        "v": data["E.v0"],
        "I_0": 0,
        "wait": 0,
    },
    {
        "stimulus": E_course,
        "e_l": -70.0,
        "v_th": -50.0,
        "v_reset": -65.0,
        "i_e": 400.0,
        "tick": dt,
        "decay_0": np.exp(-dt / 3.0),
        "gain_0": current_gain(20.0, 3.0),
        "decay": np.exp(-dt / 20.0),
        "drive": -np.expm1(-dt / 20.0) * 20.0 / data["E.c_m"],
        "hold": np.rint(2.0 / dt),
    },
    """
    inflow_0 = I_0 * gain_0
    current = i_e + (stimulus(t, 0) + inflow_0)
    I_0 = I_0 * decay_0
    relaxed = e_l + (v - e_l) * decay + current * drive
    free = int(wait <= 0)
    v = (1 - free) * v + free * (relaxed)
    spike = v >= v_th and wait <= 0
    fired = int(spike)
    v = fired * v_reset + (1 - fired) * v
    wait = fired * hold + (1 - fired) * clip(wait - 1, 0, 1e9)
""",
)

# lambda: 1 × Leaky integrate-and-fire
#     C_m · dv/dt = −(C_m/τ_m)(v − E_L) + I_e + I_syn + I_stim
#     v ≥ V_th:  spike, v ← V_reset, held for t_ref
#     (L. Lapicque, J. Physiol. Pathol. Gen. 9:620 (1907))
lambda_2 = group(
    1,
    {
        "v": -70.0,
        "I_0": 0,
        "wait": 0,
    },
    {
        "e_l": -70.0,
        "v_th": -50.0,
        "v_reset": -65.0,
        "i_e": 0.0,
        "tick": dt,
        "decay_0": np.exp(-dt / 3.0),
        "gain_0": current_gain(20.0, 3.0),
        "decay": np.exp(-dt / 20.0),
        "drive": -np.expm1(-dt / 20.0) * 20.0 / 200.0,
        "hold": np.rint(2.0 / dt),
    },
    """
    inflow_0 = I_0 * gain_0
    current = i_e + (0 + inflow_0)
    I_0 = I_0 * decay_0
    relaxed = e_l + (v - e_l) * decay + current * drive
    free = int(wait <= 0)
    v = (1 - free) * v + free * (relaxed)
    spike = v >= v_th and wait <= 0
    fired = int(spike)
    v = fired * v_reset + (1 - fired) * v
    wait = fired * hold + (1 - fired) * clip(wait - 1, 0, 1e9)
""",
)

# --- Projections ---------------------------------------------------------------------------------------------------------------------
# in → E: 12 synapses, all to all, exponential current
in_to_E_pre, in_to_E_post = data["in_to_E.pre"], data["in_to_E.post"]
in_to_E_weight = data["in_to_E.weight"]  # pA
in_to_E_delay = data["in_to_E.delay"]  # steps of dt
in_to_E_rule = {"a_plus": 0.005, "a_minus": 0.00525, "tau_plus": 20.0, "tau_minus": 20.0, "mu_plus": 0.0, "mu_minus": 0.0, "w_max": 60.0, "nearest": False}
in_to_E = connect_stdp(in_2, 3, E, in_to_E_pre, in_to_E_post, in_to_E_weight, in_to_E_delay, "I_0_post += weight", in_to_E_rule)

# E → lambda: 4 synapses, all to all, exponential current
E_to_lambda_pre, E_to_lambda_post = data["E_to_lambda.pre"], data["E_to_lambda.post"]
E_to_lambda_weight = data["E_to_lambda.weight"]  # pA
E_to_lambda_delay = data["E_to_lambda.delay"]  # steps of dt
E_to_lambda = connect(E, 4, lambda_2, E_to_lambda_pre, E_to_lambda_post, E_to_lambda_weight, E_to_lambda_delay, "I_0_post += weight")

# --- Stimuli -------------------------------------------------------------------------------------------------------------------------
# kicks: Spikes at listed times (ms), to one neuron each or to all when no neuron is named; its spikes arrive in the very step they are drawn for
kicks_step, kicks_neuron, kicks_count = (data[f"kicks.{k}"] for k in ("step", "neuron", "count"))
kicks = sources(1, kicks_step, kicks_neuron, kicks_count, when="start")
kicks_synapses = connect(kicks, 1, lambda_2, np.arange(1), np.arange(1), np.full(1, 500.0), np.zeros(1), "I_0_post += weight")

# --- The run -------------------------------------------------------------------------------------------------------------------------
spike_monitors = [b2.SpikeMonitor(neurons) for neurons in (in_2, E, lambda_2,)]
trace_monitors = [
    b2.StateMonitor(E, "v", record=[1], when="end"),
]
network.add(spike_monitors, trace_monitors)


def report(elapsed, completed, start, duration):
    print(f"progress {completed:.3f}", flush=True)


network.run(n_steps * dt * b2.ms, report=report, report_period=0.5 * b2.second)

# Brian2 stamps a spike with the start of its step, Spikeground with the end: one step later.
step, neuron, first = np.array([], dtype=int), np.array([], dtype=int), 0
for monitor, size in zip(spike_monitors, sizes):
    step = np.concatenate([step, np.rint(np.asarray(monitor.t / b2.ms) / dt).astype(int) + 1])
    neuron = np.concatenate([neuron, np.asarray(monitor.i) % size + first])
    first += size
traces = [getattr(monitor, key)[0] for monitor, key in zip(trace_monitors, ["v"])]
weights = {
    "in_to_E": (np.array(in_to_E.i), np.array(in_to_E.j), np.array(in_to_E.sent), in_to_E_delay),
}
engine, version = "brian2", b2.__version__
rank, n_processes = 0, 1

# --- What came out -------------------------------------------------------------------------------------------------------------------
# Spikes carry the number of the step at whose end they fall (time = step * dt); neurons are counted through all populations.
order = np.lexsort((neuron, step))
step, neuron = step[order], neuron[order]
first = 0
for name, size in zip(names, sizes):
    n = np.count_nonzero((neuron >= first) & (neuron < first + size))
    print(f"{name}: {n} spikes, {n / size / (n_steps * dt * 1e-3):.3f} a second and neuron")
    first += size

# Is it the same run? Every spike of Spikeground's own run is in the data file.
if n_processes == 1:
    ours = np.unique(data["spikes.step"] * sum(sizes) + data["spikes.neuron"])
    differing = np.setxor1d(ours, np.unique(step * sum(sizes) + neuron))
    if differing.size:
        print(f"first spike that differs from Spikeground's: at {differing.min() // sum(sizes) * dt:.4f} ms")
    else:
        print("every spike equals Spikeground's")

if arguments.result:
    arrays = {"step": step, "neuron": neuron, "engine": np.array(engine), "engine_version": np.array(version)}
    arrays.update({f"trace.{i}": values for i, values in enumerate(traces)})
    for name, (pre, post, weight, delay) in weights.items():
        arrays.update({f"{name}.pre": pre, f"{name}.post": post, f"{name}.weight": weight, f"{name}.delay": delay})
    np.savez(arguments.result.with_suffix(f".{rank}.npz"), **arrays)  # one file a process

if not arguments.no_plot:
    import matplotlib.pyplot as plt  # pip install matplotlib

    figure, axes = plt.subplots(1 + bool(traces), 1, sharex=True, squeeze=False, figsize=(9, 6))
    axes[0, 0].plot(step * dt, neuron, "|", markersize=3, color="black")
    axes[0, 0].set(title=title, ylabel="neuron")
    for values, label in zip(traces, trace_labels):
        axes[1, 0].plot(np.arange(1, len(values) + 1) * dt, values, label=label, linewidth=1)
    if traces:
        axes[1, 0].legend()
    axes[-1, 0].set(xlabel="time (ms)")
    plt.show()
