"""Golden values of the L2 logistic regression. Run beside this file: python generate.py
Afterwards: npx biome check --write logistic.json

Versions used for logistic.json: Python 3.11.7, numpy 2.4.6, scikit-learn 1.9.1.
The pipeline is scikit-learn's own: SimpleImputer(median), MissingIndicator, OneHotEncoder, StandardScaler and
LogisticRegression(C = 1/penalty, solver newton-cholesky, tol 1e-12), with no line of cairn in it.
"""
import json
from pathlib import Path

import numpy as np
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import OneHotEncoder, StandardScaler

rng = np.random.default_rng(7)
ROWS, TEST = 300, 40
numbers = np.round(rng.normal(size=(ROWS + TEST, 4)) * [1, 10, 0.01, 300] + [0, 60, 5, -40], 4)
modules = rng.integers(0, 4, ROWS + TEST)
z = numbers[:, 0] - (numbers[:, 1] - 60) / 12 + (modules == 2) - 0.4
labels = (rng.random(ROWS + TEST) < 1 / (1 + np.exp(-z))).astype(int)
numbers[rng.random(ROWS + TEST) < 0.2, 1] = np.nan  # missing in two columns, at different rows
numbers[rng.random(ROWS + TEST) < 0.1, 3] = np.nan
train, test = slice(0, ROWS), slice(ROWS, None)

imputer = SimpleImputer(strategy="median").fit(numbers[train])
indicator = MissingIndicator(features="missing-only").fit(numbers[train])
encoder = OneHotEncoder(sparse_output=False).fit(modules[train, None])


def expand(rows):
    filled, flags, hot = imputer.transform(numbers[rows]), indicator.transform(numbers[rows]), encoder.transform(modules[rows, None])
    return np.column_stack([filled, flags, hot])


names = ["a", "b", "c", "d", "b: missing", "d: missing"] + [f"module = {'ABCD'[int(code)]}" for code in encoder.categories_[0]]
assert list(indicator.features_) == [1, 3]
scaler = StandardScaler().fit(expand(train))
models = []
for penalty in [0.01, 2, 50]:
    model = LogisticRegression(C=1 / penalty, solver="newton-cholesky", tol=1e-12, max_iter=1000)
    model.fit(scaler.transform(expand(train)), labels[train])
    models.append({
        "penalty": penalty,
        "intercept": float(model.intercept_[0]),
        "weights": dict(zip(names, map(float, model.coef_[0]))),
        "probabilities": [float(p) for p in model.predict_proba(scaler.transform(expand(test)))[:, 1]],
    })

columns = {name: [None if np.isnan(v) else float(v) for v in numbers[:, j]] for j, name in enumerate("abcd")}
fixture = {"trainRows": ROWS, "columns": columns, "module": [int(v) for v in modules], "labels": [int(v) for v in labels], "models": models}
Path(__file__).with_name("logistic.json").write_text(json.dumps(fixture) + "\n")
