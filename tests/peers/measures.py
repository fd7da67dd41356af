"""Measures of spike trains by Elephant, SciPy and NumPy, as JSON for comparison: python measures.py SEED.

Every check names the measure, its parameters, the trains it is taken of, the part of the result and who computed it.
"""

import json
import sys
import warnings

import elephant
import neo
import numpy as np
import quantities as pq
import scipy
import scipy.signal
from elephant import kernels, phase_analysis, spectral, sta, statistics
from elephant import spike_train_correlation as correlation
from elephant import spike_train_dissimilarity as dissimilarity
from elephant.conversion import BinnedSpikeTrain

warnings.filterwarnings("ignore")

ELEPHANT = "Elephant"
NUMPY = "NumPy"
SCIPY = "SciPy"


def neo_trains(trains, window):
    return [neo.SpikeTrain(np.array(t) * pq.ms, t_start=window[0] * pq.ms, t_stop=window[1] * pq.ms) for t in trains]


def pairs(n):
    return [(i, j) for i in range(n) for j in range(i + 1, n)]


# Independent computations where Elephant has none: slow and obvious, straight from the definitions.


def interval_at(train, window, t):
    """The interval a train is in at t; at the edges at least as long as its neighbour."""
    k = np.searchsorted(train, t, side="right")
    if k == 0:
        edge = train[0] - window[0]
        return max(edge, train[1] - train[0]) if len(train) > 1 else edge
    if k == len(train):
        edge = window[1] - train[-1]
        return max(edge, train[-1] - train[-2]) if len(train) > 1 else edge
    return train[k] - train[k - 1]


def isi_distance(a, b, window):
    edges = np.unique(np.concatenate([[window[0]], a, b, [window[1]]]))
    total = 0.0
    for left, right in zip(edges[:-1], edges[1:]):
        x, y = (interval_at(t, window, 0.5 * (left + right)) for t in (a, b))
        total += (right - left) * abs(x - y) / max(x, y)
    return total / (window[1] - window[0])


def spike_profile(a, b, window, t):
    """S(t), with auxiliary spikes at both ends that are as far from the other train as the real spike beside them."""

    def side(own, other):
        nearest = [np.min(np.abs(other - s)) for s in own]
        times = np.concatenate([[window[0]], own, [window[1]]])
        nearest = np.concatenate([[nearest[0]], nearest, [nearest[-1]]])
        k = np.searchsorted(times, t, side="right") - 1
        x = times[k + 1] - times[k]
        return (nearest[k] * (times[k + 1] - t) + nearest[k + 1] * (t - times[k])) / x, x

    s1, x1 = side(a, b)
    s2, x2 = side(b, a)
    return (s1 * x2 + s2 * x1) / (2.0 * (0.5 * (x1 + x2)) ** 2)


def spike_distance(a, b, window):
    edges = np.unique(np.concatenate([[window[0]], a, b, [window[1]]]))
    total = 0.0
    for left, right in zip(edges[:-1], edges[1:]):
        # Linear in between: Simpson's nodes inside the piece give its integral exactly.
        middle, half = 0.5 * (left + right), 0.5 * (right - left)
        nodes = [middle - half * np.sqrt(0.6), middle, middle + half * np.sqrt(0.6)]
        total += half * np.dot([5 / 9, 8 / 9, 5 / 9], [spike_profile(a, b, window, t) for t in nodes])
    return total / (window[1] - window[0])


def avalanche_list(counts):
    found, current, begun = [], [], False
    for c in counts:
        if c == 0:
            if begun and current:
                found.append(current)
            begun, current = True, []
        else:
            current.append(c)
    return found


class Checks:
    def __init__(self, name, trains, window, **more):
        self.case = {"name": name, "window": list(window), "trains": [list(map(float, t)) for t in trains], **more, "checks": []}

    def add(self, measure, part, expected, by, trains, how, **params):
        expected = np.asarray(expected, dtype=float)
        value = float(expected) if expected.ndim == 0 else [int(x) if x == int(x) else float(x) for x in expected.ravel()]
        self.case["checks"].append(
            {"measure": measure, "part": part, "expected": value, "by": by, "how": how, "trains": trains, "params": params}
        )


