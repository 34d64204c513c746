"""Writes ease.json: EASE by numpy.linalg.inv, straight from equation 8 of Steck (2019), on binary and weighted data.

Run: python generate.py  (Python 3.11, numpy; its version is written into the fixture), then format the fixture with Biome
Tolerance in the tests: 1e-9 absolute, for entries of order 1 and a condition number below 1e3.
"""

import json
import pathlib

import numpy

rng = numpy.random.default_rng(7)


def case(learners, activities, share, regularization, weighted):
    popularity = rng.beta(1, 3, activities) * 2 * share
    done = rng.random((learners, activities)) < popularity
    x = done * (rng.integers(1, 5, done.shape) / 2 if weighted else 1.0)
    p = numpy.linalg.inv(x.T @ x + regularization * numpy.eye(activities))
    b = -p / numpy.diag(p)
    numpy.fill_diagonal(b, 0)
    pointers = numpy.concatenate([[0], numpy.cumsum(done.sum(1))])
    return {
        "regularization": regularization,
        "activities": activities,
        "learnerPtr": pointers.tolist(),
        "activityIdx": numpy.nonzero(done)[1].tolist(),
        "weight": x[done].tolist() if weighted else None,
        "scores": [(x @ b)[learner].tolist() for learner in range(3)],
        "coefficients": [[int(i), int(j), float(b[i, j])] for i, j in rng.integers(0, activities, (40, 2))],
    }


fixture = {
    "versions": {"numpy": numpy.__version__},
    "cases": [case(120, 7, 0.4, 5.0, False), case(150, 70, 0.25, 20.0, False), case(90, 131, 0.2, 8.0, True)],
}
pathlib.Path(__file__).with_name("ease.json").write_text(json.dumps(fixture) + "\n")
