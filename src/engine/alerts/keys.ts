import { CairnError } from "../../errors.ts";
import { inTenant } from "../../records/database.ts";
import { peopleByIds, personByNumber } from "../../records/identity/people.ts";
import { createKey } from "../access/keys.ts";
import type { Cairn } from "../runtime.ts";

/**
 * Makes the key of a teacher: it opens the learners of the sections she teaches on the day of the call.
 * @param teacher - her number, or her id in the record
 * @returns the key, which is not kept and cannot be shown again
 * @throws CairnError `NOT_FOUND` when there is nobody of that number or id
 */
export async function createTeacherKey(
  cairn: Cairn,
  tenantId: string,
  teacher: string,
  label: string,
): Promise<string> {
  const personId = await inTenant(cairn.database, tenantId, async (tx) => {
    const [known] = await peopleByIds(tx, [teacher]);
    return known?.personId ?? (await personByNumber(tx, teacher));
  });
  if (personId === undefined) throw new CairnError("NOT_FOUND", "expected a person of the record, got nobody");
  return createKey(cairn, tenantId, "teacher", label, personId);
}
