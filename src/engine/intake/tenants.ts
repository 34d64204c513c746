import { CairnError } from "../../errors.ts";
import { createTenant, listTenants } from "../../records/database.ts";
import type { Cairn } from "../runtime.ts";

/** Registers a district, or finds it. @returns its id */
export async function ensureTenant(cairn: Cairn, id: string, name: string = id): Promise<string> {
  await createTenant(cairn.database, { id, name });
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
