import { createHash, randomUUID } from "node:crypto";
import { CairnError } from "../../errors.ts";
import type { Database, TenantTransaction } from "../database.ts";
import type { ImportSession } from "../import/core/session.ts";
import { runImport } from "../import/core/session.ts";
import type { JsonObject } from "../import/json.ts";
import { isObject } from "../import/json.ts";
import { agentHash, identifierOf } from "../import/xapi/agent-rules.ts";
import type { XapiVersion } from "../import/xapi/checks.ts";
import { statementHash, withLists } from "../import/xapi/forms.ts";
import { mentionsOf } from "../import/xapi/mentions.ts";
import { checkStatement, voided } from "../import/xapi/statement-rules.ts";
import { findPeople } from "./actors.ts";
import type { Attachment } from "./attachments.ts";
import { storeAttachments } from "./attachments.ts";
import { lockForWriting } from "./lock.ts";
import { stageEvidence, statementsFile } from "./stage-evidence.ts";

/** Statements on their way in. */
export interface StatementDelivery {
  readonly tenantId: string;
  readonly statements: readonly unknown[];
  readonly attachments?: readonly Attachment[];
  readonly version: XapiVersion;
  /** The id of a PUT: the statement has it, or gets it. */
  readonly statementId?: string;
  /** Who vouches for them: an agent that stands for the key they came with. */
  readonly authority: JsonObject;
  readonly receivedAt: Date;
}

/** What became of them. */
export interface StatementReceipt {
  /** In the order they came. */
  readonly ids: readonly string[];
  readonly stored: number;
  /** Those that were there already, word for word. */
  readonly unchanged: number;
  /** Those stored now whose actor is nobody known: they wait for a roster that knows them. */
  readonly waiting: number;
}

interface Incoming {
  readonly id: string;
  readonly hash: string;
  readonly given: JsonObject;
}

/**
 * Stores statements as xAPI 1.0.3 or 2.0 says: all of a request or none. A statement that is there already changes nothing; what
 * features need of a new one becomes an activity event or an item response of the person its actor is.
 * @throws CairnError `BAD_INPUT` with the path of the first fault, `CONFLICT` when an id is taken by other content, `NOT_FOUND`
 */
export async function storeStatements(database: Database, delivery: StatementDelivery): Promise<StatementReceipt> {
  const incoming = checkDelivery(delivery);
  const sha256 = createHash("sha256").update(JSON.stringify(delivery.statements)).digest("hex");
  const described = {
    source: "xapi",
    sourceSystem: { systemName: "xapi" },
    standard: "xAPI",
    standardVersion: delivery.version,
    sha256,
  };
  const { tenantId, receivedAt } = delivery;
  let receipt: StatementReceipt | undefined;
  await runImport(
    database,
    { tenantId, path: statementsFile, receivedAt, transport: "api" },
    described,
    async (session) => {
      session.useProfile("xapi@1");
      receipt = await new StatementIntake(session, delivery).take(incoming);
    },
  );
  if (receipt === undefined) throw new CairnError("INTERNAL", "expected a receipt for statements, got none");
  return receipt;
}

function checkDelivery({ statements, version, statementId }: StatementDelivery): Incoming[] {
  const ids = new Set<string>();
  return statements.map((statement, i) => {
    const path = statements.length === 1 ? "statement" : `statements[${i}]`;
    checkStatement(statement, path, version);
    const said = typeof statement.id === "string" ? statement.id.toLowerCase() : undefined;
    if (statementId !== undefined && said !== undefined && said !== statementId) {
      throw new CairnError("BAD_INPUT", "expected the statementId of the request as the statement's id, got another");
    }
    const id = said ?? statementId ?? randomUUID();
    if (ids.has(id))
      throw new CairnError("BAD_INPUT", `expected every id once in a request, got one again at ${path}.id`);
    ids.add(id);
    return { id, hash: statementHash(statement), given: statement };
  });
}

/** One request's statements, in the transaction of its import. */
class StatementIntake {
  readonly #session: ImportSession;
  readonly #delivery: StatementDelivery;
  readonly #tx: TenantTransaction;

  constructor(session: ImportSession, delivery: StatementDelivery) {
    this.#session = session;
    this.#delivery = delivery;
    this.#tx = session.tx;
  }

