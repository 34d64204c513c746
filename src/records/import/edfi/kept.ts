import type { ImportSession } from "../core/session.ts";

/** The fields of a kept body that others ask for. */
export type KeptCells = Readonly<Record<string, string | number | boolean | null>>;

/**
 * What one resource says of another's reference (which course a section's offering is of, on which day an incident was):
 * of this delivery, and of earlier ones of the same source, so that a delivery of changes alone finds what it refers to.
 */
export class Kept {
  readonly #byEntity = new Map<string, Map<string, KeptCells>>();

  /** The body of an id, if it is known. */
  get(entity: string, id: string | null): KeptCells | undefined {
    return id === null ? undefined : this.#byEntity.get(entity)?.get(id);
  }

  /** Every known body of an entity, by id. */
  all(entity: string): ReadonlyMap<string, KeptCells> {
    return this.#byEntity.get(entity) ?? new Map();
  }

  /** Remembers a body; a later one replaces an earlier one. */
  set(entity: string, id: string, cells: KeptCells): void {
    let known = this.#byEntity.get(entity);
    if (known === undefined) {
      known = new Map();
      this.#byEntity.set(entity, known);
    }
    known.set(id, cells);
  }

  /** What earlier deliveries of the session's source left: their kept bodies, the days of terms, what work is worth. */
  static async load(session: ImportSession): Promise<Kept> {
    const kept = new Kept();
    const prefix = `${session.source}:`;
    const newest = (table: string, columns: string): string => `
      select ${columns} from (
        select distinct on (record_key) * from ${table} where starts_with(record_key, $1)
        order by record_key, known_on desc, version_id desc
      ) newest where retracted_at is null`;
    const rows = await session.tx.sql.unsafe<{ entity: string; id: string; cells: KeptCells }[]>(
      `${newest("kept_row", "entity, source_record_id as id, cells")}
       union all ${newest("term", "'terms', source_record_id, jsonb_build_object('begins', starts_on, 'ends', ends_on, 'year', school_year)")}
       union all ${newest("assignment", "'worth', source_record_id, jsonb_build_object('maximum', score_maximum, 'due', coalesce(due_on, assigned_on))")}`,
      [prefix],
    );
    for (const { entity, id, cells } of rows) kept.set(entity, id, cells);
    return kept;
  }
}
