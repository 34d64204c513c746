"""Writes off-policy.json: off-policy estimates in exact fractions, straight from the formulas of the recommender handbook, 2.8.

Run: python generate.py  (Python 3.11, standard library only), then format the fixture with Biome
Tolerance in the tests: 1e-12, rounding of doubles over twelve terms.
The cluster standard error of SNIPS is the linearised one, sqrt(G/(G-1) sum_g e_g^2) with e_g = sum_{i in g} w_i (r_i - V)/sum w.
"""

import json
import math
import pathlib
from fractions import Fraction as F

decisions = [  # learner, candidates as (logged, target, q), chosen, reward
    (7, [(F(1, 2), F(1, 4), F(1, 5)), (F(1, 4), F(1, 4), F(2, 5)), (F(1, 4), F(1, 2), F(3, 5))], 0, 1),
    (7, [(F(1, 2), F(1, 4), F(1, 5)), (F(1, 4), F(1, 4), F(2, 5)), (F(1, 4), F(1, 2), F(3, 5))], 2, 0),
    (3, [(F(9, 10), F(1, 10), F(1, 2)), (F(1, 10), F(9, 10), F(3, 4))], 1, 1),
    (3, [(F(9, 10), F(1, 10), F(1, 2)), (F(1, 10), F(9, 10), F(3, 4))], 0, 0),
    (5, [(F(1), F(1), F(1, 3))], 0, 1),
    (5, [(F(1, 3), F(0), F(0)), (F(2, 3), F(1), F(1, 2))], 0, 1),
    (2, [(F(1, 3), F(0), F(0)), (F(2, 3), F(1), F(1, 2))], 1, F(1, 2)),
]
clip = F(2)
n = len(decisions)
w = [F(c[k][1]) / c[k][0] for _, c, k, _ in decisions]
r = [F(x) for *_, x in decisions]
q = [c[k][2] for _, c, k, _ in decisions]
dm = [sum(t * e for _, t, e in c) for _, c, _, _ in decisions]
snips = sum(a * b for a, b in zip(w, r)) / sum(w)
direct = sum(dm) / n
corrected = sum(a * (b - e) for a, b, e in zip(w, r, q))
groups = sorted({d[0] for d in decisions})
e = [sum(w[i] * (r[i] - snips) for i in range(n) if decisions[i][0] == g) / sum(w) for g in groups]
fixture = {
    "learner": [d[0] for d in decisions],
    "counts": [len(d[1]) for d in decisions],
    "logged": [float(p) for d in decisions for p, _, _ in d[1]],
    "target": [float(t) for d in decisions for _, t, _ in d[1]],
    "expectedReward": [float(x) for d in decisions for _, _, x in d[1]],
    "chosen": [d[2] for d in decisions],
    "reward": [float(x) for x in r],
    "clip": float(clip),
    "effectiveSampleSize": float(sum(w) ** 2 / sum(a * a for a in w)),
    "meanWeight": float(sum(w) / n),
    "values": {
        "ips": float(sum(a * b for a, b in zip(w, r)) / n),
        "clippedIps": float(sum(min(a, clip) * b for a, b in zip(w, r)) / n),
        "snips": float(snips),
        "direct": float(direct),
        "doublyRobust": float(direct + corrected / n),
        "selfNormalizedDoublyRobust": float(direct + corrected / sum(w)),
    },
    "snipsStandardError": math.sqrt(float(F(len(groups), len(groups) - 1) * sum(x * x for x in e))),
}
pathlib.Path(__file__).with_name("off-policy.json").write_text(json.dumps(fixture) + "\n")
