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