def checks_of(name, trains, window, rng):
    st = neo_trains(trains, window)
    n = len(trains)
    everyone = list(range(n))
    length = window[1] - window[0]
    onsets = [window[0] + length * f for f in (0.2, 0.4, 0.6)]
    signal_step = 2.0
    signal = np.round(rng.normal(size=int(np.ceil(length / signal_step))), 3)
    out = Checks(name, trains, window, onsets=onsets, signal={"start": window[0], "step": signal_step, "values": [round(float(x), 3) for x in signal]})
    ms = pq.ms
    span = window[1] * ms

    for i in everyone[:3]:
        isi = statistics.isi(st[i])
        out.add("cv", "CV", statistics.cv(isi), ELEPHANT, [i], "statistics.cv")
        out.add("cv2", "CV2", statistics.cv2(isi), ELEPHANT, [i], "statistics.cv2")
        out.add("lv", "LV", statistics.lv(isi), ELEPHANT, [i], "statistics.lv")
        for r in (0.0, 5.0):
            out.add("lvr", "LvR", statistics.lvr(isi, R=r * ms), ELEPHANT, [i], "statistics.lvr", r=r)
        out.add("rate", "Mean rate", statistics.mean_firing_rate(st[i]).rescale("Hz"), ELEPHANT, [i], "statistics.mean_firing_rate")
        values = isi.rescale("ms").magnitude
        out.add("isi", "Mean interval", values.mean(), NUMPY, [i], "mean")
        # Rounded, because intervals between sums of steps are not exact.
        edges = np.arange(0, int(round(values.max(), 6) / 2.0) + 2) * 2.0
        out.add("isi", "Intervals", np.histogram(np.round(values, 6), edges)[0], NUMPY, [i], "histogram of statistics.isi", bin=2.0)
        out.add("return_map", "Serial correlation", np.corrcoef(values[:-1], values[1:])[0, 1], NUMPY, [i], "corrcoef")
        edges = window[0] + np.arange(int(length / 50.0) + 1) * 50.0
        # A piece of Neo's holds both its ends, a window of counting only its beginning.
        pieces = [st[i].time_slice(a * ms, (b - 1e-6) * ms) for a, b in zip(edges[:-1], edges[1:])]
        out.add("fano", "Fano factor", statistics.fanofactor(pieces), ELEPHANT, [i], "statistics.fanofactor", window=50.0)

    intervals = [statistics.isi(t) for t in st if len(t) > 5]
    out.add("cv", "CV", np.mean([statistics.cv(i) for i in intervals]), ELEPHANT, everyone, "mean of statistics.cv")
    rates = np.array([statistics.mean_firing_rate(t).rescale("Hz").item() for t in st])
    out.add("rates", "Mean rate", rates.mean(), ELEPHANT, everyone, "mean of statistics.mean_firing_rate")
    out.add("rates", "Spread over neurons", rates.std(), ELEPHANT, everyone, "sd of statistics.mean_firing_rate")
    out.add("rates", "Each neuron", rates, ELEPHANT, everyone, "statistics.mean_firing_rate")

    binned = statistics.time_histogram(st, bin_size=5 * ms, output="rate")
    out.add("rate", "Rate", binned.rescale("Hz").magnitude, ELEPHANT, everyone, "statistics.time_histogram(output='rate')", kernel="bin", width=5.0)
    shapes = {
        "gaussian": kernels.GaussianKernel,
        "exponential": kernels.ExponentialKernel,
        "boxcar": kernels.RectangularKernel,
    }
    for key, shape in shapes.items():
        for sigma in (7.0, 11.3):
            smooth = statistics.instantaneous_rate(
                st, 1 * ms, kernel=shape(sigma=sigma * ms), center_kernel=key != "exponential", pool_spike_trains=True
            )
            out.add(
                "rate", "Rate", smooth.rescale("Hz").magnitude, ELEPHANT, everyone, "statistics.instantaneous_rate", kernel=key, width=sigma, step=1.0
            )

    cut = [st[0].time_slice((t - 20) * ms, (t + 30) * ms).time_shift(-t * ms) for t in onsets]
    histogram = statistics.time_histogram(cut, bin_size=5 * ms, t_start=-20 * ms, t_stop=30 * ms, output="rate")
    out.add(
        "psth", "PSTH", histogram.rescale("Hz").magnitude, ELEPHANT, [0], "statistics.time_histogram of trials", bin=5.0, before=20.0, after=30.0
    )

    average = sta.spike_triggered_average(
        neo.AnalogSignal(np.array(signal)[:, None], units="mV", sampling_period=signal_step * ms, t_start=window[0] * ms),
        st[0],
        (-10 * ms, 5 * ms),
    )
    out.add("sta", "Average", average.magnitude[:, 0], ELEPHANT, [0], "sta.spike_triggered_average", before=10.0, after=5.0)

    for i, j in pairs(min(n, 3)):
        both = [i, j]
        a, b = (BinnedSpikeTrain(st[k], bin_size=2 * ms) for k in both)
        for unit, coefficient in (("counts", False), ("coefficient", True)):
            for border in (False, True):
                cch, _ = correlation.cross_correlation_histogram(
                    a, b, window=[-20, 20], border_correction=border, cross_correlation_coefficient=coefficient
                )
                out.add(
                    "crosscorrelogram",
                    "Correlogram",
                    cch.magnitude.ravel(),
                    ELEPHANT,
                    both,
                    "spike_train_correlation.cross_correlation_histogram",
                    bin=2.0,
                    max_lag=40.0,
                    unit=unit,
                    border=float(border),
                )
        for dt in (2.0, 5.0, 40.0):
            value = correlation.spike_time_tiling_coefficient(st[i], st[j], dt=dt * ms)
            out.add("sttc", "STTC", value, ELEPHANT, both, "spike_train_correlation.spike_time_tiling_coefficient", dt=dt)
        for q in (0.02, 0.1, 1.0):
            value = dissimilarity.victor_purpura_distance([st[i], st[j]], q / ms)[0, 1]
            out.add("victor_purpura", "Distance", value, ELEPHANT, both, "spike_train_dissimilarity.victor_purpura_distance", q=q)
        for tau in (5.0, 10.0, 50.0):
            value = dissimilarity.van_rossum_distance([st[i], st[j]], tau * ms)[0, 1] / np.sqrt(2)
            out.add("van_rossum", "Distance", value, ELEPHANT, both, "spike_train_dissimilarity.van_rossum_distance / √2", tau=tau)
        x, y = np.array(trains[i]), np.array(trains[j])
        out.add("isi_distance", "Distance", isi_distance(x, y, window), NUMPY, both, "sum over pieces")
        out.add("spike_distance", "Distance", spike_distance(x, y, window), NUMPY, both, "quadrature of the profile")
        value = correlation.correlation_coefficient(BinnedSpikeTrain([st[i], st[j]], bin_size=5 * ms))[0, 1]
        out.add("correlation", "Correlation", value, ELEPHANT, both, "spike_train_correlation.correlation_coefficient", bin=5.0)

    one = BinnedSpikeTrain(st[0], bin_size=1 * ms)
    acg = correlation.cross_correlation_histogram(one, one, window=[-30, 30])[0].magnitude.ravel().copy()
    acg[30] -= len(st[0])
    out.add("autocorrelogram", "Correlogram", acg, ELEPHANT, [0], "cross_correlation_histogram less the spikes at lag 0", bin=1.0, max_lag=30.0)

    if n > 2:
        matrix = correlation.correlation_coefficient(BinnedSpikeTrain(st, bin_size=5 * ms))
        out.add("correlation", "Pairs", matrix, ELEPHANT, everyone, "spike_train_correlation.correlation_coefficient", bin=5.0)
        upper = [matrix[i, j] for i, j in pairs(n)]
        out.add("correlation", "Correlation", np.mean(upper), ELEPHANT, everyone, "mean of correlation_coefficient", bin=5.0)

        counts = BinnedSpikeTrain(st, bin_size=5 * ms).to_array().astype(float)
        chi = np.sqrt(counts.mean(axis=0).var() / counts.var(axis=1).mean())
        out.add("chi", "χ", chi, NUMPY, everyone, "var", bin=5.0)

        grid = window[0] + np.arange(int(length))
        arrows = np.full((n, len(grid)), np.nan + 0j)
        for k, train in enumerate(np.array(t) for t in trains):
            at = np.searchsorted(train, grid, side="right") - 1
            known = (at >= 0) & (at + 1 < len(train))
            before, after = train[at[known]], train[at[known] + 1]
            arrows[k, known] = 2 * np.pi * (grid[known] - before) / (after - before)
        enough = np.isfinite(arrows.real).sum(axis=0) > 1
        r = [phase_analysis.mean_phase_vector(c[np.isfinite(c)])[1] for c in arrows.real[:, enough].T]
        out.add("kuramoto", "Order parameter", r, ELEPHANT, everyone, "phase_analysis.mean_phase_vector", step=1.0)

        rate = statistics.time_histogram(st, bin_size=1 * ms, output="rate").rescale("Hz")
        _, psd = spectral.welch_psd(rate, len_segment=250)
        out.add("spectrum", "Spectrum", psd.magnitude.ravel(), ELEPHANT, everyone, "spectral.welch_psd", bin=1.0, segment=250.0)
        f, _, s = scipy.signal.spectrogram(
            rate.magnitude.ravel(), fs=1000.0, window="hann", nperseg=250, noverlap=125, detrend="constant", scaling="density"
        )
        keep = (f >= 4.0) & (f <= 200.0)
        out.add(
            "spectrogram", "Spectrogram", s[keep], SCIPY, everyone, "signal.spectrogram", bin=1.0, segment=250.0, lowest=4.0, highest=200.0
        )

        counts = BinnedSpikeTrain(st, bin_size=10 * ms).to_array() / 0.01
        values, vectors = np.linalg.eigh(np.cov(counts, bias=True))
        values, vectors = values[::-1], vectors[:, ::-1]
        out.add("pca", "Participation ratio", values.sum() ** 2 / (values**2).sum(), NUMPY, everyone, "linalg.eigh(cov)", bin=10.0, sigma=0.0)
        out.add("pca", "Explained variance", values / values.sum(), NUMPY, everyone, "linalg.eigh(cov)", bin=10.0, sigma=0.0)
        signs = np.sign(vectors[np.abs(vectors).argmax(axis=0), np.arange(n)])
        path = (vectors * signs).T @ (counts - counts.mean(axis=1, keepdims=True))
        out.add("pca", "Trajectory", path[:3], NUMPY, everyone, "linalg.eigh(cov)", bin=10.0, sigma=0.0)

        edges = window[0] + np.arange(int(length / 3.0) + 1) * 3.0
        found = avalanche_list(np.histogram(np.concatenate([np.array(t) for t in trains]), edges)[0])
        sizes = np.array([sum(a) for a in found])
        ratio = np.mean([(a[1] if len(a) > 1 else 0) / a[0] for a in found])
        out.add("avalanches", "Branching ratio", ratio, NUMPY, everyone, "mean over runs", bin=3.0)
        out.add("avalanches", "Mean size", sizes.mean(), NUMPY, everyone, "mean over runs", bin=3.0)
        out.add("avalanches", "Exponent of sizes", 1 + len(sizes) / np.log(sizes / 0.5).sum(), NUMPY, everyone, "maximum likelihood", bin=3.0)
    return out.case


