"""Writes bkt.json: Bayesian knowledge tracing as a plain two-state hidden Markov model, independent of cairn's code.

Expected counts come from textbook forward-backward in log space with transition matrices. The fitted parameters come from
no EM at all: scipy's bounded quasi-Newton search of the penalised log-likelihood from many starts, so that the optimum
itself is checked.

Run: python generate.py  (Python 3.11, numpy, scipy; versions are written into the fixture), then format the fixture with Biome
Tolerance in the tests: 1e-9 relative for counts and likelihoods; fitted: objective 1e-6 relative, parameters .005 (EM
creeps along a flat ridge and stops short of the optimum that Newton reaches).
"""

import json
import pathlib

import numpy
import scipy
from scipy.optimize import minimize
from scipy.special import logsumexp

rng = numpy.random.default_rng(41)
PRIOR_MEANS = numpy.array([0.5, 0.15, 0.05, 0.2, 0.1])  # prior, learn, forget, guess, slip
STRENGTH = 5


def simulate(parameters, lengths):
    prior, learn, forget, guess, slip = parameters
    sequences = []
    for length in lengths:
        known, row = rng.random() < prior, []
        for _ in range(length):
            row.append(int(rng.random() < (1 - slip if known else guess)))
            known = rng.random() >= forget if known else rng.random() < learn
        sequences.append(row)
    return sequences


def tables(parameters):
    prior, learn, forget, guess, slip = parameters
    with numpy.errstate(divide="ignore"):
        start = numpy.log([1 - prior, prior])
        move = numpy.log([[1 - learn, learn], [forget, 1 - forget]])
        emit = numpy.log([[1 - guess, guess], [slip, 1 - slip]])
    return start, move, emit


def forward(sequence, parameters):
    start, move, emit = tables(parameters)
    alpha = [start + emit[:, sequence[0]]]
    for outcome in sequence[1:]:
        alpha.append(logsumexp(alpha[-1][:, None] + move, axis=0) + emit[:, outcome])
    return numpy.array(alpha)


def counts(sequences, parameters):
    """Expected events and occasions of (prior, learn, forget, guess, slip), and the log-likelihood."""
    start, move, emit = tables(parameters)
    out, total = numpy.zeros(10), 0.0
    for sequence in sequences:
        alpha = forward(sequence, parameters)
        beta = numpy.zeros_like(alpha)
        for t in range(len(sequence) - 2, -1, -1):
            beta[t] = logsumexp(move + emit[:, sequence[t + 1]] + beta[t + 1], axis=1)
        likelihood = logsumexp(alpha[-1])
        gamma = numpy.exp(alpha + beta - likelihood)
        total += likelihood
        out[0] += gamma[0, 1]
        out[1] += 1
        for t, outcome in enumerate(sequence):
            out[6] += gamma[t, 0] * outcome
            out[7] += gamma[t, 0]
            out[8] += gamma[t, 1] * (1 - outcome)
            out[9] += gamma[t, 1]
            if t + 1 < len(sequence):
                xi = numpy.exp(alpha[t][:, None] + move + emit[:, sequence[t + 1]] + beta[t + 1] - likelihood)
                out[2] += xi[0, 1]
                out[3] += xi[0].sum()
                out[4] += xi[1, 0]
                out[5] += xi[1].sum()
    return out, float(total)


def predictions(sequence, parameters):
    prior, learn, forget, guess, slip = parameters
    p, out = prior, []
    for outcome in sequence:
        right = p * (1 - slip) + (1 - p) * guess
        out.append(right)
        posterior = p * (1 - slip) / right if outcome else p * slip / (1 - right)
        p = posterior * (1 - forget) + (1 - posterior) * learn
    return out


def penalty(parameters, free):
    events = STRENGTH * PRIOR_MEANS
    terms = events * numpy.log(numpy.maximum(parameters, 1e-300)) + (STRENGTH - events) * numpy.log1p(-parameters)
    return terms[free].sum()


def likelihood(sequences, parameters):
    """Log-likelihood alone, by the scaled filter (checked against the log-space recursion below)."""
    prior, learn, forget, guess, slip = parameters
    total = 0.0
    for sequence, times in sequences:
        p = prior
        for outcome in sequence:
            one, zero = (p * (1 - slip), (1 - p) * guess) if outcome else (p * slip, (1 - p) * (1 - guess))
            total += times * numpy.log(one + zero)
            post = one / (one + zero)
            p = post * (1 - forget) + (1 - post) * learn
    return total


def optimum(sequences, forgetting):
    unique = {}
    for sequence in sequences:
        unique[tuple(sequence)] = unique.get(tuple(sequence), 0) + 1
    merged = list(unique.items())
    free = numpy.array([True, True, forgetting, True, True])

    def full(values):
        parameters = numpy.zeros(5)
        parameters[free] = values
        return parameters

    def loss(values):
        parameters = full(values)
        return -likelihood(merged, parameters) - penalty(parameters, free)

    best = None
    for start in ([0.3, 0.1, 0.05, 0.2, 0.1], [0.6, 0.3, 0.1, 0.3, 0.2], [0.1, 0.05, 0.02, 0.1, 0.3]):
        found = minimize(loss, numpy.array(start)[free], method="L-BFGS-B", bounds=[(1e-4, 0.6)] * int(free.sum()), options={"ftol": 1e-15, "gtol": 1e-9, "maxiter": 2000})
        if best is None or found.fun < best.fun:
            best = found
    parameters = full(best.x)
    assert abs(counts(sequences, parameters)[1] - likelihood(merged, parameters)) < 1e-8
    return {"forgetting": forgetting, "parameters": parameters.tolist(), "objective": float(-best.fun)}


truth = numpy.array([0.4, 0.2, 0.05, 0.2, 0.1])
sequences = simulate(truth, rng.integers(1, 13, 250))
probe = numpy.array([0.35, 0.12, 0.03, 0.25, 0.08])
expected, total = counts(sequences, probe)
fixture = {
    "versions": {"numpy": numpy.__version__, "scipy": scipy.__version__},
    "sequences": ["".join(map(str, sequence)) for sequence in sequences],
    "probe": probe.tolist(),
    "counts": expected.tolist(),
    "logLikelihood": total,
    "predictions": [predictions(sequence, probe) for sequence in sequences[:5]],
    "optima": [optimum(sequences, True), optimum(sequences, False)],
}
pathlib.Path(__file__).with_name("bkt.json").write_text(json.dumps(fixture) + "\n")
