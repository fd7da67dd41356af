
if not arguments.no_plot:
    import matplotlib.pyplot as plt  # pip install matplotlib

    figure, axes = plt.subplots(1 + bool(traces), 1, sharex=True, squeeze=False, figsize=(9, 6))
    axes[0, 0].plot(step * dt, neuron, "|", markersize=3, color="black")
    axes[0, 0].set(title=title, ylabel="neuron")
    for values, label in zip(traces, trace_labels):
        axes[1, 0].plot(np.arange(1, len(values) + 1) * dt, values, label=label, linewidth=1)
    if traces:
        axes[1, 0].legend()
    axes[-1, 0].set(xlabel="time (ms)")
    plt.show()
