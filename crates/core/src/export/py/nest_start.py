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


