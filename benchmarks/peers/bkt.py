"""pyBKT (C++ expectation-maximisation) on the log of cases/knowledge-tracing.ts: every skill, five random starts."""

import json
import math

import pandas as pd
from pyBKT.models import Model
from side import serve, timed


def prepare(folder):
    log = json.load(open(f"{folder}/log.json"))
    return pd.DataFrame(
        {
            "user_id": log["learner"],
            "skill_name": [log["skills"][skill] for skill in log["skill"]],
            "correct": log["outcome"],
            "order_id": range(len(log["skill"])),
        }
    )


def work(data):
    model = Model(seed=1, num_fits=5, parallel=True)
    seconds, _ = timed(lambda: model.fit(data=data))
    predicted = model.predict(data=data)
    total = 0.0
    for right, probability in zip(predicted["correct"], predicted["correct_predictions"]):
        total += math.log(max(1e-12, probability if right == 1 else 1 - probability))
    return {"fit": seconds}, {"logLikelihood": total}


serve(prepare, work)
