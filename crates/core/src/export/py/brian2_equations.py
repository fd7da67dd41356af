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


