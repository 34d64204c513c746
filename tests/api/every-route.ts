import type { GuardedRoute } from "../../src/api/route-table.ts";
import { createKey } from "../../src/engine/access/keys.ts";
import { decideRules } from "../../src/engine/alerts/settings.ts";
import { giveCaseload } from "../../src/engine/early-warning/ranking/caseload.ts";
import type { RankedLearner } from "../../src/engine/early-warning/ranking.ts";
import { readRanking } from "../../src/engine/early-warning/ranking.ts";
import { receiveResponses } from "../../src/engine/intake/responses.ts";
import type { Cairn } from "../../src/engine/runtime.ts";
import { learnersIn, sectionsTaught } from "../../src/records/alerts/caseload.ts";
import type { TenantTransaction } from "../../src/records/database.ts";
import { personByNumber } from "../../src/records/identity/people.ts";
import { deliver, look, runNight } from "../engine/district.ts";

/** A learner as the tests ask for her. */
export interface TestLearner {
  readonly number: string;
  readonly personId: string;
}

/** A district with a published night, keys of every role, and two learners: one in everybody's scope, one in the offices' only. */
export interface EveryRole {
  readonly keys: Readonly<Record<Reader, string>>;
  readonly own: TestLearner;
  readonly other: TestLearner;
  /** The names and the number of the other learner, which no answer to a narrow key may hold. */
  readonly othersNames: readonly string[];
}

/** Who asks: a role, and the counselor twice, with a key of her own and with the office's. */
export const readers = ["platform", "operator", "counselor", "own counselor", "teacher", "family"] as const;
/** One of {@link readers}. */
export type Reader = (typeof readers)[number];

const tenantId = "north";
const day = "2025-12-12";

/** Makes the district. The teacher, her learners and their schools are those of the synthetic files; the guardian is made here. */
export async function everyRole(cairn: Cairn, files: string): Promise<EveryRole> {
  await deliver(cairn, tenantId, files);
  await runNight(cairn, tenantId, day);
  const { entries } = await readRanking(cairn, tenantId, { limit: 500 });
  const people = await look(cairn, tenantId, (tx) => whoIsWho(tx, entries));
  const { teacher, own, other, school, othersNames } = people;
  const given = { schools: [school] };
  const caseload = await giveCaseload(cairn, tenantId, teacher, { given, decidedBy: "office", withKey: true });
  await decideRules(cairn, tenantId, { "wrong-answers": { tell: ["counselor", "teacher", "family"] } }, "board");
  await wrongAnswers(cairn, [own, other]);
  return {
    keys: {
      platform: await createKey(cairn, tenantId, "platform", "platform"),
      operator: await createKey(cairn, tenantId, "operator", "office"),
      counselor: await createKey(cairn, tenantId, "counselor", "office"),
      "own counselor": caseload.key!,
      teacher: await createKey(cairn, tenantId, "teacher", "teacher", teacher),
      family: await createKey(cairn, tenantId, "family", "guardian", teacher),
    },
    own,
    other,
    othersNames: [...othersNames, other.number],
  };
}

/** A teacher of this year, a learner of hers, whose guardian she is made, and one of another school. */
async function whoIsWho(tx: TenantTransaction, entries: readonly RankedLearner[]) {
  const { sql } = tx;
  const teachers = await sql<{ id: string }[]>`
    select distinct person_id as id from section_enrolment where role = 'teacher' order by 1`;
  for (const { id: teacher } of teachers) {
    const sections = (await sectionsTaught(tx, [teacher], day)).map(({ sectionKey }) => sectionKey);
    const hers = new Set((await learnersIn(tx, sections, day)).map(({ personId }) => personId));
    const ranked = await Promise.all(
      entries.map(async ({ learner, school }) => ({
        number: learner,
        school,
        personId: await personByNumber(tx, learner),
      })),
    );
    const own = ranked.find(({ personId }) => personId !== undefined && hers.has(personId));
    const other = ranked.find(({ personId, school }) => !hers.has(personId ?? "") && school !== own?.school);
    if (own?.personId === undefined || own.school === null || other?.personId === undefined) continue;
    await sql.unsafe(
      `insert into guardianship (tenant_id, record_key, content_hash, class, authority, batch_id, source_record_id, known_on,
         received_at, person_id, guardian_id, relation, holds_rights)
       values ($1, 'sis:g1', 'test', 'certified', 'sis', 'b', 'g1', '2024-08-19', now(), $2, $3, 'mother', true)`,
      [tenantId, own.personId, teacher],
    );
    const names = await sql<{ name: string }[]>`
      select given_name || ' ' || family_name as name from person where person_id = ${other.personId}`;
    const { number, personId, school } = own;
    return {
      teacher,
      school,
      own: { number, personId },
      other: { number: other.number, personId: other.personId },
      othersNames: names.map(({ name }) => name),
    };
  }
  throw new Error("expected a teacher with a ranked learner in the synthetic district");
}

/** Five wrong answers each, which raise an alert and make a group. */
async function wrongAnswers(cairn: Cairn, learners: readonly TestLearner[]): Promise<void> {
  const [{ standard }] = await look(
    cairn,
    tenantId,
    ({ sql }) => sql<[{ standard: string }]>`select standard from standard order by 1 limit 1`,
  );
  const sent = learners.flatMap(({ number }) =>
    [0, 1, 2, 3, 4].map((minute) => ({
      id: `${number}-${minute}`,
      learner: number,
      item: `i${minute}`,
      standard,
      answeredAt: `${day}T10:0${minute}:00`,
      correct: 0,
    })),
  );
  await receiveResponses(cairn, tenantId, sent);
}

