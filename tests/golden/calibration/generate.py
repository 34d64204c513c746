"""Golden values of the calibrations. Run beside this file: python generate.py

Versions used for calibration.json: see "versions" in it (the generator writes them).
Platt: Newton's method of scipy (trust-exact) on Platt's smoothed likelihood; scikit-learn's own sigmoid calibration, which
stops at a looser tolerance, is asserted to agree to 1e-3. Beta: scikit-learn's LogisticRegression without a penalty on ln p
and -ln(1 - p), each row twice with the smoothed target and its complement as weights (the fit of the betacal package, with
Platt's targets); a negative weight is set to 0 and the rest fitted again. Isotonic: scikit-learn's IsotonicRegression on
log-odds, clipped to [1/(n+2), 1 - 1/(n+2)].
"""
import json
import platform
from pathlib import Path

import numpy as np
import scipy
import sklearn
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.calibration import _SigmoidCalibration
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression


def targets(y):
    positives = y.sum()
    return np.where(y == 1, (positives + 1) / (positives + 2), 1 / (len(y) - positives + 2))


def platt(s, y):
    t = targets(y)
    x = np.column_stack([s, np.ones_like(s)])

    def loss(w):
        z = x @ w
        return float(np.sum(np.logaddexp(0, z) - t * z))

    def gradient(w):
        return x.T @ (expit(x @ w) - t)

    def hessian(w):
        p = expit(x @ w)
        return (x * (p * (1 - p))[:, None]).T @ x

    w = minimize(loss, [0, 0], jac=gradient, hess=hessian, method="trust-exact", options={"gtol": 1e-11}).x
    own = _SigmoidCalibration().fit(s, y)
    assert np.allclose([-own.a_, -own.b_], w, rtol=1e-3, atol=1e-3), (own.a_, own.b_, w)
    return w


def beta(s, y):
    t = targets(y)
    columns = [-np.logaddexp(0, -s), np.logaddexp(0, s)]

    def fit(active):
        x = np.column_stack([columns[j] for j in active])
        model = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-13, max_iter=1000)
        model.fit(
            np.concatenate([x, x]),
            np.concatenate([np.ones_like(y), np.zeros_like(y)]),
            sample_weight=np.concatenate([t, 1 - t]),
        )
        w = np.zeros(3)
        for j, value in zip(active, model.coef_[0]):
            w[j] = value
        w[2] = model.intercept_[0]
        return w

    w = fit([0, 1])
    if w[0] < 0:
        w = fit([1])
    elif w[1] < 0:
        w = fit([0])
    assert w[0] >= 0 and w[1] >= 0
    return w


def case(name, s, y, asked):
    s, y, asked = np.asarray(s, float), np.asarray(y, int), np.asarray(asked, float)
    a, b = platt(s, y)
    ba, bb, bc = beta(s, y)
    least = 1 / (len(y) + 2)
    isotonic = IsotonicRegression(y_min=least, y_max=1 - least, out_of_bounds="clip").fit(s, y)
    return {
        "name": name,
        "scores": s.tolist(),
        "labels": y.tolist(),
        "asked": asked.tolist(),
        "plattWeights": [a, b],
        "betaWeights": [ba, bb, bc],
        "platt": expit(a * asked + b).tolist(),
        "beta": expit(ba * -np.logaddexp(0, -asked) + bb * np.logaddexp(0, asked) + bc).tolist(),
        "isotonic": isotonic.predict(asked).tolist(),
    }


rng = np.random.default_rng(20)
asked = [-30, -4, -1.5, -0.3, 0, 0.2, 0.9, 2.5, 6, 30]
cases = []
s = rng.normal(0, 2, 300)
cases.append(case("too sure", s, rng.random(300) < expit(0.5 * s - 0.4), asked))
s = np.round(rng.normal(-1, 1.5, 200), 1)
cases.append(case("rounded scores with ties", s, rng.random(200) < expit(1.3 * s + 0.2), asked))
s = np.round(np.concatenate([rng.normal(-2, 0.5, 30), rng.normal(2, 0.5, 12)]), 3)
cases.append(case("few rows that the score separates", s, s > 0, asked))
s = rng.normal(1, 2, 250)
cases.append(case("bent", s, rng.random(250) < expit(np.where(s > 0, 0.1 * s, 2 * s)), asked))
s = rng.normal(0, 2, 400)
cases.append(case("one end against the other", s, rng.random(400) < expit(np.where(s > 0, 1.5 * s, -0.6 * s)), asked))

versions = {
    "python": platform.python_version(),
    "numpy": np.__version__,
    "scipy": scipy.__version__,
    "scikit-learn": sklearn.__version__,
}
Path(__file__).with_name("calibration.json").write_text(json.dumps({"versions": versions, "cases": cases}, indent=1) + "\n")
