import type { ResourceMapping } from "../mapping.ts";
import { record } from "../mapping.ts";
import { edFiTargets as targets } from "../targets.ts";
import { readGradeLevel } from "../vocabularies.ts";

/** Learning standards, and of which larger one each is a part. */
export const learningStandards: ResourceMapping = {
  resource: "learningStandards",
  targets: [targets.standard, targets.standardAssociation],
  map(body, context) {
    const standard = body.required("learningStandardId");
    const grades = body
      .items("gradeLevels")
      .flatMap((item) => readGradeLevel(item.descriptor("gradeLevelDescriptor")) ?? []);
    const subjects = body
      .items("academicSubjects")
      .flatMap((item) => item.descriptor("academicSubjectDescriptor") ?? []);
    const subject = subjects[0] ?? body.descriptor("academicSubjectDescriptor");
    const framework = body.text("contentStandard.title");
    const values = [
      standard,
      body.text("learningStandardItemCode") ?? standard,
      subject?.code ?? null,
      grades.length === 1 ? grades[0]! : null,
      framework,
      body.text("learningStandardItemCode") ?? standard,
      body.text("description"),
      body.descriptor("learningStandardCategoryDescriptor")?.code ?? null,
      grades,
      body.either("uri", "contentStandard.uri"),
    ];
    const id = body.key("learningStandards", ["learningStandardId"], true);
    const records = [record(body, context, targets.standard, id, values)];
    const parent = body.text("parentLearningStandardReference.learningStandardId");
    if (parent !== null)
      records.push(
        record(body, context, targets.standardAssociation, `${id}/isChildOf`, [
          standard,
          "isChildOf",
          parent,
          framework,
        ]),
      );
    return records;
  },
};

/** That two standards of different frameworks mean the same, and how nearly. */
export const learningStandardEquivalences: ResourceMapping = {
  resource: "learningStandardEquivalenceAssociations",
  targets: [targets.standardAssociation],
  map(body, context) {
    const source = body.required("sourceLearningStandardReference.learningStandardId");
    const target = body.required("targetLearningStandardReference.learningStandardId");
    const strength = body.descriptor("learningStandardEquivalenceStrengthDescriptor")?.code ?? null;
    const kind = strength === null ? "isRelatedTo" : `equivalent: ${strength}`;
    const id = body.key(
      "learningStandardEquivalenceAssociations",
      [
        "namespace",
        "sourceLearningStandardReference.learningStandardId",
        "targetLearningStandardReference.learningStandardId",
      ],
      true,
    );
    const from = body.date("effectiveDate");
    return [
      record(body, context, targets.standardAssociation, id, [source, kind, target, null], {
        ownDate: from,
        validFrom: from,
      }),
    ];
  },
};
