"""Golden values of histogram gradient-boosted trees. Run beside this file: python generate.py
Afterwards: npx biome check --write boosted-trees.json

Versions used for boosted-trees.json: Python 3.11.7, numpy 2.4.6, scikit-learn 1.9.1, shap 0.51.0.
Trees come from scikit-learn's HistGradientBoostingClassifier, Shapley values from shap's TreeExplainer on the same model; no
line of cairn is in it. Every column has fewer than 255 distinct values, so both programs put thresholds at all mid-points.
Nodes are listed in pre-order: [feature, threshold, missing left, rows] and [value, rows] of a leaf (rounded to 9 digits). A
threshold of null parts every number from missing cells; missing left is null where the node's rows miss nothing. Leaves keep
20 rows or more, and the second model has 12 trees: beyond that two thresholds part the rows alike, and each program takes
another one. Monotone constraints are not compared:
scikit-learn leaves the curvature out of the gain of a clipped leaf.
"""
import json
from pathlib import Path

import numpy as np
import shap
from sklearn.ensemble import HistGradientBoostingClassifier

rng = np.random.default_rng(11)
ROWS, TEST = 700, 60
x = np.round(rng.normal(size=(ROWS + TEST, 5)) * [10, 8, 40, 30, 10] + [0, 60, 200, -40, 0]) / [10, 1, 100, 10, 10]
z = 1.2 * x[:, 0] + np.where(x[:, 1] < 55, 1.1, -0.3) + 0.25 * x[:, 3] * (x[:, 2] > 2) + 0.4
labels = (rng.random(ROWS + TEST) < 1 / (1 + np.exp(-z))).astype(int)
x[rng.random(ROWS + TEST) < 0.2, 1] = np.nan
x[(rng.random(ROWS + TEST) < 0.5) & (labels == 1), 2] = np.nan  # missing speaks for the outcome
assert max(len(np.unique(column[~np.isnan(column)])) for column in x.T) <= 255
train, test = slice(0, ROWS), slice(ROWS, None)


def preorder(nodes, rows, at=0):
    node = nodes[at]
    assert len(rows) == node["count"]
    if node["is_leaf"]:
        return [[round(float(node["value"]), 9), int(node["count"])]]
    threshold = float(node["num_threshold"])
    cells = x[rows, node["feature_idx"]]
    missing = np.isnan(cells)
    goes_left = np.where(missing, bool(node["missing_go_to_left"]), cells <= threshold)
    missing_left = int(node["missing_go_to_left"]) if missing.any() else None
    here = [int(node["feature_idx"]), threshold if np.isfinite(threshold) else None, missing_left, int(node["count"])]
    return [here, *preorder(nodes, rows[goes_left], node["left"]), *preorder(nodes, rows[~goes_left], node["right"])]


settings = [
    {"max_iter": 25, "max_leaf_nodes": 15, "max_depth": 14, "l2_regularization": 1.0, "min_samples_leaf": 20, "learning_rate": 0.05},
    {"max_iter": 12, "max_leaf_nodes": 31, "max_depth": 3, "l2_regularization": 0.5, "min_samples_leaf": 20, "learning_rate": 0.3},
    {"max_iter": 25, "max_leaf_nodes": 8, "max_depth": 14, "l2_regularization": 5.0, "min_samples_leaf": 40, "learning_rate": 0.2},
]
models = []
for setting in settings:
    model = HistGradientBoostingClassifier(early_stopping=False, max_bins=255, **setting)
    model.fit(x[train], labels[train])
    explainer = shap.TreeExplainer(model)
    models.append({
        "setting": setting,
        "trees": [preorder(stage[0].nodes, np.arange(ROWS)) for stage in model._predictors],
        "probabilities": [float(p) for p in model.predict_proba(x[test])[:, 1]],
        "reasons": [[round(float(v), 9) for v in row] for row in explainer.shap_values(x[test])],
        "base": float(np.ravel(explainer.expected_value)[0]),
    })

columns = [[None if np.isnan(v) else float(v) for v in column] for column in x.T]
fixture = {"trainRows": ROWS, "columns": columns, "labels": [int(v) for v in labels], "models": models}
Path(__file__).with_name("boosted-trees.json").write_text(json.dumps(fixture) + "\n")
