
# Is it the same run? Every spike of Spikeground's own run is in the data file.
if n_processes == 1:
    ours = np.unique(data["spikes.step"] * sum(sizes) + data["spikes.neuron"])
    differing = np.setxor1d(ours, np.unique(step * sum(sizes) + neuron))
    if differing.size:
        print(f"first spike that differs from Spikeground's: at {differing.min() // sum(sizes) * dt:.4f} ms")
    else:
        print("every spike equals Spikeground's")
