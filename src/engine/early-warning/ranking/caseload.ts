import { desc, eq } from "drizzle-orm";
import { z } from "zod";
import { CairnError } from "../../../errors.ts";
import { inTenant, type TenantTransaction } from "../../../records/database.ts";
import { peopleByIds, personByNumber } from "../../../records/identity/people.ts";
import { counselorCaseload } from "../../../records/schema/index.ts";
import type { ResolvedPerson } from "../../../records/snapshot/pseudonyms.ts";
import { createKey } from "../../access/keys.ts";
import type { Cairn } from "../../runtime.ts";

const letters = z.string().trim().min(1).max(20);

const rule = z
  .strictObject({
    schools: z.array(z.string().min(1)).min(1).optional(),
    grades: z.array(z.string().min(1)).min(1).optional(),
    familyNames: z.strictObject({ from: letters, to: letters }).optional(),
  })
  .refine((one) => Object.values(one).some((part) => part !== undefined), "a school, grades or family names");

/**
 * Whom a counselor is there for: learners of these schools (by name) and grades whose family name begins between these letters, both
 * included ("A" to "La" has Lane in it and Lee not). What is left out does not narrow.
 */
export type CaseloadRule = z.infer<typeof rule>;

/** A counselor's caseload as it was given. */
export interface GivenCaseload {
  /** The counselor, by the id in the record. */
  readonly personId: string;
  readonly rule: CaseloadRule;
  /** A key of her own, where one was asked for: not kept, and not shown again. */
  readonly key?: string;
}

/**
 * Gives a counselor a caseload, or another one than before, and a key that opens it.
 * @param counselor - her number, or her id in the record
 * @throws CairnError `BAD_INPUT` for a rule that is none, `NOT_FOUND` when there is nobody of that number or id
 */
export async function giveCaseload(
  cairn: Cairn,
  tenantId: string,
  counselor: string,
  { given, decidedBy, withKey = false }: { given: unknown; decidedBy: string; withKey?: boolean },
): Promise<GivenCaseload> {
  const parsed = rule.safeParse(given);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => `${path.join(".") || "the whole"}: ${message}`);
    throw new CairnError("BAD_INPUT", `expected the rule of a caseload, got one with faults: ${faults.join("; ")}`, {
      hint: 'such as { "schools": ["Alder Creek School"], "familyNames": { "from": "A", "to": "K" } }',
    });
  }
  const personId = await inTenant(cairn.database, tenantId, async (tx) => {
    const [known] = await peopleByIds(tx, [counselor]);
    const found = known?.personId ?? (await personByNumber(tx, counselor));
    if (found === undefined) throw new CairnError("NOT_FOUND", "expected a person of the record, got nobody");
    await tx.orm
      .insert(counselorCaseload)
      .values({ tenantId, personId: found, rule: parsed.data, decidedBy, decidedAt: cairn.now() });
    return found;
  });
  if (!withKey) return { personId, rule: parsed.data };
  return { personId, rule: parsed.data, key: await createKey(cairn, tenantId, "counselor", "a caseload", personId) };
}

/**
 * The caseload of a counselor, by any of her ids.
 * @throws CairnError `NOT_FOUND` when she has none: she is shown nobody, not everybody
 */
export async function caseloadRule(tx: TenantTransaction, personId: string): Promise<CaseloadRule> {
  const [newest] = await tx.orm
    .select({ rule: counselorCaseload.rule })
    .from(counselorCaseload)
    .where(eq(counselorCaseload.personId, personId))
    .orderBy(desc(counselorCaseload.caseloadId))
    .limit(1);
  if (newest === undefined) {
    throw new CairnError("NOT_FOUND", "expected a caseload of this counselor, got none", {
      hint: "give her one with `cairn ranking caseload`",
    });
  }
  return rule.parse(newest.rule);
}

/** Whether a learner is of a caseload. Somebody whose school, grade or name is not known is of none that asks for it. */
export function isOfCaseload(
  { schools, grades, familyNames }: CaseloadRule,
  { school, grade, familyName }: Pick<ResolvedPerson, "school" | "grade" | "familyName">,
): boolean {
  if (schools !== undefined && !(school !== null && schools.includes(school))) return false;
  if (grades !== undefined && !(grade !== null && grades.includes(grade))) return false;
  if (familyNames === undefined) return true;
  if (familyName === null) return false;
  const name = plain(familyName);
  const [from, to] = [plain(familyNames.from), plain(familyNames.to)];
  return name >= from && name.slice(0, to.length) <= to;
}

/** Letters without case and marks, so that Álvarez stands with Alvarez. */
function plain(name: string): string {
  return name.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase();
}
