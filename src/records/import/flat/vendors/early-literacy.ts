import type { CellRule, ColumnProfile } from "../column-profile.ts";

const student: CellRule = {
  column: ["Primary ID - Student ID (State ID)", "Student Primary ID", "Student ID (District ID)"],
};
const day: CellRule = { column: "Client Date", date: ["YYYY-MM-DD", "MM/DD/YYYY"] };

interface Screener {
  readonly name: string;
  readonly title: string;
  readonly subject: string;
  readonly composite: { readonly score: string; readonly level: string; readonly percentile?: string };
  /** The names of its measures, and how the columns of one are called. */
  readonly measures: readonly string[];
  readonly score: string;
  readonly level: string;
  readonly keeps: readonly string[];
}

/** A benchmark of a few minutes each: the composite, and a part for each measure. */
function screener(test: Screener): ColumnProfile {
  const who = {
    student_id: student,
    assessment_id: { value: test.name },
    date: day,
    sitting: "Benchmark Period",
  };
  return {
    name: test.name,
    version: "1",
    title: `${test.title}: one row a benchmark`,
    // A benchmark that was begun and not scored stands in the file without a score.
    format: { blanks: ["Not Determined", "N/A"] },
    required: ["Benchmark Period", "Client Date", "Student Primary ID", test.composite.level],
    rows: [
      {
        into: "assessments",
        cells: {
          ...who,
          title: { value: test.title },
          family: { value: test.title },
          kind: { value: "screener" },
          subject: { value: test.subject },
          edition: "Assessment Edition",
          grade_tested: "Assessment Grade",
          score: test.composite.score,
          score_kind: { value: "composite score" },
          performance_level: test.composite.level,
          ...(test.composite.percentile === undefined ? {} : { percentile: test.composite.percentile }),
        },
        keeps: ["School Year", "Administration Type", ...test.keeps],
      },
      {
        into: "assessments",
        each: [test.measures.map((measure) => ({ measure }))],
        needs: [test.score],
        cells: {
          ...who,
          part: { value: "{measure}" },
          part_kind: { value: "skill-area" },
          score: test.score,
          score_kind: { value: "raw score" },
          performance_level: test.level,
        },
      },
    ],
  };
}

const kra = (name: string, title: string, columns: Readonly<Record<string, string | CellRule>>): ColumnProfile => {
  const { student_id, date, overall, level, ...areas } = columns;
  const who = { student_id: student_id!, assessment_id: { value: "kra" }, date: date! };
  return {
    name,
    version: "1",
    title,
    required: [overall as string, level as string, student_id as string],
    rows: [
      {
        into: "assessments",
        needs: [overall as string, level as string],
        cells: {
          ...who,
          title: { value: "Kindergarten Readiness Assessment" },
          family: { value: "KRA" },
          kind: { value: "screener" },
          score: overall!,
          score_kind: { value: "scale score" },
          performance_level: level!,
        },
      },
      {
        into: "assessments",
        each: [Object.entries(areas).map(([area, column]) => ({ area, column: column as string }))],
        needs: ["{column}"],
        cells: {
          ...who,
          part: { value: "{area}" },
          part_kind: { value: "skill-area" },
          score: "{column}",
          score_kind: { value: "scale score" },
        },
      },
    ],
  };
};

/** Screeners of the first years: DIBELS, IDEL, Lectura, KRA. */
export const earlyLiteracyProfiles: readonly ColumnProfile[] = [
  screener({
    name: "dibels-8",
    title: "DIBELS 8th Edition",
    subject: "Reading",
    composite: {
      score: "Composite Score",
      level: "Composite Level",
      percentile: "Composite - National Norm Percentile",
    },
    measures: [
      "Letter Names (LNF)",
      "Phonemic Awareness (PSF)",
      "Letter Sounds (NWF-CLS)",
      "Decoding (NWF-WRC)",
      "Word Reading (WRF)",
      "Reading Accuracy (ORF-Accu)",
      "Reading Fluency (ORF)",
      "Reading Comprehension (Maze)",
      "Vocabulary",
      "Spelling",
      "RAN",
    ],
    score: "{measure} - Score",
    level: "{measure} - Level",
    keeps: ["DIBELS Composite Score - Lexile", "Risk Indicator - Level"],
  }),
  screener({
    name: "dibels-next",
    title: "DIBELS Next",
    subject: "Reading",
    composite: {
      score: "Assessment Measure-Composite Score-Score",
      level: "Assessment Measure-Composite Score-Levels",
    },
    measures: [
      "FSF",
      "LNF",
      "PSF",
      "NWF (CLS)",
      "NWF (WWR)",
      "DORF (Accuracy)",
      "DORF (Fluency)",
      "DORF (Retell)",
      "Daze",
      "Vocabulary",
      "Spelling",
      "RAN",
    ],
    score: "Assessment Measure-{measure}-Score",
    level: "Assessment Measure-{measure}-Levels",
    keeps: ["Pathway Achieved*"],
  }),
  screener({
    name: "mclass-lectura",
    title: "mCLASS Lectura",
    subject: "Spanish reading",
    composite: { score: "Composite Score", level: "Composite Level", percentile: "Composite - Local Percentile" },
    measures: [
      "Nombrar letras (FNL)",
      "Conciencia fonologica (FSS)",
      "Conciencia fonologica (QQ)",
      "Sonidos de letras (FSL)",
      "Decodificacion (LSS)",
      "Lectura de palabras (FEP)",
      "Fluidez en la lectura (FLO)",
      "Precision en la lectura (FLO-Prec)",
      "Comprension basica (CP)",
    ],
    score: "{measure} - Score",
    level: "{measure} - Level",
    keeps: ["Risk Indicator (Espanol) - Level"],
  }),
  screener({
    name: "idel",
    title: "IDEL",
    subject: "Spanish reading",
    // It has no composite: the recommendation is what it says of the whole.
    composite: {
      score: "Assessment Measure-Composite Score-Score",
      level: "Assessment Measure-Instructional Recommendation-Levels",
    },
    measures: [
      "Fluidez en Nombrar Letras",
      "Fluidez en la Segmentación de Fonemas",
      "Fluidez en las Palabras sin Sentido",
      "Fluidez en la Lectura Oral",
      "Fluidez en el Uso de las Palabras",
      "Fluidez en el Relato Oral",
    ],
    score: "Assessment Measure-{measure}-Score",
    level: "Assessment Measure-{measure}-Levels",
    keeps: [],
  }),
  kra("kra", "Kindergarten Readiness Assessment, with the day of the test", {
    student_id: "StudentSUNS",
    date: { column: "DateTaken", date: "MM/DD/YYYY" },
    overall: "OverallScore",
    level: "PerformanceLevelDescriptor",
    "social foundations": "SFScore",
    "language and literacy": "LLScore",
    mathematics: "MAScore",
    "physical development": "PDScore",
  }),
  kra("kra-2024", "Kindergarten Readiness Assessment, as from 2024: the day is said by who brings the file", {
    student_id: "state_student_id",
    date: "@date",
    overall: "overall_score",
    level: "PLD",
    "social foundations": "SF_score",
    "language and literacy": "LL_score",
    mathematics: "MA_score",
    "physical development": "PD_score",
  }),
];
