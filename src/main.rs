//! The program `spikeground`: arguments in, a window or a headless run out.

fn main() -> std::process::ExitCode {
    spikeground::cli::main()
}