  async take(incoming: readonly Incoming[]): Promise<StatementReceipt> {
    await lockForWriting(this.#tx);
    const fresh = await this.#withoutKnown(incoming);
    await storeAttachments(
      this.#tx,
      fresh.map(({ given }) => given),
      this.#delivery.attachments ?? [],
      this.#session.receivedAt,
    );
    const counts = this.#session.report.counts(statementsFile);
    counts.rows += incoming.length;
    counts.new += fresh.length;
    counts.unchanged += incoming.length - fresh.length;
    const storedAt = await this.#clock();
    const people = await findPeople(
      this.#tx,
      fresh.map(({ given }) => given.actor as JsonObject),
    );
    const rows = fresh.map((entry) => this.#row(entry, storedAt, people));
    const voidedBy = await this.#voidings(rows);
    await this.#insert(rows.map((row) => ({ ...row, voided_by: voidedBy.get(row.statement_id) ?? null })));
    await this.#takeBack(rows.filter(({ verb }) => verb === voided));
    await stageEvidence(
      this.#session,
      rows.flatMap(({ statement_id, person_id, document, known_on }) =>
        person_id === null || voidedBy.has(statement_id)
          ? []
          : [{ id: statement_id, personId: person_id, document, knownOn: known_on }],
      ),
    );
    return {
      ids: incoming.map(({ id }) => id),
      stored: fresh.length,
      unchanged: incoming.length - fresh.length,
      waiting: rows.filter(({ person_id }) => person_id === null).length,
    };
  }

  /** Those whose id is not taken. @throws CairnError `CONFLICT` when it is, by other content */
  async #withoutKnown(incoming: readonly Incoming[]): Promise<Incoming[]> {
    const rows = await this.#tx.sql<{ statement_id: string; content_hash: string }[]>`
      select statement_id, content_hash from statement where statement_id = any(${incoming.map(({ id }) => id)})`;
    const known = new Map(rows.map(({ statement_id, content_hash }) => [statement_id, content_hash]));
    return incoming.filter(({ id, hash }) => {
      const taken = known.get(id);
      if (taken !== undefined && taken !== hash) {
        throw new CairnError(
          "CONFLICT",
          `expected a statement of its own under ${id}, got other content than is stored there`,
          {
            hint: "a statement is never changed: void it and send another",
            details: { statementId: id },
          },
        );
      }
      return taken === undefined;
    });
  }

  /** When these are stored: now, and after everything stored before, so that `stored` orders them. */
  async #clock(): Promise<string> {
    const [last] = await this.#tx.sql<{ at: string | null }[]>`select max(stored_at)::text as at from statement`;
    const now = this.#delivery.receivedAt.getTime();
    const before = last?.at === null || last?.at === undefined ? 0 : new Date(last.at).getTime();
    return new Date(Math.max(now, before + 1)).toISOString();
  }

  #row({ id, hash, given }: Incoming, storedAt: string, people: ReadonlyMap<string, string>) {
    const actor = given.actor as JsonObject;
    const identifier = actor.objectType === "Group" ? undefined : identifierOf(actor);
    const document = {
      ...withLists(given),
      id,
      timestamp: given.timestamp ?? storedAt,
      stored: storedAt,
      authority: this.#delivery.authority,
      version: given.version ?? (this.#delivery.version === "2.0.0" ? "2.0.0" : "1.0.0"),
    };
    const { verb, object, registration, agents, related, refersTo } = mentionsOf(document);
    return {
      statement_id: id,
      content_hash: hash,
      person_id: identifier === undefined ? null : (people.get(agentHash(identifier)) ?? null),
      verb,
      object,
      registration,
      agents,
      related,
      refers_to: refersTo,
      stored_at: storedAt,
      known_on: firstKnown(given, storedAt),
      document,
    };
  }

  /** Which of these statements are voided: by one that came earlier, or by one of the same request. */
  async #voidings(rows: readonly StatementRow[]): Promise<Map<string, string>> {
    const ids = rows.filter(({ verb }) => verb !== voided).map(({ statement_id }) => statement_id);
    const earlier = await this.#tx.sql<{ id: string; by: string }[]>`
      select refers_to as id, statement_id as by from statement where refers_to = any(${ids}) and verb = ${voided}`;
    const here = rows.filter(({ verb, refers_to }) => verb === voided && ids.includes(refers_to ?? ""));
    return new Map([
      ...here.map(({ refers_to, statement_id }) => [refers_to!, statement_id] as const),
      ...earlier.map(({ id, by }) => [id, by] as const),
    ]);
  }

  async #insert(rows: readonly (StatementRow & { voided_by: string | null })[]): Promise<void> {
    if (rows.length === 0) return;
    const { sql, tenantId } = this.#tx;
    const { batchId, authority, receivedAt } = this.#session;
    await sql`
      insert into statement (tenant_id, record_key, content_hash, class, authority, batch_id, source_record_id, known_on, received_at,
        statement_id, person_id, verb, object, registration, stored_at, document, agents, related, refers_to, voided_by)
      select ${tenantId}, 'xapi:' || statement_id, content_hash, 'contributed', ${authority}, ${batchId}, statement_id, known_on,
        ${receivedAt}::timestamptz, statement_id, person_id, verb, object, registration, stored_at, document, agents, related, refers_to, voided_by
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as row (statement_id text, content_hash text, known_on date,
        person_id text, verb text, object text, registration text, stored_at timestamptz, document jsonb, agents text[], related text[],
        refers_to text, voided_by text)`;
  }

  /** Marks what voiding statements take back, and takes back what it had left; a voiding statement itself stays. */
  async #takeBack(rows: readonly StatementRow[]): Promise<void> {
    for (const { statement_id, refers_to } of rows) {
      const [taken] = await this.#tx.sql<{ person_id: string | null; document: JsonObject; known_on: string }[]>`
        update statement set voided_by = ${statement_id}
        where statement_id = ${refers_to} and verb <> ${voided} and voided_by is null and statement_id <> all(${rows.map((row) => row.statement_id)})
        returning person_id, document, known_on`;
      if (taken === undefined || taken.person_id === null || !isObject(taken.document)) continue;
      const { person_id: personId, document, known_on: knownOn } = taken;
      await stageEvidence(this.#session, [{ id: refers_to!, personId, document, knownOn, retracted: true }]);
    }
  }
}

interface StatementRow {
  readonly statement_id: string;
  readonly content_hash: string;
  readonly person_id: string | null;
  readonly verb: string;
  readonly object: string | null;
  readonly registration: string | null;
  readonly agents: readonly string[];
  readonly related: readonly string[];
  readonly refers_to: string | null;
  readonly stored_at: string;
  readonly known_on: string;
  readonly document: JsonObject;
}

/** The day the first receiver had a statement: a store that passes on its history sends its own `stored` along. */
function firstKnown(statement: JsonObject, storedAt: string): string {
  const said = typeof statement.stored === "string" ? Date.parse(statement.stored) : Number.NaN;
  const now = Date.parse(storedAt);
  return new Date(Number.isNaN(said) ? now : Math.min(said, now)).toISOString().slice(0, 10);
}
