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


