def report(elapsed, completed, start, duration):
    print(f"progress {completed:.3f}", flush=True)


network.run(n_steps * dt * b2.ms, report=report, report_period=0.5 * b2.second)

# Brian2 stamps a spike with the start of its step, Spikeground with the end: one step later.
step, neuron, first = np.array([], dtype=int), np.array([], dtype=int), 0
for monitor, size in zip(spike_monitors, sizes):
    step = np.concatenate([step, np.rint(np.asarray(monitor.t / b2.ms) / dt).astype(int) + 1])
    neuron = np.concatenate([neuron, np.asarray(monitor.i) % size + first])
    first += size
