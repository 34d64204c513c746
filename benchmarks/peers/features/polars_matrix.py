"""The OULAD matrix of one day in Polars: the columns and definitions of cairn's families, as one lazy plan."""

import json
import os
import sys

import polars as pl

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from side import serve, timed  # noqa: E402

RANKED = ["entered_day", "score_mean", "score_last", "days_late_mean", "work_missed"]


def prepare(folder):
    with open(os.path.join(folder, "case.json")) as file:
        case = json.load(file)
    names = ["enrolment", "section", "background", "assignment", "result"]
    tables = {name: pl.read_parquet(os.path.join(case["snapshot"], name + ".parquet")) for name in names}
    return tables, case["day"]


def matrix(prepared):
    t, day = prepared
    col, lazy = pl.col, {name: table.lazy() for name, table in t.items()}
    as_of = col("as_of")
    c = (
        lazy["enrolment"]
        .with_columns(as_of=col("starts_on") + pl.duration(days=day))
        .filter(
            (col("known_on") <= as_of)
            & (col("entered_on").is_null() | (col("entered_on") <= as_of))
            & ~((col("exited_on") <= as_of) & (col("exit_known_on").fill_null(col("exited_on")) <= as_of)).fill_null(False)
        )
        .select("learner", "period", "peer_group", "as_of", entered_day=(col("entered_on") - col("starts_on")).dt.total_days())
    )
    days = c.select("learner", "as_of")
    told = lazy["background"].join(days, on="learner").filter(col("known_on") <= as_of)
    background = told.group_by("learner").agg(
        [col("value").filter(col("name") == n).max().alias(n) for n in ["num_of_prev_attempts", "studied_credits", "highest_education"]]
    )
    s = lazy["section"].join(days, on="learner").filter(col("known_on") <= as_of)
    course = s.group_by("learner").agg(course=pl.when(col("course").n_unique() == 1).then(col("course").first()))
    r = lazy["result"].filter(col("submitted_on").is_not_null())
    since = r.group_by("assignment").agg(since=pl.max_horizontal("submitted_on", "known_on").min())
    w = lazy["assignment"].filter(col("kind") == "assignment").join(since, on="assignment", how="left")
    due = (
        s.select("section", "as_of").unique().join(w, on="section")
        .filter((col("known_on") <= as_of) & (col("due_on") <= as_of) & (col("since") <= as_of))
        .group_by("section", "as_of").agg(pieces=pl.len(), weight_due=col("weight").sum())
    )
    per = (
        s.select("learner", "section", "as_of").join(due, on=["section", "as_of"], how="left")
        .group_by("learner").agg(work_due=col("pieces").fill_null(0).sum(), weight_due=col("weight_due").fill_null(0).sum())
    )
    h = (
        s.select("learner", "section", "as_of")
        .join(w.select("assignment", "section", "due_on", "weight", plan_on="known_on"), on="section")
        .filter(col("plan_on") <= as_of)
        .join(r.select("assignment", "learner", "submitted_on", "score", "carried_over", "known_on"), on=["assignment", "learner"])
        .filter((col("submitted_on") <= as_of) & (col("known_on") <= as_of))
        .with_columns(is_due=col("due_on") <= as_of, days_late=(col("submitted_on") - col("due_on")).dt.total_days())
    )
    is_due = col("is_due")
    scored = is_due & col("score").is_not_null()
    summary = h.sort("submitted_on", "due_on", "assignment").group_by("learner").agg(
        work_submitted=is_due.sum(),
        weight_submitted=col("weight").filter(is_due).sum(),
        score_mean=col("score").filter(is_due).mean(),
        score_minimum=col("score").filter(is_due).min(),
        score_last=col("score").filter(scored).last(),
        days_late_mean=col("days_late").filter(is_due).mean(),
        work_late=(is_due & (col("days_late") > 0)).sum(),
        work_carried_over=(is_due & col("carried_over")).sum(),
        work_early=(~is_due).sum(),
    )
    c = (
        c.join(background, on="learner", how="left").join(course, on="learner", how="left")
        .join(per, on="learner", how="left").join(summary, on="learner", how="left")
        .with_columns(col("work_submitted", "weight_submitted", "work_early").fill_null(0))
        .with_columns(
            work_missed=col("work_due").cast(pl.Int64) - col("work_submitted").cast(pl.Int64),
            weight_missed=col("weight_due") - col("weight_submitted"),
        )
        .with_columns(
            [((col(n).rank("average") - 0.5) / col(n).count()).over("peer_group").alias(n + "_rank") for n in RANKED]
        )
    )
    return c.sort("period", "peer_group", "learner").collect()


def work(prepared):
    seconds, c = timed(lambda: matrix(prepared))
    figures = {
        "rows": c.height,
        "scoreMean": c["score_mean"].sum(),
        "scoreRank": c["score_mean_rank"].sum(),
        "daysLate": c["days_late_mean"].sum(),
    }
    return {"matrix": seconds}, figures


serve(prepare, work)
