import { featureCatalog } from "../../features/catalog.ts";
import type { TenantTransaction } from "../../records/database.ts";
import type { Place } from "./drift.ts";

const meanings = new Map(featureCatalog.families.flatMap(({ features }) => features.map((f) => [f.name, f.meaning])));

/** A feature by what it means and its name in the catalog: "mean score of the work handed in (score_mean)". */
export function featureWords(name: string): string {
  const meaning = meanings.get(name)?.split(":")[0];
  return meaning === undefined ? name : `${meaning} (${name})`;
}

/** Names of schools by the id a place has. */
export type SchoolNames = Readonly<Record<string, string>>;

/** A place as a person calls it: a school by its name, a grade band by its grades. */
export function placeWords(place: Place, schools: SchoolNames): string {
  if (place === null) return "everybody";
  return place.column === "school"
    ? (schools[place.value] ?? `school ${place.value}`)
    : `${place.column} ${place.value}`;
}

/** The latest name of every school and office of a district. */
export async function schoolNames(tx: TenantTransaction): Promise<SchoolNames> {
  const rows = await tx.sql<{ key: string; name: string }[]>`
    select distinct on (record_key) record_key as key, name from org order by record_key, known_on desc, version_id desc`;
  return Object.fromEntries(rows.map(({ key, name }) => [key, name]));
}
