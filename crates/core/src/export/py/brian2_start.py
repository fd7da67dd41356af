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


