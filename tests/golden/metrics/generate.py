"""Golden values of the metrics. Run beside this file: python generate.py

Afterwards: npx biome check --write metrics.json. Versions used for metrics.json: Python 3.11.7, numpy 2.4.6, scikit-learn 1.9.1.
scikit-learn: roc_auc_score, average_precision_score, brier_score_loss, log_loss. Expected calibration error: numpy's
quantile for the deciles and digitize for the bins (scikit-learn has no equal-mass ECE); its noise floor: the mean ECE of
2,000 simulations of calibrated outcomes. Precision at the top: every order of the ties, by enumeration of all permutations.
"""
import itertools
import json
from pathlib import Path

import numpy as np
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score


def ece(y, p):
    n = len(p)
    ordered = np.sort(p)
    edges = []
    for b in range(1, 10):  # np.quantile(p, b / 10) with the position (n - 1) * b / 10 in whole numbers
        below, rest = divmod((n - 1) * b, 10)
        edges.append(ordered[below] if rest == 0 else ordered[below] + rest / 10 * (ordered[below + 1] - ordered[below]))
    assert np.allclose(edges, np.quantile(p, np.arange(1, 10) / 10), rtol=1e-12, atol=0)
    bins = np.digitize(p, edges)
    return float(sum((bins == b).sum() / n * abs(y[bins == b].mean() - p[bins == b].mean()) for b in set(bins)))


def case(name, y, p):
    return {
        "name": name,
        "labels": [int(v) for v in y],
        "probabilities": [float(v) for v in p],
        "areaUnderRoc": float(roc_auc_score(y, p)),
        "averagePrecision": float(average_precision_score(y, p)),
        "brier": float(brier_score_loss(y, p)),
        "logLoss": float(log_loss(y, np.column_stack([1 - np.clip(p, 1e-12, 1 - 1e-12), np.clip(p, 1e-12, 1 - 1e-12)]))),
        "expectedCalibrationError": ece(np.asarray(y), np.asarray(p)),
    }


rng = np.random.default_rng(20240601)
cases = []
p = rng.beta(1.5, 3, 500)
cases.append(case("500 calibrated rows without ties", rng.random(500) < p, p))
p = np.round(rng.random(400), 1)
cases.append(case("400 rows with eleven distinct scores", rng.random(400) < p**2, p))
p = np.where(rng.random(60) < 0.5, 0.25, 0.75)
cases.append(case("60 rows with two distinct scores", rng.random(60) < 0.4, p))
p = np.array([0.0, 1.0, 0.3, 1.0, 0.0, 0.5, 1.0])
cases.append(case("certain and wrong", [1, 0, 0, 1, 0, 1, 1], p))
cases.append(case("two rows", [0, 1], np.array([0.2, 0.1])))

# Every order of the ties of the handbook's example: scores 0.9, three times 0.8, 0.5, 0.4.
labels, scores, k = [1, 0, 1, 1, 1, 0], [0.9, 0.8, 0.8, 0.8, 0.5, 0.4], 3
orders = [np.mean([labels[i] for i in sorted(order, key=lambda i: -scores[i])[:k]]) for order in itertools.permutations(range(6))]
ties = {"labels": labels, "scores": scores, "count": k, "value": float(np.mean(orders)), "worst": min(orders), "best": max(orders), "variance": float(np.var(orders))}

p = np.round(rng.beta(2, 2, 3000), 4)
floor = {"probabilities": [float(v) for v in p], "simulated": float(np.mean([ece(rng.random(3000) < p, p) for _ in range(2000)]))}

Path(__file__).with_name("metrics.json").write_text(json.dumps({"cases": cases, "ties": ties, "noiseFloor": floor}) + "\n")
