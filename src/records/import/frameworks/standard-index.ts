import type { TenantTransaction } from "../../database.ts";
import { comparableCode, idInAddress, standardId } from "./identity.ts";
import type { StandardReference } from "./package.ts";

/** A standard of the record, as references find it. */
export interface KnownStandard {
  readonly standard: string;
  readonly framework: string | null;
  readonly code: string | null;
  readonly uri: string | null;
  readonly kind: string | null;
}

const headings = new Set(["domain", "cluster", "strand", "heading", "category"]);
const isHeading = ({ kind }: KnownStandard): boolean => kind !== null && headings.has(kind.toLowerCase());

/** The standards of a district, found by id, by address or by code. */
export class StandardIndex {
  readonly #byId = new Map<string, KnownStandard>();
  readonly #byUri = new Map<string, KnownStandard>();
  readonly #byCode = new Map<string, KnownStandard[]>();

  constructor(standards: readonly KnownStandard[]) {
    for (const standard of standards) {
      this.#byId.set(standard.standard, standard);
      if (standard.uri !== null) this.#byUri.set(standard.uri, standard);
      if (standard.code === null) continue;
      const code = comparableCode(standard.code);
      const same = this.#byCode.get(code) ?? [];
      // Published frameworks have codes twice: a cluster with that of its first standard. What is taught is the standard.
      const rival = same.findIndex(({ framework }) => framework === standard.framework);
      if (rival === -1) same.push(standard);
      else if (isHeading(same[rival]!) && !isHeading(standard)) same[rival] = standard;
      this.#byCode.set(code, same);
    }
  }

  /** Every standard a reference may mean: one by id or address, else that of each framework that has the code. */
  find(reference: StandardReference): readonly KnownStandard[] {
    const { id, uri, code } = reference;
    const ids = [id, uri].flatMap((name) =>
      name === undefined ? [] : [name, standardId(name), idInAddress(name) ?? name],
    );
    const direct = ids.map((name) => this.#byId.get(name)).find((known) => known !== undefined);
    const named = direct ?? (uri === undefined ? undefined : this.#byUri.get(uri));
    if (named !== undefined) return [named];
    return code === undefined ? [] : (this.#byCode.get(comparableCode(code)) ?? []);
  }
}

/** The standards a district has now. */
export async function readStandardIndex(tx: TenantTransaction): Promise<StandardIndex> {
  const rows = await tx.sql<KnownStandard[]>`
    select standard, framework, code, uri, kind from (
      select distinct on (record_key) standard, framework, code, uri, kind, retracted_at from standard
      order by record_key, known_on desc, version_id desc
    ) latest where retracted_at is null order by standard`;
  return new StandardIndex(rows);
}

/** The prerequisite edges a district has now, as (needed, needing). */
export async function readPrerequisites(
  tx: TenantTransaction,
): Promise<readonly { standard: string; requires: string }[]> {
  return tx.sql<{ standard: string; requires: string }[]>`
    select standard, requires from (
      select distinct on (record_key) standard, requires, retracted_at from prerequisite
      order by record_key, known_on desc, version_id desc
    ) latest where retracted_at is null order by requires, standard`;
}
