"""Golden values of discrete-time survival. Run beside this file: python generate.py
Afterwards: npx biome check --write survival.json

Versions used for survival.json: Python 3.11.7, numpy 2.4.6, scikit-learn 1.9.1.
Person-period rows by numpy.repeat; scikit-learn's OneHotEncoder for the weeks, StandardScaler and LogisticRegression
(C = 1/penalty, solver newton-cholesky, tol 1e-12); survival by numpy.cumprod. Life table: numpy, from the definitions.
"""
import json
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import OneHotEncoder, StandardScaler

rng = np.random.default_rng(3)
LEARNERS, WEEKS, PENALTY = 220, 8, 2.0
x = np.round(rng.normal(size=(LEARNERS, 2)), 4)
entry = rng.integers(0, 3, LEARNERS)
exit_, event = np.zeros(LEARNERS, int), np.zeros(LEARNERS, int)
for i in range(LEARNERS):
    for week in range(entry[i], WEEKS):
        exit_[i] = week
        hazard = 1 / (1 + np.exp(-(-2.4 + 0.25 * (week - 3) * (week > 3) + x[i, 0] - 0.5 * x[i, 1])))
        if rng.random() < hazard:
            event[i] = 1
            break
        if rng.random() < 0.06:  # transfers
            break
spans = exit_ - entry + 1
rows = np.repeat(np.arange(LEARNERS), spans)
weeks = np.concatenate([np.arange(a, b + 1) for a, b in zip(entry, exit_)])
events = np.where(weeks == exit_[rows], event[rows], 0)
encoder = OneHotEncoder(sparse_output=False).fit(weeks[:, None])
design = np.column_stack([x[rows], encoder.transform(weeks[:, None])])
scaler = StandardScaler().fit(design)
model = LogisticRegression(C=1 / PENALTY, solver="newton-cholesky", tol=1e-12, max_iter=1000).fit(scaler.transform(design), events)
asked = x[:5]
hazards = np.array([model.predict_proba(scaler.transform(np.column_stack([asked, np.tile(encoder.transform([[w]]), (5, 1))])))[:, 1]
                    for w in range(WEEKS)]).T
table = []
survival, greenwood = 1.0, 0.0
for week in range(WEEKS):
    n, d = int((weeks == week).sum()), int(events[weeks == week].sum())
    survival *= 1 - d / n
    greenwood += d / (n * (n - d))
    table.append([week, n, d, d / n, survival, survival * np.sqrt(greenwood)])
Path(__file__).with_name("survival.json").write_text(json.dumps({
    "penalty": PENALTY, "x": x.tolist(), "entry": entry.tolist(), "exit": exit_.tolist(), "event": event.tolist(), "rows": int(len(rows)),
    "hazards": hazards.tolist(), "survival": np.cumprod(1 - hazards, axis=1).tolist(), "lifeTable": table}))
