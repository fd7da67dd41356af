"""Small, in NEST.

Two populations, one of everything

The connections, weights, delays, initial states and stimuli are those of Spikeground's own run (seed 5) and
stand in small.npz beside this file: the same spikes should come out.

Written by Spikeground VERSION. Run it with `python small.py`; it needs NEST, numpy and, for the figure, matplotlib.
"""

import argparse
from pathlib import Path

import nest
import numpy as np

arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
arguments.add_argument("--result", type=Path, help="write spikes, traces and final weights to this NPZ file")
arguments.add_argument("--no-plot", action="store_true", help="show no figure")
arguments = arguments.parse_args()

# Conventions. Both programs stamp a spike with the end of the step in which the threshold is crossed, deliver it a whole number
# of steps later, and let it act from then on; so no time needs to be shifted, but for one thing:
# NEST's generators reach a neuron one or two steps after they are switched on. All of them therefore start after a lead-in of
# LEAD steps, in which nothing happens; then the neurons get their initial state, and step 0 begins.

data = np.load(Path(__file__).resolve().parent / "small.npz")

title = "Small"
dt = 0.1  # ms, the step
n_steps = 400  # 40.0 ms
names = ["in", "E", "lambda"]
sizes = [3, 4, 1]
trace_labels = ["E.v[1] (mV)"]

LEAD = 2  # steps
nest.ResetKernel()
nest.verbosity = nest.VerbosityLevel.WARNING
nest.resolution = dt  # ms


def time(k):
    """NEST's time of step k, free of rounding noise."""
    return np.round((LEAD + np.asarray(k)) * dt, 6)


def generators(n, step, neuron, count):
    """One spike generator for each of n neurons; a spike leaves one step early, for the way to the neuron takes one."""
    sources = nest.Create("spike_generator", n)
    order = np.argsort(neuron, kind="stable")
    bounds = np.searchsorted(neuron[order], np.arange(n + 1))
    for source, first, last in zip(sources, bounds, bounds[1:]):
        mine = order[first:last]
        source.set(spike_times=time(step[mine] - 1), spike_multiplicities=count[mine].astype(int))
    return sources


def replay_current(current, population):
    """A current that changes from step to step: one column for all neurons, or one for each."""
    sources = nest.Create("step_current_generator", current.shape[1])
    for source, values in zip(sources, current.T):
        changes = np.flatnonzero(np.diff(values, prepend=0.0))
        source.set(amplitude_times=time(changes - 1), amplitude_values=values[changes])
    rule = "all_to_all" if current.shape[1] == 1 else "one_to_one"
    nest.Connect(sources, population, rule, {"delay": dt})


def connect(source, target, pre, post, model, weight, delay, receptor=0):
    """One synapse for each entry of the arrays; delays in steps."""
    if pre.size == 0:
        return
    nest.Connect(
        np.array(source.tolist())[pre],
        np.array(target.tolist())[post],
        "one_to_one",
        {"synapse_model": model, "weight": weight, "delay": np.round(delay * dt, 6), "receptor_type": receptor},
    )


def steps(times):
    """Step numbers of recorded times."""
    return np.rint(np.asarray(times) / dt).astype(int) - LEAD


def recorded_spikes(recorder):
    """Step and number of the neuron, counted through all populations, of each spike of this process."""
    step, sender = steps(recorder.events["times"]), recorder.events["senders"]
    neuron = np.full(sender.size, -1)
    first = 0
    for population in populations:
        ids = np.array(population.tolist())
        mine = (sender >= ids[0]) & (sender <= ids[-1])
        neuron[mine] = sender[mine] - ids[0] + first
        first += ids.size
    keep = (step >= 1) & (step <= n_steps) & (neuron >= 0)
    return step[keep], neuron[keep]


def trace(meter):
    """The recorded values at the ends of steps 1, 2, ...; nothing on a process that does not hold the neuron."""
    events = meter.events
    values = events[meter.record_from[0]]
    step = steps(events["times"])
    keep = (step >= 1) & (step <= n_steps)
    return values[keep][np.argsort(step[keep])]


def upward_crossings(meter, population, start, first):
    """Steps in which v crosses 0 mV upwards, from a recording of every step."""
    events, found = meter.events, ([], [])
    step = steps(events["times"])
    for i, neuron in enumerate(population.tolist()):
        mine = (events["senders"] == neuron) & (step >= 1) & (step <= n_steps)
        order = np.argsort(step[mine])
        v = np.concatenate([[np.broadcast_to(start, len(population))[i]], events["V_m"][mine][order]])
        crossed = step[mine][order][(v[:-1] < 0) & (v[1:] >= 0)]
        found[0].append(crossed)
        found[1].append(np.full(crossed.size, first + i))
    return np.concatenate(found[0]), np.concatenate(found[1])


def final_weights(source, target, model, factor=1.0):
    """From, to, weight and delay (steps) of each plastic synapse of this process; weights as they were last transmitted."""
    synapses = nest.GetConnections(source, target, synapse_model=model)
    if len(synapses) == 0:
        return (np.array([]),) * 4
    values = synapses.get(["source", "target", "weight", "delay"])
    column = {key: np.atleast_1d(value) for key, value in values.items()}
    pre, post = column["source"] - source.tolist()[0], column["target"] - target.tolist()[0]
    return pre, post, column["weight"] / factor, np.rint(column["delay"] / dt).astype(int)



