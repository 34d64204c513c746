import type { FileMapping } from "./mapping.ts";
import { base, keyOf, leading } from "./mapping.ts";
import { packageTargets } from "./targets.ts";

/** scoreScales.csv: how scores are told; the list of value pairs stays as it stands. */
export const scoreScales: FileMapping = {
  name: "scoreScales",
  columns: [...leading, "title", "type", "orgSourcedId", "courseSourcedId", "classSourcedId", "scoreScaleValue"],
  required: ["sourcedId", "scoreScaleValue"],
  map(row, context) {
    const values = [
      row.text("title"),
      row.text("type"),
      keyOf(context, row.text("orgSourcedId")),
      keyOf(context, row.text("courseSourcedId")),
      keyOf(context, row.text("classSourcedId")),
      row.required("scoreScaleValue"),
    ];
    return [{ target: packageTargets.scoreScale, record: base(row, context, values) }];
  },
};

/** lineItemLearningObjectiveIds.csv: what a piece of work is about, said once for all who do it. */
export const assignmentStandards: FileMapping = {
  name: "lineItemLearningObjectiveIds",
  columns: [...leading, "lineItemSourcedId", "source", "learningObjectiveId"],
  required: ["sourcedId", "lineItemSourcedId", "learningObjectiveId"],
  map(row, context) {
    const values = [
      keyOf(context, row.required("lineItemSourcedId")),
      row.wordOrRaw("source", ["case", "unknown"]),
      row.required("learningObjectiveId"),
    ];
    return [{ target: packageTargets.assignmentStandard, record: base(row, context, values) }];
  },
};

/** Which scale a piece of work, or a result, is told in. Ids are unique in one file only, so the file is part of the key. */
function scoreScaleUses(name: string, column: "lineItemSourcedId" | "resultSourcedId"): FileMapping {
  return {
    name,
    columns: [...leading, "title", column, "scoreScaleSourcedId"],
    required: ["sourcedId", column, "scoreScaleSourcedId"],
    map(row, context) {
      const key = keyOf(context, row.required(column));
      const values = [
        column === "lineItemSourcedId" ? key : null,
        column === "resultSourcedId" ? key : null,
        keyOf(context, row.required("scoreScaleSourcedId")),
      ];
      const id = `${name}/${row.required("sourcedId")}`;
      return [{ target: packageTargets.scoreScaleUse, record: base(row, context, values, { id }) }];
    },
  };
}

/** lineItemScoreScales.csv */
export const assignmentScales = scoreScaleUses("lineItemScoreScales", "lineItemSourcedId");

/** resultScoreScales.csv */
export const resultScales = scoreScaleUses("resultScoreScales", "resultSourcedId");
