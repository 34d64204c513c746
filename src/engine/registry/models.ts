import { and, eq } from "drizzle-orm";
import { CairnError } from "../../errors.ts";
import type { Estimator, FittedModel } from "../../models/estimator.ts";
import { inTenant } from "../../records/database.ts";
import { model } from "../../records/schema/index.ts";
import type { Cairn } from "../runtime.ts";
import type { ModelIdentity } from "./artifact-store.ts";
import { modelId, readArtifact, writeArtifact } from "./artifact-store.ts";

/** What the registry keeps of a model beside its arrays: how good it is and what it came from. */
export interface ModelRecord {
  readonly modelId: string;
  readonly kind: string;
  readonly purpose: string;
  readonly parameters: unknown;
  readonly metrics: unknown;
  readonly lineage: unknown;
}

/** Stores a fitted model and its record. Storing the same model again changes nothing. @returns its id */
export async function registerModel(
  cairn: Cairn,
  tenantId: string,
  fitted: FittedModel,
  identity: ModelIdentity,
  about: { purpose: string; metrics: unknown; lineage: unknown },
): Promise<string> {
  const id = modelId(identity);
  await writeArtifact(cairn.folders.artifacts, id, fitted.encode());
  await inTenant(cairn.database, tenantId, async ({ orm }) => {
    await orm
      .insert(model)
      .values({
        tenantId,
        modelId: id,
        kind: identity.kind,
        parameters: identity.parameters,
        createdAt: cairn.now(),
        ...about,
      })
      .onConflictDoNothing();
  });
  return id;
}

/**
 * The record of a model.
 * @throws CairnError `NOT_FOUND`
 */
export async function readModelRecord(cairn: Cairn, tenantId: string, id: string): Promise<ModelRecord> {
  const [record] = await inTenant(cairn.database, tenantId, ({ orm }) =>
    orm
      .select()
      .from(model)
      .where(and(eq(model.tenantId, tenantId), eq(model.modelId, id))),
  );
  if (record === undefined)
    throw new CairnError("NOT_FOUND", `expected a registered model, got the id ${id}`, { hint: "train again" });
  return record;
}

/**
 * Loads a fitted model with the recipe of its kind.
 * @throws CairnError `NOT_FOUND`, `ARTIFACT_CORRUPT`; `CONFLICT` when no recipe here knows the kind
 */
export async function loadModel<Fitted extends FittedModel>(
  cairn: Cairn,
  tenantId: string,
  id: string,
  recipes: readonly Pick<Estimator<never, Fitted>, "kind" | "decode">[],
): Promise<Fitted> {
  const { kind } = await readModelRecord(cairn, tenantId, id);
  const recipe = recipes.find((candidate) => candidate.kind === kind);
  if (recipe === undefined) {
    throw new CairnError(
      "CONFLICT",
      `expected a model of kind ${recipes.map((known) => known.kind).join(" or ")}, got ${kind}`,
      {
        hint: "run the version of cairn that trained it, or train again",
      },
    );
  }
  return recipe.decode(await readArtifact(cairn.folders.artifacts, id));
}
