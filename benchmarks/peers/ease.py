"""EASE in NumPy (OpenBLAS): the closed form of Steck (2019) over the 3,000 most done items of the lists."""

import json

import numpy as np
from scipy.sparse import csr_matrix
from side import serve, timed

MOST_DONE = 3_000
PENALTY = 1_000.0


def prepare(folder):
    split = json.load(open(f"{folder}/split.json"))
    counts = np.zeros(len(split["items"]))
    for row in split["train"]:
        counts[row] += 1
    kept = sorted(range(len(counts)), key=lambda i: (-counts[i], i))[:MOST_DONE]
    place = {item: i for i, item in enumerate(kept)}
    rows, columns = [], []
    for user, items in enumerate(split["train"]):
        for item in items:
            if item in place:
                rows.append(user)
                columns.append(place[item])
    return csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(split["train"]), len(kept)))


def fit(x):
    gram = np.asarray((x.T @ x).todense())
    np.fill_diagonal(gram, gram.diagonal() + PENALTY)
    inverse = np.linalg.inv(gram)
    weights = inverse / -np.diag(inverse)
    np.fill_diagonal(weights, 0)
    return weights


def work(x):
    seconds, weights = timed(lambda: fit(x))
    return {"fit": seconds}, {"trace": float(np.abs(weights[[0, 1, 2]].sum(axis=0)).sum())}


serve(prepare, work)
