import { randomUUID } from "node:crypto";
import { chmod, link, mkdir, readFile, rename, stat, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { from, generate, type KeyPair } from "@digitalbazaar/ed25519-multikey";
import { z } from "zod";
import { CairnError } from "../../errors.ts";
import { didOf } from "./keys.ts";

/**
 * A district's signing keys. The first key's DID is the district's name for good: rotation changes the key that signs, and the
 * records keep saying whose they are.
 */
export interface SigningKeys {
  /** The DID of the first key: how other districts know this one. */
  readonly district: string;
  /** The key that signs now; its id is the verification method. */
  readonly current: KeyPair;
  /** All keys, oldest first: the list of what was taken back is signed by the key that signed the badge. */
  readonly all: readonly KeyPair[];
  /** Their DIDs: what was signed before a rotation stays verifiable. */
  readonly dids: readonly string[];
}

const keyFile = z.object({
  keys: z
    .array(z.object({ publicKeyMultibase: z.string(), secretKeyMultibase: z.string(), createdAt: z.string() }))
    .min(1),
});
type KeyFile = z.infer<typeof keyFile>;

const privateMode = 0o600;

/**
 * The signing keys of a district, made at the first call. They lie in `folder` in a file that its owner alone can read; several
 * processes that start at once end with the same keys.
 * @param folder - where keys are kept, such as `keys` in cairn's home
 * @throws CairnError `BAD_CONFIGURATION` when the file is readable by others, or is none of ours
 */
export async function openSigningKeys(folder: string, tenantId: string, now: Date): Promise<SigningKeys> {
  const path = pathOf(folder, tenantId);
  const found = await readKeys(path);
  if (found !== undefined) return opened(found);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const fresh = `${path}.${randomUUID()}`;
  await writeKeys(fresh, { keys: [await newKey(now)] });
  try {
    await link(fresh, path); // fails when another process was first: then its key counts
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    await unlink(fresh);
  }
  return opened((await readKeys(path))!);
}

/**
 * The DID other districts know this one by; undefined while it has no signing key.
 * @throws CairnError `BAD_CONFIGURATION` as {@link openSigningKeys}
 */
export async function districtDid(folder: string, tenantId: string): Promise<string | undefined> {
  const found = await readKeys(pathOf(folder, tenantId));
  return found === undefined ? undefined : didOf(found.keys[0]!.publicKeyMultibase);
}

/**
 * Makes a new signing key, when the old one may be known to others or has served its time. What the old key signed stays
 * verifiable; other districts have to be told the new key.
 * @throws CairnError `BAD_CONFIGURATION` as {@link openSigningKeys}
 */
export async function rotateSigningKey(folder: string, tenantId: string, now: Date): Promise<SigningKeys> {
  await openSigningKeys(folder, tenantId, now);
  const path = pathOf(folder, tenantId);
  const { keys } = (await readKeys(path))!;
  const next = { keys: [...keys, await newKey(now)] };
  const fresh = `${path}.${randomUUID()}`;
  await writeKeys(fresh, next);
  await rename(fresh, path);
  return opened(next);
}

function pathOf(folder: string, tenantId: string): string {
  return join(folder, `${tenantId}.json`);
}

async function newKey(now: Date): Promise<KeyFile["keys"][number]> {
  const { publicKeyMultibase, secretKeyMultibase } = await generate();
  return { publicKeyMultibase, secretKeyMultibase: secretKeyMultibase!, createdAt: now.toISOString() };
}

async function writeKeys(path: string, keys: KeyFile): Promise<void> {
  await writeFile(path, `${JSON.stringify(keys, null, 2)}\n`, { mode: privateMode, flag: "wx" });
  await chmod(path, privateMode); // the process's mask may have left less, never more; some file systems leave more
}

async function readKeys(path: string): Promise<KeyFile | undefined> {
  let text: string;
  try {
    const { mode } = await stat(path);
    if (process.platform !== "win32" && (mode & 0o077) !== 0) {
      throw new CairnError(
        "BAD_CONFIGURATION",
        "expected a signing key that its owner alone can read, got one open to others",
        {
          hint: `chmod 600 ${path}, and rotate the key if others had access to this machine`,
        },
      );
    }
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    return keyFile.parse(JSON.parse(text));
  } catch (cause) {
    throw new CairnError("BAD_CONFIGURATION", "expected a file of signing keys, got something else", {
      hint: `restore ${path} from a backup: a new key would be another district to others`,
      cause,
    });
  }
}

async function opened({ keys }: KeyFile): Promise<SigningKeys> {
  const all = await Promise.all(
    keys.map(({ publicKeyMultibase, secretKeyMultibase }) => {
      const controller = didOf(publicKeyMultibase);
      const id = `${controller}#${publicKeyMultibase}`;
      return from({ type: "Multikey", id, controller, publicKeyMultibase, secretKeyMultibase });
    }),
  );
  const dids = all.map(({ controller }) => controller);
  return { district: dids[0]!, current: all.at(-1)!, all, dids };
}
