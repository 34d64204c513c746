import type { CellRule, ColumnProfile, RowRule } from "../column-profile.ts";

const seasons = ["Fall", "Winter", "Spring", "Screening Period 4", "Screening Period 5"].map((season) => ({ season }));
const student: CellRule = { column: ["State ID", "Local ID", "FAST ID"] };
const day = ["MM/DD/YYYY", "YYYY-MM-DD"];

interface Test {
  readonly name: string;
  readonly title: string;
  /** As the columns name it. */
  readonly measure: string;
  readonly subject: string;
  /** What stands after season and measure in the column of the score. */
  readonly score: string;
  readonly scoreKind: string;
  readonly parts?: readonly { readonly part: string; readonly score: string; readonly scoreKind: string }[];
}

/** All seasons stand in one row; a season without a date was not tested. */
function fastBridge(test: Test): ColumnProfile {
  const { measure } = test;
  const who = { student_id: student, assessment_id: { value: test.name } };
  const whole: RowRule = {
    into: "assessments",
    each: [seasons],
    needs: [`{season} ${measure} ${test.score}`, `{season} ${measure} Risk Level`],
    cells: {
      ...who,
      title: { value: test.title },
      family: { value: "FastBridge" },
      kind: { value: "screener" },
      subject: { value: test.subject },
      date: { column: `{season} ${measure} Final Date`, date: day },
      grade_tested: "Grade",
      score: `{season} ${measure} ${test.score}`,
      score_kind: { value: test.scoreKind },
      percentile: `{season} ${measure} Percentile at Nation`,
      performance_level: `{season} ${measure} Risk Level`,
    },
  };
  const parts: RowRule = {
    into: "assessments",
    each: [seasons, (test.parts ?? []).map(({ part, score, scoreKind }) => ({ part, score, scoreKind }))],
    needs: ["{season} {part} {score}"],
    cells: {
      ...who,
      // A part belongs to the screening of its season, also when it was taken on another day.
      date: { column: [`{season} ${measure} Final Date`, "{season} {part} Final Date"], date: day },
      part: { value: "{part}" },
      part_kind: { value: "skill-area" },
      score: "{season} {part} {score}",
      score_kind: { value: "{scoreKind}" },
      performance_level: "{season} {part} Risk Level",
    },
  };
  return {
    name: test.name,
    version: "1",
    title: `${test.title}: one row a student, all seasons in it`,
    format: { blanks: ["N/A*", "N/A"] },
    required: ["FAST ID", `Fall ${measure} Final Date`],
    rows: test.parts === undefined ? [whole] : [whole, parts],
  };
}

const automatic = { score: "Graded Response Subtest Auto Scaled", scoreKind: "scale score" };
const perMinute = { score: "WRC per minute", scoreKind: "words correct per minute" };
const itemsPerMinute = { score: "IC per minute", scoreKind: "items correct per minute" };

/** FastBridge (FAST): reading and mathematics screeners. */
export const fastBridgeProfiles: readonly ColumnProfile[] = [
  ...[
    { measure: "aMath", subject: "Mathematics" },
    { measure: "aReading", subject: "Reading" },
  ].map(({ measure, subject }) =>
    fastBridge({
      name: `fastbridge-${measure.toLowerCase()}`,
      title: `FastBridge ${measure}`,
      measure,
      subject,
      score: "Test Theta",
      scoreKind: "theta",
    }),
  ),
  fastBridge({
    name: "fastbridge-autoreading",
    title: "FastBridge AUTOreading",
    measure: "AUTOreading",
    subject: "Reading",
    score: "Graded Response Composite Auto Scaled",
    scoreKind: "scale score",
    parts: [
      "Decoding",
      "Encoding",
      "Identification",
      "Letter Names",
      "Letter Sounds",
      "Morphology",
      "Matching Synonyms",
      "Vocabulary",
    ].map((part) => ({ part, ...automatic })),
  }),
  fastBridge({
    name: "fastbridge-comprehension-efficiency",
    title: "FastBridge COMPefficiency",
    measure: "Comprehension Efficiency",
    subject: "Reading",
    score: "Total Accuracy",
    scoreKind: "percent correct",
  }),
  fastBridge({
    name: "fastbridge-early-reading",
    title: "FastBridge earlyReading English",
    measure: "Early Reading English",
    subject: "Reading",
    score: "Composite Score",
    scoreKind: "composite score",
    parts: [
      ...["Letter Names", "Letter Sounds", "Nonsense Words", "Decodable Words", "Sight Words", "Sentence Reading"].map(
        (part) => ({ part, ...perMinute }),
      ),
      ...["Concepts of Print", "Onset Sounds", "Word Rhyming", "Word Blending", "Word Segmenting"].map((part) => ({
        part,
        ...itemsPerMinute,
      })),
    ],
  }),
];
