"""Writes study.json: distributions from mpmath to fifty digits, Welch's test from scipy, HC2 from statsmodels, CR2 from dense matrices.

Run: python generate.py  (Python 3.11, mpmath, numpy, scipy, statsmodels; versions are written into the fixture), then format the fixture with Biome
Tolerance in the tests: 1e-8 relative, class A of the handbook (closed forms); 1e-11 for the distributions.
"""

import json
import pathlib

import mpmath
import numpy
import scipy
import statsmodels
import statsmodels.api as sm
from scipy import stats

mpmath.mp.dps = 50
rng = numpy.random.default_rng(20261123)


def student_tail(t, v):
    """P(|T| >= t) to fifty digits."""
    t, v = mpmath.mpf(t), mpmath.mpf(v)
    return mpmath.betainc(v / 2, 0.5, 0, v / (v + t * t), regularized=True)


def student_quantile(p, v):
    """Refines scipy's quantile to fifty digits."""
    start = mpmath.mpf(float(stats.t.isf(p / 2, v)))
    return mpmath.findroot(lambda t: mpmath.log(student_tail(t, v) / p), start)


def distributions():
    degrees = [0.7, 1, 2.14, 3.56, 10, 61.5, 307.13, 5000]
    t = [0.0, 1e-6, 0.3, 1.0, 1.96, 4.2, 12.0, 60.0]
    beta = [(x, a, b) for x in (1e-8, 0.02, 0.4, 0.77, 0.999) for a in (0.5, 2.3, 40) for b in (0.5, 7, 1200)]
    z = [-30.0, -8.5, -3.0, -2.9999, -1.0, 0.0, 0.4, 2.0, 3.5, 7.0]
    p = [1e-9, 0.001, 0.05, 0.1, 0.5, 0.9, 0.999]
    gamma = [1e-6, 0.1, 0.5, 1.5, 3.0, 9.99, 10.0, 171.3, 1e5]
    return {
        "studentTwoSided": [[x, v, float(student_tail(x, v))] for v in degrees for x in t],
        "studentTwoSidedQuantile": [[x, v, float(student_quantile(x, v))] for v in degrees for x in p],
        "regularizedIncompleteBeta": [[x, a, b, float(mpmath.betainc(a, b, 0, x, regularized=True))] for x, a, b in beta],
        "normalCumulative": [[x, float(mpmath.ncdf(x))] for x in z],
        "normalTwoSidedQuantile": [[x, float(-mpmath.sqrt(2) * mpmath.erfinv(mpmath.mpf(x) - 1))] for x in p],
        "logGamma": [[x, float(mpmath.loggamma(x))] for x in gamma],
    }


def individual(n1, n0, shift, scale):
    y1 = rng.normal(shift + 1.3, scale, n1)
    y0 = rng.normal(shift, 2 * scale, n0)
    y, t = numpy.concatenate([y1, y0]), numpy.repeat([1, 0], [n1, n0])
    order = rng.permutation(n1 + n0)
    y, t = y[order], t[order]
    welch = stats.ttest_ind(y1, y0, equal_var=False)
    interval = welch.confidence_interval(0.95)
    hc2 = sm.OLS(y, sm.add_constant(t)).fit(cov_type="HC2")
    n = n1 + n0
    pooled = numpy.sqrt(((n1 - 1) * y1.var(ddof=1) + (n0 - 1) * y0.var(ddof=1)) / (n - 2))
    g = (1 - 3 / (4 * n - 9)) * (y1.mean() - y0.mean()) / pooled
    g_se = numpy.sqrt(n / (n1 * n0) + g**2 / (2 * n))
    return {
        "outcome": y.tolist(),
        "treatment": t.tolist(),
        "effect": float(hc2.params[1]),
        "se": float(hc2.bse[1]),
        "df": float(welch.df),
        "ci": [float(interval.low), float(interval.high)],
        "p": float(welch.pvalue),
        "g": float(g),
        "gSe": float(g_se),
        "gCi": (g + numpy.array([-1, 1]) * stats.norm.ppf(0.975) * g_se).tolist(),
        "improvementIndex": float(100 * stats.norm.cdf(g) - 50),
    }


def power(matrix, exponent):
    """Symmetric pseudo-inverse power by eigen-decomposition."""
    values, vectors = numpy.linalg.eigh(matrix)
    keep = values > 1e-12 * max(1, values.max())
    return (vectors[:, keep] * values[keep] ** exponent) @ vectors[:, keep].T


