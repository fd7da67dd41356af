# --- What came out -------------------------------------------------------------------------------------------------------------------
# Spikes carry the number of the step at whose end they fall (time = step * dt); neurons are counted through all populations.
order = np.lexsort((neuron, step))
step, neuron = step[order], neuron[order]
first = 0
for name, size in zip(names, sizes):
    n = np.count_nonzero((neuron >= first) & (neuron < first + size))
    print(f"{name}: {n} spikes, {n / size / (n_steps * dt * 1e-3):.3f} a second and neuron")
    first += size
