done = 0
while done < n_steps:
    piece = min(max(n_steps // 50, 1), n_steps - done)
    nest.Run(piece * dt)
    done += piece
    print(f"progress {done / n_steps:.3f}", flush=True)
nest.Run(2 * dt)  # recorders hand over a sample one step later
nest.Cleanup()
