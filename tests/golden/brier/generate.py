"""Golden values of what is said about probabilities. Run beside this file: python generate.py
Afterwards: npx biome check --write brier.json

Versions used for brier.json: Python 3.11.7, numpy 2.4.6, scipy 1.17.1, scikit-learn 1.9.1.
Without bins: scikit-learn's IsotonicRegression. Slope and intercept: scikit-learn's LogisticRegression without penalty.
Wilson's intervals: scipy's binomtest. Binned parts: numpy, from the definitions. The area between two ROC curves:
scikit-learn's roc_curve, interpolated on the union of both curves' knots and 2,000,001 equally spaced points.
"""
import json
from pathlib import Path

import numpy as np
from scipy.special import logit
from scipy.stats import binomtest, norm
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_curve


def bins_of(p):
    return np.digitize(p, np.quantile(p, np.arange(1, 10) / 10))


def parts(y, p):
    n, base, bins = len(y), y.mean(), bins_of(p)
    rel = res = wbv = wbc = 0.0
    for b in set(bins):
        own = bins == b
        rel += own.mean() * (p[own].mean() - y[own].mean()) ** 2
        res += own.mean() * (y[own].mean() - base) ** 2
        wbv += ((p[own] - p[own].mean()) ** 2).sum() / n
        wbc += 2 * ((p[own] - p[own].mean()) * (y[own] - y[own].mean())).sum() / n
    fitted = IsotonicRegression().fit_transform(p, y)
    brier, best, unc = ((p - y) ** 2).mean(), ((fitted - y) ** 2).mean(), base * (1 - base)
    assert np.isclose(brier, rel - res + unc + wbv - wbc, rtol=1e-12)
    return {"brier": brier, "uncertainty": unc, "reliability": rel, "resolution": res, "withinVariance": wbv,
            "withinCovariance": wbc, "miscalibration": brier - best, "discrimination": unc - best}


def curve(y, p):
    points = []
    for b in sorted(set(bins_of(p))):
        own = bins_of(p) == b
        ci = binomtest(int(y[own].sum()), int(own.sum())).proportion_ci(0.95, method="wilson")
        points.append([int(own.sum()), p[own].mean(), y[own].mean(), ci.low, ci.high])
    line = LogisticRegression(C=np.inf, tol=1e-12, solver="newton-cholesky", max_iter=1000).fit(logit(p)[:, None], y)
    z = ((y - p) * (1 - 2 * p)).sum() / np.sqrt(((1 - 2 * p) ** 2 * p * (1 - p)).sum())
    return {"curve": points, "inTheLarge": p.mean() - y.mean(), "intercept": line.intercept_[0],
            "slope": line.coef_[0, 0], "z": z, "zP": 2 * norm.sf(abs(z))}


def area_between(y, s, first):
    curves = [roc_curve(y[first == g], s[first == g], drop_intermediate=False)[:2] for g in (1, 0)]
    grid = np.union1d(np.linspace(0, 1, 2_000_001), np.concatenate([c[0] for c in curves]))
    middle = (grid[1:] + grid[:-1]) / 2  # between knots, so that jumps do not matter
    a, b = (np.interp(middle, *c) for c in curves)
    return float((np.abs(a - b) * np.diff(grid)).sum())


cases = []
for name, rows, decimals, tilt in [("smooth", 400, 6, 1.0), ("ties", 300, 1, 1.0), ("too extreme", 250, 6, 2.2)]:
    rng = np.random.default_rng(rows)
    truth = rng.normal(-0.6, 1.3, rows)
    y = (rng.random(rows) < 1 / (1 + np.exp(-truth))).astype(int)
    p = np.clip(np.round(1 / (1 + np.exp(-tilt * truth - 0.2 * rng.normal(size=rows))), decimals), 0.001, 0.999)
    first = (rng.random(rows) < 0.4).astype(int)
    s = np.where(first == 1, np.round(p + 0.25 * rng.random(rows), decimals), p)
    cases.append({"name": name, "labels": y.tolist(), "probabilities": p.tolist(), "isFirst": first.tolist(),
                  "scores": s.tolist(), **parts(y, p), **curve(y, p), "areaBetween": area_between(y, s, first)})
Path(__file__).with_name("brier.json").write_text(json.dumps({"cases": cases}, indent=1))
