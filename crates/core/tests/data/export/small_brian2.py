"""Small, in Brian2.

Two populations, one of everything

Connections, weights and noise are drawn here by the same rules, not with the same random numbers: expect the
same statistics, not the same spikes. (An exact export repeats them spike by spike.)

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

# Brian2's solvers and schedule are used as they are: spikes may differ by a step from Spikeground's.

rng = np.random.default_rng(5)

title = "Small"
dt = 0.1  # ms, the step
n_steps = 400  # 40.0 ms
names = ["in", "E", "lambda"]
sizes = [3, 4, 1]
trace_labels = ["E.v[1] (mV)"]


def all_pairs(n_pre, n_post, self_connections):
    """Every neuron to every neuron."""
    pre, post = np.divmod(np.arange(n_pre * n_post), n_post)
    keep = slice(None) if self_connections else pre != post
    return pre[keep], post[keep]


def random_pairs(n_pre, n_post, p, self_connections):
    """Each pair with probability p; p may be a function of the two indices."""
    pre, post = [], []
    for i in range(n_pre):
        j = np.arange(n_post)
        chosen = rng.random(n_post) < (p(i, j) if callable(p) else p)
        if not self_connections:
            chosen &= j != i
        post.append(np.flatnonzero(chosen))
        pre.append(np.full(post[-1].size, i))
    return np.concatenate(pre), np.concatenate(post)


def in_degree_pairs(n_pre, n_post, k, self_connections):
    """Exactly k different inputs for every neuron."""
    pre = []
    for j in range(n_post):
        sources = np.arange(n_pre) if self_connections else np.delete(np.arange(n_pre), j)
        pre.append(rng.choice(sources, min(k, sources.size), replace=False))
    return np.concatenate(pre), np.repeat(np.arange(n_post), [len(p) for p in pre])


def ring_distance(i, n, j, m):
    """Degrees between neuron i of n and neuron j of m, both populations placed around one ring."""
    d = np.abs(i / n - j / m) * 360.0
    return np.minimum(d, 360.0 - d)


def normal(mean, sd, n):
    """Normal, but never of the other sign than its mean (Dale's law)."""
    x = rng.normal(mean, sd, n)
    return np.maximum(x, 0.0) if mean > 0 else np.minimum(x, 0.0) if mean < 0 else x


def log_normal(mean, sd, n):
    """Log-normal with this mean and standard deviation of the values themselves."""
    s2 = np.log1p((sd / abs(mean)) ** 2)
    return np.copysign(rng.lognormal(np.log(abs(mean)) - s2 / 2, np.sqrt(s2), n), mean)


def poisson_spikes(rate, n, first=0, last=None):
    """Poisson spikes at `rate` (Hz) for each of n neurons: step (from 1), neuron, how many at once."""
    counts = rng.poisson(rate * 1e-3 * dt, (n_steps, n))
    counts[:first] = 0
    counts[last:] = 0
    step, neuron = np.nonzero(counts)
    return step + 1, neuron, counts[step, neuron]

b2.defaultclock.dt = dt * b2.ms
b2.BrianLogger.suppress_name("resolution_conflict")  # `dt` is ours (ms) outside and Brian2's inside of groups
b2.seed(0)
network = b2.Network()


def group(size, states, constants, equations, **more):
    """Neurons that follow differential equations. Constants may be one number, or one a neuron."""
    each = {key: x for key, x in constants.items() if np.ndim(x) and not isinstance(x, b2.TimedArray)}
    shared = {key: x for key, x in constants.items() if key not in each}
    neurons = b2.NeuronGroup(size, equations + "".join(f"\n{key} : 1" for key in each), namespace={**shared, "ms": b2.ms}, **more)
    for key, x in {**states, **each}.items():
        setattr(neurons, key, x)
    network.add(neurons)
    return neurons


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
in_2_step, in_2_neuron, in_2_count = poisson_spikes(100.0, 3)  # Hz
in_2 = sources(3, in_2_step, in_2_neuron, in_2_count)

# E: 4 × Leaky integrate-and-fire
#     C_m · dv/dt = −(C_m/τ_m)(v − E_L) + I_e + I_syn + I_stim
#     v ≥ V_th:  spike, v ← V_reset, held for t_ref
#     (L. Lapicque, J. Physiol. Pathol. Gen. 9:620 (1907))
E_c_m = np.clip(rng.normal(200.0, 5.0, 4), 0.001, 1000000.0)  # pF
moments = np.arange(n_steps) * dt  # ms, starts of the steps
E_current = np.zeros((n_steps, 1))  # pA
# step: I(t) = I for t_on ≤ t < t_off, else 0
E_current[:] += 100.0 * ((np.arange(n_steps) >= 100) & (np.arange(n_steps) < 200))[:, None]
E_course = b2.TimedArray(E_current, dt=dt * b2.ms)
E = group(
    4,
    {
        "v": rng.uniform(-60.0, -51.0, 4),
    },
    {
        "stimulus": E_course,
        "c_m": E_c_m,
        "e_l": -70.0,
        "v_th": -50.0,
        "v_reset": -65.0,
        "i_e": 400.0,
        "tau_m": 20.0,
        "t_ref": 2.0,
    },
    """
    dv/dt = ((e_l - v) / tau_m + (i_e + stimulus(t, 0) + I_0) / c_m) / ms : 1 (unless refractory)
    dI_0/dt = -I_0 / (3.0 * ms) : 1
""",
    threshold="v >= v_th",
    reset="v = v_reset",
    refractory="t_ref * ms + dt",
    method="exponential_euler",
)

# lambda: 1 × Leaky integrate-and-fire
#     C_m · dv/dt = −(C_m/τ_m)(v − E_L) + I_e + I_syn + I_stim
#     v ≥ V_th:  spike, v ← V_reset, held for t_ref
#     (L. Lapicque, J. Physiol. Pathol. Gen. 9:620 (1907))
lambda_2 = group(
    1,
    {
        "v": -70.0,
    },
    {
        "c_m": 200.0,
        "e_l": -70.0,
        "v_th": -50.0,
        "v_reset": -65.0,
        "i_e": 0.0,
        "tau_m": 20.0,
        "t_ref": 2.0,
    },
    """
    dv/dt = ((e_l - v) / tau_m + (i_e + I_0) / c_m) / ms : 1 (unless refractory)
    dI_0/dt = -I_0 / (3.0 * ms) : 1
""",
    threshold="v >= v_th",
    reset="v = v_reset",
    refractory="t_ref * ms + dt",
    method="exact",
)

# --- Projections ---------------------------------------------------------------------------------------------------------------------
# in → E: 12 synapses, all to all, exponential current
in_to_E_pre, in_to_E_post = all_pairs(3, 4, self_connections=True)
in_to_E_weight = np.full(in_to_E_pre.size, 30.0)  # pA
in_to_E_delay = np.maximum(np.rint(np.full(in_to_E_pre.size, 0.5) / dt), 1).astype(int)  # ms, as steps of dt
in_to_E_rule = {"a_plus": 0.005, "a_minus": 0.00525, "tau_plus": 20.0, "tau_minus": 20.0, "mu_plus": 0.0, "mu_minus": 0.0, "w_max": 60.0, "nearest": False}
in_to_E = connect_stdp(in_2, 3, E, in_to_E_pre, in_to_E_post, in_to_E_weight, in_to_E_delay, "I_0_post += weight", in_to_E_rule)

# E → lambda: 4 synapses, all to all, exponential current
E_to_lambda_pre, E_to_lambda_post = all_pairs(4, 1, self_connections=True)
E_to_lambda_weight = np.full(E_to_lambda_pre.size, 40.0)  # pA
E_to_lambda_delay = np.maximum(np.rint(rng.uniform(0.5, 2.0, E_to_lambda_pre.size) / dt), 1).astype(int)  # ms, as steps of dt
E_to_lambda = connect(E, 4, lambda_2, E_to_lambda_pre, E_to_lambda_post, E_to_lambda_weight, E_to_lambda_delay, "I_0_post += weight")

# --- Stimuli -------------------------------------------------------------------------------------------------------------------------
# kicks: Spikes at listed times (ms), to one neuron each or to all when no neuron is named; its spikes arrive in the very step they are drawn for
kicks_step = np.array([50, 95], dtype=int)  # steps of dt
kicks_neuron = np.array([0, 0], dtype=int)
kicks_count = np.ones(kicks_step.size, dtype=int)
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