def cr2(y, t, cluster):
    """CR2 and Satterthwaite df of y ~ 1 + t from the general n-by-n formulas of Pustejovsky and Tipton (2018)."""
    n = len(y)
    x = numpy.column_stack([numpy.ones(n), t])
    bread = numpy.linalg.inv(x.T @ x)
    b = bread @ x.T @ y
    residual = y - x @ b
    maker = numpy.eye(n) - x @ bread @ x.T
    contrast = numpy.array([0.0, 1.0])
    meat = numpy.zeros((2, 2))
    columns = []
    for g in numpy.unique(cluster):
        rows = cluster == g
        adjust = power(maker[numpy.ix_(rows, rows)], -0.5)
        score = x[rows].T @ adjust @ residual[rows]
        meat += numpy.outer(score, score)
        columns.append(maker[:, rows] @ adjust @ x[rows] @ bread @ contrast)
    p = numpy.column_stack(columns)
    b_matrix = p.T @ p
    df = numpy.trace(b_matrix) ** 2 / (b_matrix**2).sum()
    se = numpy.sqrt((bread @ meat @ bread)[1, 1])
    return float(b[1]), float(se), float(df), float(2 * stats.t.sf(abs(b[1] / se), df))


def clustered_g(y, t, clusters, effect, se, rho=0.2):
    """Hedges (2007) by the WWC's formulas for a model that handled the clusters: handbook 2.13, coefficient SE row."""
    n1, n0 = int(t.sum()), int((1 - t).sum())
    total, n = n1 + n0, (n1 + n0) / clusters
    pooled = numpy.sqrt(((n1 - 1) * y[t == 1].var(ddof=1) + (n0 - 1) * y[t == 0].var(ddof=1)) / (total - 2))
    gamma = 1 - 2 * (n - 1) * rho / (total - 2)
    below = (total - 2) * (1 - rho) ** 2 + n * (total - 2 * n) * rho**2 + 2 * (total - 2 * n) * rho * (1 - rho)
    h = ((total - 2) - 2 * (n - 1) * rho) ** 2 / below
    g = (1 - 3 / (4 * h - 1)) * numpy.sqrt(gamma) * effect / pooled
    return {"g": float(g), "gSe": float(numpy.sqrt((se / pooled) ** 2 * gamma + g**2 / (2 * h)))}


def clustered(sizes1, sizes0):
    rows = [(i, t, rng.normal(t + rng.normal(0, 0.8), 1, size)) for t, sizes in ((1, sizes1), (0, sizes0)) for i, size in enumerate(sizes)]
    y = numpy.concatenate([r[2] for r in rows])
    t = numpy.concatenate([[r[1]] * len(r[2]) for r in rows])
    cluster = numpy.concatenate([[r[0] + 100 * r[1]] * len(r[2]) for r in rows])
    effect, se, df, p = cr2(y, t, cluster)
    means = [[y[cluster == g].mean() for g in numpy.unique(cluster[t == arm])] for arm in (1, 0)]
    pooled = stats.ttest_ind(means[0], means[1], equal_var=True)
    return {
        "outcome": y.tolist(),
        "treatment": t.tolist(),
        "cluster": cluster.tolist(),
        "learner": {"effect": effect, "se": se, "df": df, "p": p, **clustered_g(y, t, len(numpy.unique(cluster)), effect, se)},
        "cluster_": {
            "effect": float(numpy.mean(means[0]) - numpy.mean(means[1])),
            "se": float((numpy.mean(means[0]) - numpy.mean(means[1])) / pooled.statistic),
            "df": float(pooled.df),
            "p": float(pooled.pvalue),
        },
    }


fixture = {
    "versions": {"mpmath": mpmath.__version__, "numpy": numpy.__version__, "scipy": scipy.__version__, "statsmodels": statsmodels.__version__},
    "distributions": distributions(),
    "individual": [individual(40, 25, 0, 1), individual(2, 3, 5, 1), individual(30, 30, 1e7, 3)],
    "clustered": [clustered([12, 30, 7, 19], [22, 5, 14]), clustered([10] * 6, [10] * 6)],
}
pathlib.Path(__file__).with_name("study.json").write_text(json.dumps(fixture, indent=1) + "\n")
