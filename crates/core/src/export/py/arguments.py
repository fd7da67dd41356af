arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
arguments.add_argument("--result", type=Path, help="write spikes, traces and final weights to this NPZ file")
arguments.add_argument("--no-plot", action="store_true", help="show no figure")
arguments = arguments.parse_args()
