def current_gain(tau_m, tau_s):
    """The constant current that moves v over a step as much as a current of 1 that decays with tau_s (Rotter & Diesmann 1999)."""
    x = dt * (1 / tau_m - 1 / tau_s)
    grown = np.where(np.abs(x) < 1e-9, 1 + x / 2, np.expm1(x) / np.where(x == 0, 1, x))
    return (dt * np.exp(-dt / tau_m) * grown / (-np.expm1(-dt / tau_m) * tau_m))[()]


def alpha_gain(tau_m, tau_s):
    """The same for the first state of an alpha current, which feeds the current itself."""
    x = dt * (1 / tau_m - 1 / tau_s)
    series = 1 / 2 + x * (1 / 3 + x * (1 / 8 + x * (1 / 30 + x * (1 / 144 + x * (1 / 840 + x / 5760)))))
    closed = (np.exp(x) * (x - 1) + 1) / np.where(x == 0, 1, x) ** 2
    grown = np.where(np.abs(x) < 1e-2, series, closed)
    return (dt * dt * np.exp(-dt / tau_m) * grown / (-np.expm1(-dt / tau_m) * tau_m))[()]