def weights_case(rng):
    values = rng.beta(0.4, 0.6, size=400).astype(np.float32)
    wide = values.astype(float)
    out = Checks("400 weights", [], (0.0, 1.0), weights={"values": [float(w) for w in values], "bounds": [0.0, 1.0]})
    z = (wide - wide.mean()) / wide.std()
    numbers = {
        "Mean": wide.mean(),
        "Standard deviation": wide.std(),
        "Median": np.median(wide),
        "At the lower bound": np.mean(wide <= 0.05),
        "At the upper bound": np.mean(wide >= 0.95),
        "Bimodality": (np.mean(z**3) ** 2 + 1) / np.mean(z**4),
        "Weights": np.histogram(wide, bins=50, range=(0.0, 1.0))[0],
    }
    for part, value in numbers.items():
        out.add("weights", part, value, NUMPY, [], "moments, quantiles, counts")
    return out.case


def main():
    rng = np.random.default_rng(int(sys.argv[1]))
    a = [10, 22, 31, 55, 78, 99, 140, 152, 190]
    b = [12, 25, 52, 58, 80, 118, 142, 176, 195]
    window = (0.0, 800.0)
    random = []
    for shape, rate in ((1.0, 40.0), (3.0, 25.0), (0.5, 60.0), (10.0, 15.0), (1.0, 12.0), (2.0, 80.0)):
        times = np.cumsum(rng.gamma(shape, 1e3 / (shape * rate), size=400))
        random.append(np.round(times[times < window[1]], 4))
    # Steps of 0.1 ms, as a simulation has them, in a window that does not begin at zero.
    steps = [100.0 + np.unique(np.round((t[t < 600.0] + 0.05) / 0.1).astype(int)) / 10 for t in random]
    cases = [
        checks_of("two trains of 200 ms", [a, b], (0.0, 200.0), rng),
        checks_of("six random trains", random, window, rng),
        checks_of("six random trains on a grid of 0.1 ms", steps, (100.0, 705.0), rng),
        weights_case(rng),
    ]
    versions = {"elephant": elephant.__version__, "numpy": np.__version__, "scipy": scipy.__version__}
    json.dump({"versions": versions, "cases": cases}, sys.stdout)


if __name__ == "__main__":
    main()
