"""LightGBM, XGBoost and scikit-learn on the data of cases/boosted-trees.ts, with the same trees, depth, bins and rate."""

import json
import sys

import numpy as np
from side import serve, timed
from sklearn.metrics import roc_auc_score

EXPLAINED = 2_000


def prepare(folder):
    shape = json.load(open(f"{folder}/shape.json"))
    values = np.fromfile(f"{folder}/values.f64").reshape(shape["columns"], shape["rows"])
    # Row by row: the layout these libraries are at their fastest with.
    values = np.ascontiguousarray(values.T)
    labels = np.fromfile(f"{folder}/labels.u8", dtype=np.uint8)
    n = shape["trainRows"]
    return values[:n], labels[:n], values[n:], labels[n:]


def lightgbm(x, y):
    import lightgbm as lgb

    parameters = dict(
        objective="binary", learning_rate=0.1, num_leaves=64, max_depth=6, max_bin=255, min_data_in_leaf=20,
        lambda_l2=1.0, verbose=-1,
    )
    model = lgb.train(parameters, lgb.Dataset(x, y), num_boost_round=100)
    return model, model.predict, lambda rows: model.predict(rows, pred_contrib=True)


def xgboost(x, y):
    import xgboost as xgb

    parameters = dict(
        objective="binary:logistic", eta=0.1, max_depth=6, max_bin=256, tree_method="hist", reg_lambda=1.0,
    )
    model = xgb.train(parameters, xgb.QuantileDMatrix(x, y, max_bin=256), num_boost_round=100)
    return (
        model,
        lambda rows: model.inplace_predict(rows),
        lambda rows: model.predict(xgb.DMatrix(rows), pred_contribs=True),
    )


def scikit_learn(x, y):
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(
        max_iter=100, learning_rate=0.1, max_leaf_nodes=64, max_depth=6, max_bins=255, min_samples_leaf=20,
        l2_regularization=1.0, early_stopping=False,
    ).fit(x, y)

    def explain(rows):
        import shap

        return shap.TreeExplainer(model).shap_values(rows)

    return model, lambda rows: model.predict_proba(rows)[:, 1], explain


LIBRARIES = {"LightGBM": lightgbm, "XGBoost": xgboost, "scikit-learn": scikit_learn}


def work(data):
    x, y, test, labels = data
    fit, (_, predict, explain) = timed(lambda: LIBRARIES[sys.argv[2]](x, y))
    everybody, _ = timed(lambda: predict(x))
    reasons, _ = timed(lambda: explain(x[:EXPLAINED]))
    return (
        {"fit": fit, "predict": everybody, "reasons": reasons},
        {"auc": float(roc_auc_score(labels, predict(test)))},
    )


serve(prepare, work)
