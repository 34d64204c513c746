import { CairnError } from "../../errors.ts";
import { createTenant, listTenants } from "../../records/database.ts";
import { setTimeZone } from "../../records/import/core/time-zone.ts";
import type { Cairn } from "../runtime.ts";

/**
 * Registers a district, or finds it.
 * @param timeZone - an IANA name: moments that name a zone become this district's wall clock
 * @returns its id
 * @throws CairnError `BAD_INPUT` for an id or a time zone that is none
 */
export async function ensureTenant(cairn: Cairn, id: string, name: string = id, timeZone?: string): Promise<string> {
  await createTenant(cairn.database, { id, name });
  if (timeZone !== undefined) await setTimeZone(cairn.database, id, timeZone);
  return id;
}

/**
 * The id of a registered district.
 * @throws CairnError `NOT_FOUND` when there is none of that id
 */
export async function requireTenant(cairn: Cairn, id: string): Promise<string> {
  const tenants = await listTenants(cairn.database);
  if (!tenants.some((tenant) => tenant.id === id)) {
    throw new CairnError("NOT_FOUND", `expected a registered district, got "${id}"`, {
      hint: "import its records first, or run `npm run demo` for the synthetic one",
    });
  }
  return id;
}
