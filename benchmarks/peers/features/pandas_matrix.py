"""The OULAD matrix of one day in pandas: the columns and definitions of cairn's families, by vectorised joins and groups."""

import json
import os
import sys

import numpy as np
import pandas as pd

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from side import serve, timed  # noqa: E402

RANKED = ["entered_day", "score_mean", "score_last", "days_late_mean", "work_missed"]


def prepare(folder):
    with open(os.path.join(folder, "case.json")) as file:
        case = json.load(file)
    tables = {
        name: pd.read_parquet(os.path.join(case["snapshot"], name + ".parquet"))
        for name in ["enrolment", "section", "background", "assignment", "result"]
    }
    for table in tables.values():
        for column in table.columns:
            if column.endswith("_on"):
                table[column] = pd.to_datetime(table[column])
    return tables, case["day"]


def matrix(prepared):
    t, day = prepared
    e = t["enrolment"].copy()
    e["as_of"] = e["starts_on"] + pd.Timedelta(days=day)
    left = (e["exited_on"] <= e["as_of"]) & (e["exit_known_on"].fillna(e["exited_on"]) <= e["as_of"])
    c = e[(e["known_on"] <= e["as_of"]) & (e["entered_on"].isna() | (e["entered_on"] <= e["as_of"])) & ~left]
    c = c[["learner", "period", "peer_group", "starts_on", "entered_on", "as_of"]].copy()
    c["entered_day"] = (c["entered_on"] - c["starts_on"]).dt.days

    b = t["background"].merge(c[["learner", "as_of"]], on="learner")
    b = b[b["known_on"] <= b["as_of"]].pivot(index="learner", columns="name", values="value")
    c = c.merge(b, on="learner", how="left")
    s = t["section"].merge(c[["learner", "as_of"]], on="learner")
    s = s[s["known_on"] <= s["as_of"]]
    courses = s.groupby("learner")["course"].agg(["first", "nunique"])
    c["course"] = c["learner"].map(courses["first"].where(courses["nunique"] == 1))

    r = t["result"][t["result"]["submitted_on"].notna()]
    since = r[["submitted_on", "known_on"]].max(axis=1).groupby(r["assignment"]).min().rename("since")
    w = t["assignment"][t["assignment"]["kind"] == "assignment"].merge(since, left_on="assignment", right_index=True, how="left")
    spans = s[["section", "as_of"]].drop_duplicates()
    d = w.merge(spans, on="section")
    d = d[(d["known_on"] <= d["as_of"]) & (d["due_on"] <= d["as_of"]) & (d["since"] <= d["as_of"])]
    due = d.groupby(["section", "as_of"]).agg(pieces=("assignment", "size"), weight_due=("weight", "sum")).reset_index()
    per = s[["learner", "section", "as_of"]].merge(due, on=["section", "as_of"], how="left").fillna({"pieces": 0, "weight_due": 0})
    per = per.groupby("learner")[["pieces", "weight_due"]].sum()
    c = c.merge(per, on="learner", how="left")

    h = s[["learner", "section", "as_of"]].merge(w[["assignment", "section", "due_on", "weight", "known_on"]], on="section")
    h = h[h["known_on"] <= h["as_of"]].merge(
        r[["assignment", "learner", "submitted_on", "score", "carried_over", "known_on"]], on=["assignment", "learner"]
    )
    h = h[(h["submitted_on"] <= h["as_of"]) & (h["known_on_y"] <= h["as_of"])]
    is_due = h["due_on"] <= h["as_of"]
    early = h[~is_due].groupby("learner").size().rename("work_early")
    h = h[is_due].copy()
    h["days_late"] = (h["submitted_on"] - h["due_on"]).dt.days
    h["late"] = h["days_late"] > 0
    g = h.groupby("learner")
    summary = g.agg(
        work_submitted=("assignment", "size"),
        weight_submitted=("weight", "sum"),
        score_mean=("score", "mean"),
        score_minimum=("score", "min"),
        days_late_mean=("days_late", "mean"),
        work_late=("late", "sum"),
        work_carried_over=("carried_over", "sum"),
    )
    last = h[h["score"].notna()].sort_values(["submitted_on", "due_on", "assignment"]).groupby("learner")["score"].last()
    c = c.merge(summary, on="learner", how="left")
    c["score_last"] = c["learner"].map(last)
    c["work_early"] = c["learner"].map(early).fillna(0)
    c["work_due"] = c["pieces"]
    c[["work_submitted", "weight_submitted"]] = c[["work_submitted", "weight_submitted"]].fillna(0)
    c["work_missed"] = c["work_due"] - c["work_submitted"]
    c["weight_missed"] = c["weight_due"] - c["weight_submitted"]
    groups = c.groupby("peer_group")[RANKED]
    ranks = (groups.rank(method="average") - 0.5) / groups.transform("count")
    c[[name + "_rank" for name in RANKED]] = ranks
    return c.sort_values(["period", "peer_group", "learner"])


def work(prepared):
    seconds, c = timed(lambda: matrix(prepared))
    figures = {
        "rows": len(c),
        "scoreMean": float(np.nansum(c["score_mean"])),
        "scoreRank": float(np.nansum(c["score_mean_rank"])),
        "daysLate": float(np.nansum(c["days_late_mean"])),
    }
    return {"matrix": seconds}, figures


serve(prepare, work)
