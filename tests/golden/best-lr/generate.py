"""Golden values of Best-LR. Run beside this file: python generate.py
Afterwards: npx biome check --write best-lr.json

Versions used for best-lr.json: Python 3.11.7, numpy 2.4.6, scikit-learn 1.9.1.
The features are written out here from Gervet et al. (2020) with dense one-hot columns, and fitted by scikit-learn's
LogisticRegression(C = 1, solver newton-cholesky, tol 1e-12), with no line of cairn in it. Tolerance: cairn stops at a
relative decrease of the objective below 1e-9, so probabilities agree to about 1e-4, the objective to 1e-6 of itself.
"""
import json
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

rng = np.random.default_rng(11)
ITEMS, SKILLS, LEARNERS = 12, 4, 40
tags = [sorted(rng.choice(SKILLS, size=1 + (i % 3 == 0), replace=False).tolist()) for i in range(ITEMS)]
ease = rng.normal(size=ITEMS)


def simulate(learners):
    log = []
    for _ in range(learners):
        ability, rows = rng.normal(), []
        for t in range(int(rng.integers(3, 15))):
            item = int(rng.integers(ITEMS))
            rows.append([item, int(rng.random() < 1 / (1 + np.exp(-(ability + ease[item] + 0.05 * t))))])
        log.append(rows)
    return log


def features(log):
    out = []
    for rows in log:
        seen, won = np.zeros(ITEMS), np.zeros(ITEMS)
        seen_k, won_k = np.zeros(SKILLS), np.zeros(SKILLS)
        for item, right in rows:
            own = np.isin(np.arange(SKILLS), tags[item])
            totals = [won[item], seen[item], won.sum(), seen.sum()]
            out.append(np.concatenate([np.arange(ITEMS) == item, own, own * np.log1p(won_k), own * np.log1p(seen_k), np.log1p(totals)]))
            seen[item] += 1
            won[item] += right
            seen_k[own] += 1
            won_k[own] += right
    return np.array(out, dtype=float)


train, test = simulate(LEARNERS), simulate(5)
x, y = features(train), np.array([right for rows in train for _, right in rows])
model = LogisticRegression(C=1, solver="newton-cholesky", tol=1e-12, max_iter=1000).fit(x, y)
z = x @ model.coef_[0] + model.intercept_[0]
objective = float(0.5 * np.sum(model.coef_**2) + np.sum(np.logaddexp(0, np.where(y == 1, -z, z))))
golden = {
    "tags": tags,
    "train": train,
    "test": test,
    "objective": objective,
    "probabilities": model.predict_proba(features(test))[:, 1].tolist(),
}
Path(__file__).with_name("best-lr.json").write_text(json.dumps(golden))
