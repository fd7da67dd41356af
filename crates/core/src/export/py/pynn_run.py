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
