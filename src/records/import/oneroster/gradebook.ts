import type { FileMapping } from "./mapping.ts";
import { base, keyOf, leading } from "./mapping.ts";
import { packageTargets } from "./targets.ts";

/** categories.csv: kept in memory while the package is read (a gradebook has tens), and written with each line item. */
export const categories: FileMapping = {
  name: "categories",
  columns: [...leading, "title", "weight"],
  required: ["sourcedId", "title"],
  map(row, context) {
    context.categories.set(row.required("sourcedId"), { title: row.required("title"), weight: row.number("weight") });
    return [];
  },
};

/** lineItems.csv. The category's title says which work is an exam and which line is a final mark. */
export const assignments: FileMapping = {
  name: "lineItems",
  columns: [
    ...leading,
    "title",
    "description",
    "assignDate",
    "dueDate",
    "classSourcedId",
    "categorySourcedId",
    "gradingPeriodSourcedId",
    "academicSessionSourcedId",
    "resultValueMin",
    "resultValueMax",
    "schoolSourcedId",
  ],
  required: ["sourcedId", "classSourcedId"],
  map(row, context) {
    const category = row.text("categorySourcedId");
    const known = category === null ? undefined : context.categories.get(category);
    if (known === undefined) row.lenient("categorySourcedId: no such category, read as ordinary work");
    const assigned = row.date("assignDate");
    const due = row.date("dueDate");
    const values = [
      row.text("title"),
      assignmentKind(known?.title ?? ""),
      known?.title ?? null,
      category,
      keyOf(context, row.required("classSourcedId")),
      keyOf(context, row.text("academicSessionSourcedId") ?? row.text("gradingPeriodSourcedId")),
      assigned,
      due,
      known?.weight ?? null,
      row.number("resultValueMin"),
      row.number("resultValueMax"),
    ];
    return [{ target: packageTargets.assignment, record: base(row, context, values, { ownDate: assigned ?? due }) }];
  },
};

function assignmentKind(category: string): "assignment" | "exam" | "final-mark" {
  const folded = category.trim().toLowerCase();
  if (folded === "final mark" || folded === "final grade") return "final-mark";
  return folded === "exam" ? "exam" : "assignment";
}

const statuses = ["exempt", "fully graded", "not submitted", "partially graded", "submitted"];

/** results.csv */
export const results: FileMapping = {
  name: "results",
  columns: [
    ...leading,
    "lineItemSourcedId",
    "studentSourcedId",
    "scoreStatus",
    "score",
    "scoreDate",
    "comment",
    "textScore",
    "classSourcedId",
    "inProgress",
    "incomplete",
    "late",
    "missing",
  ],
  required: ["sourcedId", "lineItemSourcedId", "studentSourcedId"],
  map(row, context) {
    const scored = row.date("scoreDate");
    const values = [
      keyOf(context, row.required("lineItemSourcedId")),
      row.wordOrRaw("scoreStatus", statuses),
      row.text("scoreStatus"),
      row.number("score"),
      row.text("textScore"),
      scored,
      row.boolean("late"),
      row.boolean("missing"),
      row.boolean("incomplete"),
      row.text("comment"),
    ];
    const record = base(row, context, values, { person: row.required("studentSourcedId"), ownDate: scored });
    return [{ target: packageTargets.result, record }];
  },
};

/** resultLearningObjectiveIds.csv: the evidence for each standard. It has no date of its own; the snapshot takes the result's. */
export const standardResults: FileMapping = {
  name: "resultLearningObjectiveIds",
  columns: [...leading, "resultSourcedId", "source", "learningObjectiveId", "score", "textScore"],
  required: ["sourcedId", "resultSourcedId", "learningObjectiveId"],
  map(row, context) {
    const values = [
      keyOf(context, row.required("resultSourcedId")),
      row.wordOrRaw("source", ["case", "unknown"]),
      row.required("learningObjectiveId"),
      row.number("score"),
      row.text("textScore"),
    ];
    return [{ target: packageTargets.standardResult, record: base(row, context, values) }];
  },
};
