import { and, desc, eq } from "drizzle-orm";
import { inTenant } from "../../records/database.ts";
import { model } from "../../records/schema/index.ts";
import type { Cairn } from "../runtime.ts";

/** A model in the list of a registry. */
export interface RegisteredModel {
  readonly modelId: string;
  readonly kind: string;
  readonly purpose: string;
  /** When it was stored (ISO 8601, UTC). */
  readonly createdAt: string;
  readonly lineage: unknown;
}

/**
 * The models of a district, the newest first.
 * @param purpose - only those for this purpose, such as `early-warning`
 */
export async function listModels(
  cairn: Cairn,
  tenantId: string,
  { purpose, limit = 100 }: { readonly purpose?: string; readonly limit?: number } = {},
): Promise<RegisteredModel[]> {
  const rows = await inTenant(cairn.database, tenantId, ({ orm }) =>
    orm
      .select({
        modelId: model.modelId,
        kind: model.kind,
        purpose: model.purpose,
        createdAt: model.createdAt,
        lineage: model.lineage,
      })
      .from(model)
      .where(and(eq(model.tenantId, tenantId), ...(purpose === undefined ? [] : [eq(model.purpose, purpose)])))
      .orderBy(desc(model.createdAt), model.modelId)
      .limit(limit),
  );
  return rows.map((row) => ({ ...row, createdAt: row.createdAt.toISOString() }));
}
