
if arguments.result:
    arrays = {"step": step, "neuron": neuron, "engine": np.array(engine), "engine_version": np.array(version)}
    arrays.update({f"trace.{i}": values for i, values in enumerate(traces)})
    for name, (pre, post, weight, delay) in weights.items():
        arrays.update({f"{name}.pre": pre, f"{name}.post": post, f"{name}.weight": weight, f"{name}.delay": delay})
    np.savez(arguments.result.with_suffix(f".{rank}.npz"), **arrays)  # one file a process
