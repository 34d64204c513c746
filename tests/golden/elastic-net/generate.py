"""Golden values of the elastic net. Run beside this file: python generate.py
Afterwards: npx biome check --write elastic-net.json

Versions used for elastic-net.json: Python 3.11.7, numpy 2.4.6, scikit-learn 1.9.1.
scikit-learn's OneHotEncoder, StandardScaler and LogisticRegression(solver saga, C = 1/penalty, l1_ratio, tol 1e-13), checked
against the optimality conditions here, with no line of cairn in it.
"""
import json
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import OneHotEncoder, StandardScaler

rng = np.random.default_rng(11)
ROWS, TEST = 250, 30
common = rng.normal(size=(ROWS + TEST, 1))
numbers = np.round(np.column_stack([common + 0.2 * rng.normal(size=(ROWS + TEST, 3)), rng.normal(size=(ROWS + TEST, 4)) * 40]), 4)
modules = rng.integers(0, 3, ROWS + TEST)
z = 1.2 * common[:, 0] - numbers[:, 3] / 50 + 0.8 * (modules == 1) - 0.5
labels = (rng.random(ROWS + TEST) < 1 / (1 + np.exp(-z))).astype(int)
train, test = slice(0, ROWS), slice(ROWS, None)
encoder = OneHotEncoder(sparse_output=False).fit(modules[train, None])
expand = lambda rows: np.column_stack([numbers[rows], encoder.transform(modules[rows, None])])
scaler = StandardScaler().fit(expand(train))
x, y = scaler.transform(expand(train)), labels[train]
models = []
for penalty, share in [(0.5, 0.5), (5, 0.5), (12, 0.9), (8, 1.0), (3, 0.0)]:
    model = LogisticRegression(C=1 / penalty, l1_ratio=share, solver="saga", tol=1e-13, max_iter=200_000, random_state=0).fit(x, y)
    w, b = model.coef_[0], model.intercept_[0]
    pull = x.T @ (y - model.predict_proba(x)[:, 1]) - penalty * (1 - share) * w
    bad = np.where(w == 0, np.maximum(0, np.abs(pull) - penalty * share), np.abs(pull - penalty * share * np.sign(w)))
    assert bad.max() < 1e-6, bad.max()
    models.append({"penalty": penalty, "l1Share": share, "intercept": b, "weights": w.tolist(),
                   "probabilities": model.predict_proba(scaler.transform(expand(test)))[:, 1].tolist()})
Path(__file__).with_name("elastic-net.json").write_text(json.dumps({
    "numbers": numbers.tolist(), "modules": modules.tolist(), "labels": labels.tolist(), "train": ROWS, "models": models}))
