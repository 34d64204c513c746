"""Writes pybkt.json: pyBKT (CAHLR's C++ expectation-maximisation) on simulated learners, with and without forgetting.

Run with the packages of benchmarks/peers/requirements-pybkt.txt (pyBKT 1.4.3, NumPy 1.26.4): python generate.py,
then format the fixture with Biome. Tolerance in the test: 1e-9 for predictions and
likelihood at pyBKT's parameters (both are double precision); cairn's own fit must be at least as likely.
"""

import json
import math
import pathlib

import numpy
import pandas
from pyBKT.models import Model

TRUTH = {"prior": 0.4, "learn": 0.2, "forget": 0.05, "guess": 0.2, "slip": 0.1}
LEARNERS, RESPONSES = 120, 8
rng = numpy.random.default_rng(11)

sequences = []
for _ in range(LEARNERS):
    known, row = rng.random() < TRUTH["prior"], []
    for _ in range(1 + rng.integers(RESPONSES)):
        row.append(int(rng.random() < (1 - TRUTH["slip"] if known else TRUTH["guess"])))
        known = rng.random() >= TRUTH["forget"] if known else rng.random() < TRUTH["learn"]
    sequences.append(row)

data = pandas.DataFrame(
    [
        {"user_id": user, "skill_name": "skill", "correct": outcome, "order_id": user * 100 + position}
        for user, row in enumerate(sequences)
        for position, outcome in enumerate(row)
    ]
)

fits = []
for forgetting in (False, True):
    model = Model(seed=3, num_fits=3, parallel=False)
    model.fit(data=data, forgets=forgetting)
    found = model.params().reset_index()
    by_name = {row["param"]: float(row["value"]) for _, row in found.iterrows()}
    predicted = [float(p) for p in model.predict(data=data)["correct_predictions"]]
    likelihood = sum(
        math.log(p if right else 1 - p) for p, right in zip(predicted, data["correct"], strict=True)
    )
    fits.append(
        {
            "forgetting": forgetting,
            "parameters": {
                "prior": by_name["prior"],
                "learn": by_name["learns"],
                "forget": by_name["forgets"],
                "guess": by_name["guesses"],
                "slip": by_name["slips"],
            },
            "logLikelihood": likelihood,
            "predicted": predicted[:200],
        }
    )

fixture = {"sequences": ["".join(map(str, row)) for row in sequences], "fits": fits}
pathlib.Path(__file__).with_name("pybkt.json").write_text(json.dumps(fixture))