/** A request of a route, about a learner where the route is about one. */
export interface Ask {
  /** What stands in the address beside the learner. */
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly body?: object;
  /** What a reader in scope is answered; 200 when left out. */
  readonly status?: number;
}

/** What the requests of the table are made of. */
export interface AskFrom {
  readonly learner: string;
  /** Draws what must be new in every request. */
  readonly fresh: () => string;
  /** Ids that a request needs and that a request before it made. */
  readonly override: string;
  readonly choice: string;
  readonly amendment: string;
  readonly accessRequest: string;
  readonly alert: string;
  readonly attendance: string;
  /** One of the library. */
  readonly standard: string;
}

const withdrawn = ["sharing", "a tutor"] as const;
const choice = () => ({
  purpose: withdrawn[0],
  decision: "permit",
  party: withdrawn[1],
  dataClasses: ["practice"],
  authentication: "code by mail",
});
const words = { text: "in words" };
const noQueue = { status: 503 }; // let in: behind the guard there is no queue in these tests

/** One request for every route of the table; the compiler refuses a list that lacks one. */
export const asks: Readonly<Record<GuardedRoute, (from: AskFrom) => Ask>> = {
  "GET /v1/rankings": () => ({ query: "limit=500" }),
  "GET /v1/rankings/thriving": () => ({ query: "limit=500" }),
  "GET /v1/models": () => ({}),
  "GET /v1/models/{modelId}": () => ({ params: { modelId: "0".repeat(32) }, status: 404 }),
  "GET /v1/monitoring": () => ({ status: 404 }),
  "GET /v1/outcomes": () => ({}),
  "POST /v1/outcomes": () => ({
    body: { outcome: "leaves", kind: "drop-out", title: "Leaves school within 60 days", horizonDays: 60 },
  }),
  "GET /v1/interventions": ({ learner }) => ({ query: `learner=${learner}` }),
  "POST /v1/interventions": ({ learner, fresh }) => ({
    body: { interventions: [{ id: fresh(), learner, intervention: "check-in", on: "2025-12-01" }] },
  }),
  "GET /v1/playlists/{learner}": () => ({}),
  "POST /v1/playlists": ({ learner }) => ({ body: { learner } }),
  "GET /v1/playlists/{learner}/overrides": () => ({}),
  "POST /v1/playlists/{learner}/overrides": ({ standard }) => ({ body: { kind: "ban", standard, reason: "not now" } }),
  "POST /v1/playlists/{learner}/overrides/{key}/withdraw": ({ override }) => ({ params: { key: override } }),
  "POST /v1/responses": ({ learner, fresh }) => ({
    body: {
      responses: [{ id: fresh(), learner, item: "i", answeredAt: `${day}T11:00:00`, correct: 1 }],
      next: { learner },
    },
  }),
  "POST /v1/jobs": () => ({ body: { kind: "batch", asOf: day }, ...noQueue }),
  "GET /v1/jobs/{jobId}": () => ({ params: { jobId: "1" }, ...noQueue }),
  "GET /v1/jobs/{jobId}/events": () => ({ params: { jobId: "1" }, ...noQueue }),
  "POST /v1/jobs/{jobId}/cancel": () => ({ params: { jobId: "1" }, ...noQueue }),
  "GET /v1/learners/{learner}/standards": () => ({}),
  "GET /v1/alerts": () => ({ query: "limit=200" }),
  "GET /v1/alerts/digest": () => ({ query: "since=2025-12-01T00:00:00Z" }),
  "POST /v1/alerts/{alertId}/steps": ({ alert }) => ({
    params: { alertId: alert },
    body: { step: "assigned", to: "Ms. Reed" },
  }),
  "GET /v1/groups": () => ({ query: "smallest=1" }),
  "GET /v1/learners/{learner}/answers": () => ({}),
  "GET /v1/learners/{learner}/accesses": () => ({}),
  "GET /v1/families/learners": () => ({}),
  "GET /v1/families/{learner}/choices": () => ({}),
  "POST /v1/families/{learner}/choices": () => ({ body: choice() }),
  "POST /v1/families/{learner}/choices/{key}/withdraw": (from) => ({ params: { key: from.choice } }),
  "POST /v1/families/{learner}/preview": () => ({ body: { party: "Hill School", purpose: "school-use" } }),
  "GET /v1/families/{learner}/disclosures": () => ({}),
  "GET /v1/families/{learner}/cases": () => ({}),
  "GET /v1/families/{learner}/export": () => ({}),
  "POST /v1/families/{learner}/amendments": ({ attendance }) => ({
    body: {
      recordTable: "attendance_event",
      recordKey: attendance,
      contested: "she was there",
      request: "take it out",
    },
  }),
  "POST /v1/families/{learner}/amendments/{caseId}/statement": ({ amendment }) => ({
    params: { caseId: amendment },
    body: words,
    status: 409, // nothing has been refused yet
  }),
  "POST /v1/families/{learner}/access-requests": () => ({}),
  "POST /v1/families/{learner}/directory-opt-out": () => ({ body: { schoolYear: 2025 } }),
  "GET /v1/families/cases": () => ({}),
  "POST /v1/families/cases/{caseId}/steps": ({ amendment }) => ({
    params: { caseId: amendment },
    body: { step: "granted", ...words },
  }),
  "POST /v1/families/cases/{caseId}/answer": ({ accessRequest }) => ({
    params: { caseId: accessRequest },
    body: words,
  }),
};