# --- Populations ---------------------------------------------------------------------------------------------------------------------
# in: 3 × Poisson source
#     number of spikes in a step ~ Poisson(ν · dt), independent for each neuron and step
in_2_step, in_2_neuron, in_2_count = (data[f"in_2.{k}"] for k in ("step", "neuron", "count"))
in_2 = nest.Create("parrot_neuron", 3)
nest.Connect(generators(3, in_2_step, in_2_neuron, in_2_count), in_2, "one_to_one", {"delay": dt})

# E: 4 × Leaky integrate-and-fire
#     C_m · dv/dt = −(C_m/τ_m)(v − E_L) + I_e + I_syn + I_stim
#     v ≥ V_th:  spike, v ← V_reset, held for t_ref
#     (L. Lapicque, J. Physiol. Pathol. Gen. 9:620 (1907))
E = nest.Create("iaf_psc_exp", 4)
E.set(
    C_m=data["E.c_m"],  # pF
    E_L=-70.0,  # mV
    V_th=-50.0,  # mV
    V_reset=-65.0,  # mV
    t_ref=2.0,  # ms
    tau_m=20.0,  # ms
    tau_syn_ex=3.0,  # ms
    tau_minus=20.0,  # ms
)

# lambda: 1 × Leaky integrate-and-fire
#     C_m · dv/dt = −(C_m/τ_m)(v − E_L) + I_e + I_syn + I_stim
#     v ≥ V_th:  spike, v ← V_reset, held for t_ref
#     (L. Lapicque, J. Physiol. Pathol. Gen. 9:620 (1907))
lambda_2 = nest.Create("iaf_psc_exp", 1)
lambda_2.set(
    C_m=200.0,  # pF
    E_L=-70.0,  # mV
    V_th=-50.0,  # mV
    V_reset=-65.0,  # mV
    t_ref=2.0,  # ms
    tau_m=20.0,  # ms
    tau_syn_ex=3.0,  # ms
)

# --- Projections ---------------------------------------------------------------------------------------------------------------------
# in → E: 12 synapses, all to all, exponential current
in_to_E_pre, in_to_E_post = data["in_to_E.pre"], data["in_to_E.post"]
in_to_E_weight = data["in_to_E.weight"]  # pA
in_to_E_delay = data["in_to_E.delay"]  # steps of dt
# NEST's rule is ours: the delay counts as dendritic, a pair at the same instant contributes nothing, and the weight
# that a spike transmits is the one after its own update. lambda is A+, alpha is A-/A+.
nest.CopyModel("stdp_synapse", "in_to_E_stdp", {
    "lambda": 0.005,
    "alpha": 1.05,
    "mu_plus": 0.0,
    "mu_minus": 0.0,
    "tau_plus": 20.0,  # ms
    "Wmax": 60.0,
})
connect(in_2, E, in_to_E_pre, in_to_E_post, "in_to_E_stdp", in_to_E_weight, in_to_E_delay)

# E → lambda: 4 synapses, all to all, exponential current
E_to_lambda_pre, E_to_lambda_post = data["E_to_lambda.pre"], data["E_to_lambda.post"]
E_to_lambda_weight = data["E_to_lambda.weight"]  # pA
E_to_lambda_delay = data["E_to_lambda.delay"]  # steps of dt
connect(E, lambda_2, E_to_lambda_pre, E_to_lambda_post, "static_synapse", E_to_lambda_weight, E_to_lambda_delay)

# --- Stimuli -------------------------------------------------------------------------------------------------------------------------
E_current = data["E.current"]  # pA: step
replay_current(E_current, E)

# kicks: Spikes at listed times (ms), to one neuron each or to all when no neuron is named
kicks_step, kicks_neuron, kicks_count = (data[f"kicks.{k}"] for k in ("step", "neuron", "count"))
nest.Connect(
    generators(1, kicks_step, kicks_neuron, kicks_count), lambda_2, "one_to_one",
    {"weight": 500.0, "delay": dt},
)

# --- Recorders -----------------------------------------------------------------------------------------------------------------------
recorder = nest.Create("spike_recorder")
nest.Connect(in_2, recorder, "all_to_all", {"delay": dt})
nest.Connect(E, recorder, "all_to_all", {"delay": dt})
nest.Connect(lambda_2, recorder, "all_to_all", {"delay": dt})
meter_0 = nest.Create("multimeter", params={"record_from": ["V_m"], "interval": dt})
nest.Connect(meter_0, E[1], "all_to_all", {"delay": dt})

# --- The run -------------------------------------------------------------------------------------------------------------------------
nest.Prepare()
nest.Run(LEAD * dt)
E.set(V_m=data["E.v0"], I_e=400.0)
lambda_2.set(V_m=-70.0, I_e=0.0)
done = 0
while done < n_steps:
    piece = min(max(n_steps // 50, 1), n_steps - done)
    nest.Run(piece * dt)
    done += piece
    print(f"progress {done / n_steps:.3f}", flush=True)
nest.Run(2 * dt)  # recorders hand over a sample one step later
nest.Cleanup()

populations = [in_2, E, lambda_2]
step, neuron = recorded_spikes(recorder)
traces = [trace(meter_0)]
weights = {
    "in_to_E": final_weights(in_2, E, "in_to_E_stdp"),
}
engine, version = "nest", nest.__version__
rank, n_processes = nest.Rank(), nest.NumProcesses()

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
