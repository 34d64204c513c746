"""Writes implicit-als.json: iALS fold-ins by numpy.linalg.solve, straight from the normal equations of Rendle et al. (2022).

Run: python generate.py  (Python 3.11, numpy; its version is written into the fixture), then format the fixture with Biome
Tolerance in the tests: 1e-9 absolute, for scores of order 1; the factors are singles, so they are the same numbers here and there.
"""

import json
import pathlib

import numpy

rng = numpy.random.default_rng(11)


def case(activities, dimensions, done, unobserved, regularization, exponent, weighted):
    h = rng.normal(0, 0.4, (activities, dimensions)).astype(numpy.float32)
    items = numpy.sort(rng.choice(activities, done, replace=False))
    c = rng.integers(1, 5, done) / 2 if weighted else numpy.ones(done)
    wide = h.astype(numpy.float64)
    mine = wide[items]
    penalty = regularization * (c.sum() + unobserved * activities) ** exponent
    a = unobserved * wide.T @ wide + (mine * c[:, None]).T @ mine + penalty * numpy.eye(dimensions)
    w = numpy.linalg.solve(a, mine.T @ c)
    explained = int(rng.integers(0, activities))
    return {
        "activities": activities,
        "settings": [dimensions, unobserved, regularization, exponent],
        "factors": h.ravel().tolist(),
        "activityIdx": items.tolist(),
        "weight": c.tolist() if weighted else None,
        "learner": w.tolist(),
        "scores": (wide @ w).tolist(),
        "explained": explained,
        "terms": (c * (mine @ numpy.linalg.solve(a, wide[explained]))).tolist(),
    }


fixture = {
    "versions": {"numpy": numpy.__version__},
    "cases": [
        case(9, 4, 3, 0.5, 0.01, 1.0, False),
        case(12, 5, 6, 0.1, 0.05, 0.5, True),
        case(20, 10, 20, 1.0, 0.002, 0.0, True),
    ],
}
pathlib.Path(__file__).with_name("implicit-als.json").write_text(json.dumps(fixture) + "\n")
