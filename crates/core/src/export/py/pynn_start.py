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


