import { CairnError } from "../../errors.ts";
import type { DataClass } from "../../records/consent/data-classes.ts";
import { dataClasses } from "../../records/consent/data-classes.ts";
import { dayOf } from "../../records/consent/own-version.ts";
import type { TenantTransaction } from "../../records/database.ts";
import { inTenant } from "../../records/database.ts";
import type { RecordDocument, RecordRequest } from "../../records/disclosure/read-record.ts";
import { readRecord } from "../../records/disclosure/read-record.ts";
import { personByNumber } from "../../records/identity/people.ts";
import { caseloadOf } from "../alerts/readers.ts";
import { learnersOfCounselor } from "../early-warning/ranking/own-learners.ts";
import { aboutLearner } from "../families/learners.ts";
import type { Cairn } from "../runtime.ts";
import type { Answer, AnswerAudience } from "./answer.ts";
import { answerQuestion } from "./answer.ts";
import { collectFacts } from "./collect-facts.ts";
import { questions } from "./questions.ts";
import { standingOf } from "./standing.ts";

/** Who asks. A family and a teacher are persons of the record; so may a counselor be, else she asks for the district. */
export interface AnswerReader {
  readonly tenantId: string;
  readonly role: "family" | "teacher" | "counselor";
  /** The person of the record; of a family and a teacher always. */
  readonly personId?: string;
  /** The account or key, as the logs name it. */
  readonly recordedBy: string;
}

/** The questions of an audience about one learner, answered. */
export interface Answers {
  /** The district's own number of the learner. */
  readonly learner: string;
  readonly audience: AnswerAudience;
  /** The day of the answers. */
  readonly on: string;
  readonly legalBases: readonly string[];
  readonly answers: readonly Answer[];
}

/** How each audience's reading stands in the record of disclosures. */
const readings = {
  parent: { purpose: "own-access", party: "the family", interest: "questions about the family's own child" },
  teacher: { purpose: "school-use", party: "the school", interest: "to know a learner one teaches or counsels" },
} as const satisfies Readonly<Record<AnswerAudience, Pick<RecordRequest, "purpose" | "party" | "interest">>>;

/**
 * Answers the questions of a parent or a teacher from the learner's record, the latest run and the motivational profile: in
 * plain words, each with what it rests on, and what is not known said so. Only the kinds of data that the questions need are read;
 * the reading is written to the record of disclosures in the same transaction. Without an audience the questions are the reader's own.
 * @throws CairnError `NOT_FOUND` when there is no such learner or she is not the reader's, which look alike; `FORBIDDEN` for the
 * questions of another audience
 */
export function readAnswers(
  cairn: Cairn,
  reader: AnswerReader,
  { learner, audience: asked }: { learner: string; audience?: AnswerAudience },
): Promise<Answers> {
  const isFamily = reader.role === "family";
  const own = isFamily ? "parent" : "teacher";
  const audience = asked ?? own;
  if (audience !== own) {
    throw new CairnError(
      "FORBIDDEN",
      `expected the questions of a ${own} from a key of role ${reader.role}, got those of a ${audience}`,
      {
        hint: `ask with audience=${own}`,
      },
    );
  }
  const work = (tx: TenantTransaction, personId: string): Promise<Answers> =>
    answer(cairn, tx, { reader, personId, learner, audience });
  return isFamily ? aboutLearner(cairn, reader, learner, work) : aboutPupil(cairn, reader, learner, work);
}

/** Runs work about a learner of the reader's sections, of a counselor's caseload, or, for an office, of the district. */
function aboutPupil<T>(
  cairn: Cairn,
  reader: AnswerReader,
  learner: string,
  work: (tx: TenantTransaction, personId: string) => Promise<T>,
): Promise<T> {
  return inTenant(cairn.database, reader.tenantId, async (tx) => {
    const personId = await personByNumber(tx, learner);
    const own = await ownAmong(tx, reader, personId === undefined ? [] : [personId], cairn.now());
    if (personId === undefined || !own.includes(personId)) {
      throw new CairnError("NOT_FOUND", "expected a learner of yours, got nobody of that number", {
        hint: "a teacher asks about the learners of her sections, a counselor about those of her caseload",
      });
    }
    return work(tx, personId);
  });
}

async function ownAmong(
  tx: TenantTransaction,
  { tenantId, role, personId, recordedBy }: AnswerReader,
  learners: readonly string[],
  now: Date,
): Promise<readonly string[]> {
  if (role === "counselor") return personId === undefined ? learners : learnersOfCounselor(tx, personId, learners);
  const who = { tenantId, recordedBy, ...(personId === undefined ? {} : { personId }) };
  return (await caseloadOf(tx, { ...who, audience: "teacher" }, now)).personIds ?? [];
}

interface Asked {
  readonly reader: AnswerReader;
  readonly personId: string;
  readonly learner: string;
  readonly audience: AnswerAudience;
}

async function answer(
  cairn: Cairn,
  tx: TenantTransaction,
  { reader, personId, learner, audience }: Asked,
): Promise<Answers> {
  const now = cairn.now();
  const needed = [...new Set(questions[audience].flatMap(({ needs }) => needs))].sort();
  const { text } = await readRecord(tx, {
    ...readings[audience],
    personId,
    requester: reader.personId ?? reader.recordedBy,
    dataClasses: needed,
    now,
  });
  const { records, withheld, legalBases } = JSON.parse(text) as RecordDocument;
  const on = dayOf(now);
  const facts = await collectFacts(tx, records, { on, standing: await standingOf(cairn, tx, learner) });
  const kept = withheld.map(({ dataClass, why }) => ({ dataClass, words: withheldWords(dataClass, why) }));
  const answers = questions[audience].map((question) => answerQuestion(question, facts, kept));
  return { learner, audience, on, legalBases, answers };
}

const withheldWords = (dataClass: DataClass, why: string): string =>
  `Not shown here: ${dataClasses[dataClass]} (${why}).`;
