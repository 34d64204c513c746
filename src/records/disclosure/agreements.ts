import { CairnError } from "../../errors.ts";
import { isChoosableClass } from "../consent/data-classes.ts";
import { dayOf } from "../consent/own-version.ts";
import type { TenantTransaction } from "../database.ts";
import { addCaseEvent, caseEvents } from "../rights/cases.ts";
import { agreement } from "../schema/index.ts";

/** A written agreement under 34 CFR 99.31(a)(6), (a)(3) or (a)(1), with every element the rule asks for. Days: YYYY-MM-DD. */
export interface Agreement {
  readonly agreementId: string;
  readonly kind: "study" | "audit" | "school-official";
  readonly party: string;
  readonly purpose: string;
  readonly scope: string;
  readonly dataClasses: readonly string[];
  /** Who may ask for records under it: nobody else of the party. */
  readonly representatives: readonly string[];
  readonly redisclosureTerms: string;
  readonly beginsOn: string;
  /** The last day of access. */
  readonly endsOn: string;
  readonly destroyBy: string;
  readonly signedBy: string;
}

/** An agreement with where it stands on a day. */
export interface AgreementStanding extends Agreement {
  /** `destruction due`: it has ended, and nobody has proved that the records are destroyed. */
  readonly state: "not begun" | "in force" | "destruction due" | "destruction overdue" | "closed";
  /** The proof of destruction; null until it is given. */
  readonly proof: string | null;
}

/**
 * Keeps an agreement.
 * @throws CairnError `BAD_INPUT` when an element of the rule is missing or the days do not follow each other, `CONFLICT` when
 * there is one of that id
 */
export async function addAgreement(tx: TenantTransaction, added: Agreement, now: Date): Promise<void> {
  const empty = (["agreementId", "party", "purpose", "scope", "redisclosureTerms", "signedBy"] as const).filter(
    (name) => added[name].trim() === "",
  );
  const lists = (["dataClasses", "representatives"] as const).filter((name) => added[name].length === 0);
  if (empty.length + lists.length > 0) {
    throw new CairnError(
      "BAD_INPUT",
      `expected every element of a written agreement, got none of ${[...empty, ...lists].join(", ")}`,
      { hint: "34 CFR 99.31(a)(6)(iii)(C) and 99.35(a)(3) list them" },
    );
  }
  const strange = added.dataClasses.find((name) => !isChoosableClass(name));
  if (strange !== undefined) throw new CairnError("BAD_INPUT", `expected kinds of data, got "${strange}"`);
  const days = [added.beginsOn, added.endsOn, added.destroyBy];
  if (days.some((day) => !/^\d{4}-\d{2}-\d{2}$/.test(day)) || days.join() !== [...days].sort().join()) {
    throw new CairnError("BAD_INPUT", `expected beginning, end and destruction in this order, got ${days.join(", ")}`);
  }
  const inserted = await tx.orm
    .insert(agreement)
    .values({
      ...added,
      tenantId: tx.tenantId,
      dataClasses: [...added.dataClasses],
      representatives: [...added.representatives],
      createdAt: now,
    })
    .onConflictDoNothing()
    .returning({ id: agreement.agreementId });
  if (inserted.length === 0) {
    throw new CairnError("CONFLICT", `expected a new agreement, got one whose id "${added.agreementId}" is taken`);
  }
}

/** Every agreement of the district with where it stands: those that await a proof of destruction among them (CON-9). */
export async function listAgreements(tx: TenantTransaction, on: string): Promise<AgreementStanding[]> {
  const rows = await tx.sql<Agreement[]>`
    select agreement_id as "agreementId", kind, party, purpose, scope, data_classes as "dataClasses", representatives,
      redisclosure_terms as "redisclosureTerms", begins_on as "beginsOn", ends_on as "endsOn", destroy_by as "destroyBy",
      signed_by as "signedBy" from agreement order by ends_on, agreement_id`;
  const events = await caseEvents(
    tx,
    rows.map(({ agreementId }) => caseOf(agreementId)),
  );
  return rows.map((row) => {
    const proof = events.get(caseOf(row.agreementId))?.find(({ kind }) => kind === "destroyed")?.text ?? null;
    return { ...row, proof, state: stateOf(row, proof, on) };
  });
}

/**
 * The agreement a request rests on: in force on the day, with this party, and its requester one of the named representatives.
 * @returns undefined when there is none
 */
export async function agreementInForce(
  tx: TenantTransaction,
  { agreementId, party, requester, on }: { agreementId: string; party: string; requester: string; on: string },
): Promise<AgreementStanding | undefined> {
  const agreements = await listAgreements(tx, on);
  return agreements.find(
    (one) =>
      one.agreementId === agreementId &&
      one.state === "in force" &&
      one.party === party &&
      one.representatives.includes(requester),
  );
}

/**
 * Keeps the proof that the records of an agreement are destroyed, which closes it. Access ends with it, also before the end.
 * @throws CairnError `NOT_FOUND` when there is no such agreement, `BAD_INPUT` without a proof, `CONFLICT` when it is closed
 */
export async function proveDestruction(
  tx: TenantTransaction,
  { agreementId, proof, by, now }: { agreementId: string; proof: string; by: string; now: Date },
): Promise<void> {
  if (proof.trim() === "") {
    throw new CairnError("BAD_INPUT", "expected the proof of destruction, got nothing", {
      hint: "a signed statement of the party, or its reference",
    });
  }
  const found = (await listAgreements(tx, dayOf(now))).find((one) => one.agreementId === agreementId);
  if (found === undefined) throw new CairnError("NOT_FOUND", `expected an agreement, got "${agreementId}"`);
  if (found.proof !== null)
    throw new CairnError("CONFLICT", "expected an agreement that is not closed, got a closed one");
  await addCaseEvent(tx, { caseId: caseOf(agreementId), kind: "destroyed", text: proof, by, now });
}

const caseOf = (agreementId: string): string => `agreement:${agreementId}`;

function stateOf(one: Agreement, proof: string | null, on: string): AgreementStanding["state"] {
  if (proof !== null) return "closed";
  if (on < one.beginsOn) return "not begun";
  if (on <= one.endsOn) return "in force";
  return on <= one.destroyBy ? "destruction due" : "destruction overdue";
}
