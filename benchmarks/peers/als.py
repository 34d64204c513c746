"""implicit's ALS by conjugate gradients on the lists of cases/implicit-als.ts; settings of its best NDCG on the validation lists."""

import json

import numpy as np
from implicit.als import AlternatingLeastSquares
from scipy.sparse import csr_matrix
from side import serve, timed
from threadpoolctl import threadpool_limits

EPOCHS = 16
threadpool_limits(1, "blas")  # as implicit itself asks for: its own threads do the work


def prepare(folder):
    split = json.load(open(f"{folder}/split.json"))
    rows = [u for u, items in enumerate(split["train"]) for _ in items]
    columns = [i for items in split["train"] for i in items]
    shape = (len(split["train"]), len(split["items"]))
    return split, csr_matrix((np.ones(len(rows), dtype=np.float32), (rows, columns)), shape=shape)


def ndcg(model, split, matrix):
    total, users = 0.0, 0
    discounts = 1 / np.log2(np.arange(2, 12))
    scores_all = model.user_factors @ model.item_factors.T
    for user, truth in enumerate(split["test"]):
        if not truth:
            continue
        scores = scores_all[user]
        scores[split["train"][user]] = -np.inf
        scores[split["valid"][user]] = -np.inf
        top = np.argpartition(-scores, 10)[:10]
        top = top[np.argsort(-scores[top])]
        hits = np.isin(top, truth)
        total += (hits * discounts).sum() / discounts[: min(10, len(truth))].sum()
        users += 1
    return float(total / users)


def work(data):
    split, matrix = data
    timings, figures = {}, {}
    for factors in (64, 128):
        model = AlternatingLeastSquares(
            factors=factors, alpha=2.0, regularization=5.0, iterations=EPOCHS, use_cg=True, random_state=1,
        )
        seconds, _ = timed(lambda: model.fit(matrix, show_progress=False))
        timings[f"epoch{factors}"] = seconds / EPOCHS
        figures[f"ndcg{factors}"] = ndcg(model, split, matrix)
    return timings, figures


serve(prepare, work)
