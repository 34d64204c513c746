"""Golden values of time-dependent scores under censoring, from scikit-survival.

Run: python generate.py > survival-scores.json   (Python 3.11, scikit-survival 0.28.0, numpy as it needs)

Weeks of the event or of censoring with many ties, a score with ties, and predicted survival by week. Ties between an event
and a censoring in one week follow scikit-survival: the event comes first.
"""

import json
import sys

import numpy as np
import sksurv
from sksurv.metrics import brier_score, cumulative_dynamic_auc, integrated_brier_score
from sksurv.nonparametric import CensoringDistributionEstimator
from sksurv.util import Surv

rng = np.random.default_rng(20)


def draw(rows):
    risk = np.round(rng.normal(size=rows), 1)
    hazard = 1 / (1 + np.exp(-(-2.6 + 0.8 * risk)))
    event_week = rng.geometric(hazard)
    censored_week = rng.geometric(0.05, size=rows)
    end = 20
    time = np.minimum(np.minimum(event_week, censored_week), end)
    event = (event_week <= censored_week) & (event_week <= end)
    return risk, hazard, time.astype(float), event


_, _, train_time, train_event = draw(150)
risk, hazard, test_time, test_event = draw(120)
keep = test_time < train_time.max()
risk, hazard, test_time, test_event = risk[keep], hazard[keep], test_time[keep], test_event[keep]
times = np.array([2.0, 5.0, 9.0, 14.0])
survival = (1 - np.clip(hazard + 0.03, 0, 1))[:, None] ** times[None, :]
train, test = Surv.from_arrays(train_event, train_time), Surv.from_arrays(test_event, test_time)
auc, mean_auc = cumulative_dynamic_auc(train, test, 1 - survival, times)
_, brier = brier_score(train, test, survival, times)
censoring = CensoringDistributionEstimator().fit(train)
json.dump(
    {
        "scikit-survival": sksurv.__version__,
        "train": {"time": train_time.tolist(), "event": train_event.astype(int).tolist()},
        "test": {"time": test_time.tolist(), "event": test_event.astype(int).tolist()},
        "times": times.tolist(),
        "survival": survival.tolist(),
        "censoring": censoring.predict_proba(np.arange(1.0, 20.0)).tolist(),
        "auc": auc.tolist(),
        "meanAuc": float(mean_auc),
        "brier": brier.tolist(),
        "integratedBrier": float(integrated_brier_score(train, test, survival, times)),
    },
    sys.stdout,
)
