import { createHash, randomUUID } from "node:crypto";
import { access, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CairnError } from "../../errors.ts";
import type { Tensors } from "../../models/artifact.ts";
import { decodeArtifact, encodeArtifact } from "../../models/artifact.ts";
import type { Parameters } from "../../models/estimator.ts";
import { version } from "../../version.ts";

/** What makes a model the same model: the same recipe, on the same data, with the same seed. */
export interface ModelIdentity {
  readonly kind: string;
  readonly parameters: Parameters;
  /** Hash of what it learned from (matrix or snapshot id). */
  readonly dataHash: string;
  readonly seed: string;
}

const ID_LENGTH = 32; // 128 bits of SHA-256: no two models of one installation will meet

/** The id of a model: a hash of kind, parameters, data, seed and cairn's version, so that training again is a no-op. */
export function modelId(identity: ModelIdentity): string {
  const parameters = Object.entries(identity.parameters).sort(([a], [b]) => (a < b ? -1 : 1));
  return contentHash(JSON.stringify([version, identity.kind, parameters, identity.dataHash, identity.seed]));
}

/** The first 128 bits of SHA-256, in hex: how snapshots, matrices, models and runs are named. */
export function contentHash(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex").slice(0, ID_LENGTH);
}

/** Writes an artifact under its id: beside, then renamed, so that nobody ever reads half of one. */
export async function writeArtifact(folder: string, id: string, tensors: Tensors): Promise<void> {
  const path = artifactPath(folder, id);
  const exists = await access(path).then(
    () => true,
    () => false,
  );
  if (exists) return; // the id names the content: what is there is what would be written
  const beside = `${path}.${randomUUID()}.part`;
  try {
    await writeFile(beside, encodeArtifact(tensors));
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

/**
 * Reads an artifact back.
 * @throws CairnError `NOT_FOUND` when there is no file of that id, `ARTIFACT_CORRUPT` when it is not what it should be
 */
export async function readArtifact(folder: string, id: string): Promise<Tensors> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(artifactPath(folder, id));
  } catch (error) {
    throw new CairnError("NOT_FOUND", `expected the artifact of model ${id} in the store, got no file`, {
      hint: "workers must share CAIRN_HOME/artifacts; or train again",
      cause: error,
    });
  }
  return decodeArtifact(bytes);
}

function artifactPath(folder: string, id: string): string {
  if (!/^[0-9a-f]{32}$/.test(id)) {
    throw new CairnError("BAD_INPUT", `expected a model id of ${ID_LENGTH} hex digits, got ${id.length} characters`);
  }
  return join(folder, `${id}.safetensors`);
}
