def all_pairs(n_pre, n_post, self_connections):
    """Every neuron to every neuron."""
    pre, post = np.divmod(np.arange(n_pre * n_post), n_post)
    keep = slice(None) if self_connections else pre != post
    return pre[keep], post[keep]


def random_pairs(n_pre, n_post, p, self_connections):
    """Each pair with probability p; p may be a function of the two indices."""
    pre, post = [], []
    for i in range(n_pre):
        j = np.arange(n_post)
        chosen = rng.random(n_post) < (p(i, j) if callable(p) else p)
        if not self_connections:
            chosen &= j != i
        post.append(np.flatnonzero(chosen))
        pre.append(np.full(post[-1].size, i))
    return np.concatenate(pre), np.concatenate(post)


def in_degree_pairs(n_pre, n_post, k, self_connections):
    """Exactly k different inputs for every neuron."""
    pre = []
    for j in range(n_post):
        sources = np.arange(n_pre) if self_connections else np.delete(np.arange(n_pre), j)
        pre.append(rng.choice(sources, min(k, sources.size), replace=False))
    return np.concatenate(pre), np.repeat(np.arange(n_post), [len(p) for p in pre])


def ring_distance(i, n, j, m):
    """Degrees between neuron i of n and neuron j of m, both populations placed around one ring."""
    d = np.abs(i / n - j / m) * 360.0
    return np.minimum(d, 360.0 - d)


def normal(mean, sd, n):
    """Normal, but never of the other sign than its mean (Dale's law)."""
    x = rng.normal(mean, sd, n)
    return np.maximum(x, 0.0) if mean > 0 else np.minimum(x, 0.0) if mean < 0 else x


def log_normal(mean, sd, n):
    """Log-normal with this mean and standard deviation of the values themselves."""
    s2 = np.log1p((sd / abs(mean)) ** 2)
    return np.copysign(rng.lognormal(np.log(abs(mean)) - s2 / 2, np.sqrt(s2), n), mean)


def poisson_spikes(rate, n, first=0, last=None):
    """Poisson spikes at `rate` (Hz) for each of n neurons: step (from 1), neuron, how many at once."""
    counts = rng.poisson(rate * 1e-3 * dt, (n_steps, n))
    counts[:first] = 0
    counts[last:] = 0
    step, neuron = np.nonzero(counts)
    return step + 1, neuron, counts[step, neuron]
