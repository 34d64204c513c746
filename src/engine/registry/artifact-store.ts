import { createHash, randomUUID } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CairnError } from "../../errors.ts";
import type { Tensors } from "../../models/artifact.ts";
import { decodeArtifact, encodeArtifact } from "../../models/artifact.ts";
import type { Parameters } from "../../models/estimator.ts";
import { bringFile, shareFile } from "../../records/store/shared.ts";
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

/** The name under which an artifact's metadata holds the hash of everything else in it. */
const SEAL = "sha256";

const sealOf = (tensors: Tensors): string => createHash("sha256").update(encodeArtifact(tensors)).digest("hex");

/**
 * Writes an artifact under its id, sealed by a hash of its content: beside, then renamed, so that nobody ever reads half of
 * one. One that is there and whole stays; a damaged one is replaced.
 */
export async function writeArtifact(folder: string, id: string, tensors: Tensors): Promise<void> {
  const path = artifactPath(folder, id);
  const whole = await readArtifact(folder, id).then(
    () => true,
    () => false,
  );
  if (whole) return shareFile(path); // the id names the content: what is there is what would be written
  const beside = `${path}.${randomUUID()}.part`;
  try {
    const metadata = { ...tensors.metadata, [SEAL]: sealOf(tensors) };
    await writeFile(beside, encodeArtifact({ ...tensors, metadata }));
    await rename(beside, path);
    await shareFile(path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

/**
 * Reads an artifact back; where the folder is the copy of a store, what is not there or damaged is brought from it.
 * @throws CairnError `BAD_INPUT` for an id that is none, `NOT_FOUND` when there is no file of that id, `ARTIFACT_CORRUPT` when it is not what it should be
 */
export async function readArtifact(folder: string, id: string): Promise<Tensors> {
  const path = artifactPath(folder, id);
  try {
    await bringFile(path);
    return await readWhole(path, id);
  } catch (error) {
    if (!(error instanceof CairnError) || error.code !== "ARTIFACT_CORRUPT") throw error;
    await bringFile(path, { again: true });
    return readWhole(path, id);
  }
}

async function readWhole(path: string, id: string): Promise<Tensors> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new CairnError("NOT_FOUND", `expected the artifact of model ${id} in the store, got no file`, {
      hint: "workers on several machines need one CAIRN_STORE, or share CAIRN_HOME; or train again",
      cause: error,
    });
  }
  const { metadata, arrays } = decodeArtifact(bytes);
  const { [SEAL]: seal, ...own } = metadata;
  const tensors: Tensors = { metadata: own, arrays };
  if (seal !== sealOf(tensors)) {
    throw new CairnError(
      "ARTIFACT_CORRUPT",
      `expected the artifact of model ${id} as it was written, got other content`,
      {
        hint: "train again: the damaged file is replaced",
      },
    );
  }
  return tensors;
}

function artifactPath(folder: string, id: string): string {
  if (!/^[0-9a-f]{32}$/.test(id)) {
    throw new CairnError("BAD_INPUT", `expected a model id of ${ID_LENGTH} hex digits, got ${id.length} characters`);
  }
  return join(folder, `${id}.safetensors`);
}
