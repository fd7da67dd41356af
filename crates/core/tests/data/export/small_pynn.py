"""Small, in PyNN.

Two populations, one of everything

Connections, weights and noise are drawn here by the same rules, not with the same random numbers: expect the
same statistics, not the same spikes. (An exact export repeats them spike by spike.)

Written by Spikeground VERSION. Run it with `python small.py`; it needs PyNN, numpy and, for the figure, matplotlib.
"""

import argparse
from pathlib import Path

import importlib
import os

import numpy as np

arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
arguments.add_argument("--result", type=Path, help="write spikes, traces and final weights to this NPZ file")
arguments.add_argument("--no-plot", action="store_true", help="show no figure")
arguments.add_argument("--simulator", default="neuron", help="neuron, nest or brian2")
arguments = arguments.parse_args()

# PyNN's units: ms, mV, nF, nA and uS. The simulator is chosen with --simulator: neuron (which also runs under mpirun, each
# process writing the spikes of its own neurons), nest or brian2.
# Conventions. NEURON integrates the cells with its own implicit method, where Spikeground is exact on the grid: expect spikes
# that differ by a step, and in a recurrent network runs that drift apart.

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

longest_delay = 12  # steps
parallel = arguments.simulator == "neuron" and {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"} & os.environ.keys()
if parallel:
    from neuron import h

    h.nrnmpi_init()  # under mpirun: before PyNN asks how many processes there are
sim = importlib.import_module(f"pyNN.{arguments.simulator}")
sim.setup(timestep=dt, min_delay=dt, max_delay=longest_delay * dt)


def sources(n, step, neuron, count, early=0):
    """Neurons that fire at given steps, or `early` steps sooner where the way to a target takes one. NEURON's sources fire once at a time:
    what comes several times comes from several copies."""
    copies = []
    for k in range(int(count.max(initial=1))):
        more = np.flatnonzero(count > k)
        order = more[np.lexsort((step[more], neuron[more]))]
        bounds = np.searchsorted(neuron[order], np.arange(n + 1))
        times = [list(np.round((step[mine] - early) * dt, 6)) for mine in np.split(order, bounds[1:-1])]
        copies.append(sim.Population(n, sim.SpikeSourceArray(spike_times=times)))
    return copies


def play(current, cells):
    """A current (nA) that changes from step to step: one column for all neurons, or one for each."""
    for i, values in enumerate(current.T):
        changes = np.flatnonzero(np.diff(values, prepend=0.0))
        source = sim.StepCurrentSource(times=np.round(changes * dt, 6), amplitudes=values[changes])
        source.inject_into(cells if current.shape[1] == 1 else cells[i : i + 1])


def connect(source, target, pre, post, weight, delay, receptor=None):
    """One synapse for each entry of the arrays; delays in steps. Without a receptor the sign of the weight chooses it."""
    by_receptor = {receptor: np.ones(pre.size, dtype=bool)} if receptor else {"excitatory": weight >= 0, "inhibitory": weight < 0}
    for name, chosen in by_receptor.items():
        if np.any(chosen):
            rows = np.column_stack([pre, post, weight, np.round(delay * dt, 6)])[chosen]
            for copy in source if isinstance(source, list) else [source]:
                sim.Projection(copy, target, sim.FromListConnector(rows), sim.StaticSynapse(), receptor_type=name)


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
E = sim.Population(4, sim.IF_curr_exp(
    tau_syn_E=3.0,
    cm=E_c_m * 1e-3,
    tau_m=20.0,
    v_rest=-70.0,
    v_thresh=-50.0,
    v_reset=-65.0,
    tau_refrac=2.0,
    i_offset=(400.0) * 1e-3,
), label="E")
E.initialize(v=rng.uniform(-60.0, -51.0, 4))
play(E_current * 1e-3, E)

# lambda: 1 × Leaky integrate-and-fire
#     C_m · dv/dt = −(C_m/τ_m)(v − E_L) + I_e + I_syn + I_stim
#     v ≥ V_th:  spike, v ← V_reset, held for t_ref
#     (L. Lapicque, J. Physiol. Pathol. Gen. 9:620 (1907))
lambda_2 = sim.Population(1, sim.IF_curr_exp(
    tau_syn_E=3.0,
    cm=200.0 * 1e-3,
    tau_m=20.0,
    v_rest=-70.0,
    v_thresh=-50.0,
    v_reset=-65.0,
    tau_refrac=2.0,
    i_offset=(0.0) * 1e-3,
), label="lambda_2")
lambda_2.initialize(v=-70.0)

# --- Projections ---------------------------------------------------------------------------------------------------------------------
# in → E: 12 synapses, all to all, exponential current
in_to_E_pre, in_to_E_post = all_pairs(3, 4, self_connections=True)
in_to_E_weight = np.full(in_to_E_pre.size, 30.0)  # pA
in_to_E_delay = np.maximum(np.rint(np.full(in_to_E_pre.size, 0.5) / dt), 1).astype(int)  # ms, as steps of dt
connect(in_2, E, in_to_E_pre, in_to_E_post, 0.001 * in_to_E_weight, in_to_E_delay)

# E → lambda: 4 synapses, all to all, exponential current
E_to_lambda_pre, E_to_lambda_post = all_pairs(4, 1, self_connections=True)
E_to_lambda_weight = np.full(E_to_lambda_pre.size, 40.0)  # pA
E_to_lambda_delay = np.maximum(np.rint(rng.uniform(0.5, 2.0, E_to_lambda_pre.size) / dt), 1).astype(int)  # ms, as steps of dt
connect(E, lambda_2, E_to_lambda_pre, E_to_lambda_post, 0.001 * E_to_lambda_weight, E_to_lambda_delay)

# kicks: Spikes at listed times (ms), to one neuron each or to all when no neuron is named
kicks_step = np.array([50, 95], dtype=int)  # steps of dt
kicks_neuron = np.array([0, 0], dtype=int)
kicks_count = np.ones(kicks_step.size, dtype=int)
kicks = sources(1, kicks_step, kicks_neuron, kicks_count, early=1)
connect(kicks, lambda_2, np.arange(1), np.arange(1), np.full(1, 0.5), np.ones(1))

# --- The run -------------------------------------------------------------------------------------------------------------------------
populations = [in_2, E, lambda_2]
for cells in populations:
    for copy in cells if isinstance(cells, list) else [cells]:
        copy.record("spikes")
meter_0 = E[1:2]
meter_0.record("v", sampling_interval=dt)
done = 0
while done < n_steps:
    done = min(done + max(n_steps // 50, 1), n_steps)
    sim.run_until(done * dt)
    print(f"progress {done / n_steps:.3f}", flush=True)
sim.run_until((n_steps + 1) * dt)  # the spikes of the last step

# Each process keeps the spikes of its own neurons.
step, neuron, first = [], [], 0
for cells, size in zip(populations, sizes):
    for copy in cells if isinstance(cells, list) else [cells]:
        for train in copy.get_data("spikes", gather=False).segments[0].spiketrains:
            k = np.rint(np.asarray(train.magnitude) / dt).astype(int)
            step.append(k)
            neuron.append(np.full(k.size, first + int(train.annotations["source_index"])))
    first += size
step, neuron = np.concatenate([[], *step]).astype(int), np.concatenate([[], *neuron]).astype(int)
keep = (step >= 1) & (step <= n_steps)
step, neuron = step[keep], neuron[keep]
traces = []
signals = meter_0.get_data("v", gather=False).segments[0].analogsignals
traces.append(np.asarray(signals[0].magnitude)[1 : n_steps + 1, 0] if signals else np.array([]))
weights = {}
engine = arguments.simulator
version = getattr(importlib.import_module(engine), "__version__", "")
rank, n_processes = sim.rank(), sim.num_processes()

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

sim.end()
if parallel:
    h.quit()  # ends MPI, too
