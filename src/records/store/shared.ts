import { rm, stat } from "node:fs/promises";
import { isAbsolute, relative, resolve, sep } from "node:path";
import type { ObjectStore } from "./s3.ts";

/** The folders of this process that are copies of a store, by their absolute path. */
const stores = new Map<string, ObjectStore>();

/**
 * Makes a folder a copy of a store: what is written in it is shared, and what is not there is brought. DuckDB reads files, so the
 * copy is what is read. @returns the way to take that back
 */
export function shareFolder(folder: string, store: ObjectStore): () => void {
  const root = resolve(folder);
  stores.set(root, store);
  return () => {
    stores.delete(root);
  };
}

interface Place {
  readonly store: ObjectStore;
  /** The name in the store: the path in the folder, with slashes. */
  readonly name: string;
}

function placeOf(path: string): Place | undefined {
  const full = resolve(path);
  for (const [root, store] of stores) {
    const inside = relative(root, full);
    if (inside !== "" && !inside.startsWith("..") && !isAbsolute(inside)) {
      return { store, name: inside.split(sep).join("/") };
    }
  }
  return undefined;
}

/** Whether a file has a store behind it, and is not in it: taken out of the store it is there no longer, copy or not. */
export async function isWithdrawn(path: string): Promise<boolean> {
  const place = placeOf(path);
  return place !== undefined && !(await place.store.has(place.name));
}

/**
 * Brings a file that is not in its folder yet; in a folder without a store nothing happens.
 * @throws CairnError `ARTIFACT_CORRUPT`, `UNAVAILABLE`, `BAD_CONFIGURATION`
 */
export async function bringFile(path: string, { again = false }: { again?: boolean } = {}): Promise<void> {
  const place = placeOf(path);
  if (place === undefined) return;
  const isThere = await stat(path).then(
    () => true,
    () => false,
  );
  if (!isThere || again) await place.store.get(place.name, path);
}

/** Sends a finished file to the store behind its folder, where there is one. */
export async function shareFile(path: string): Promise<void> {
  const place = placeOf(path);
  if (place !== undefined) await place.store.put(place.name, path);
}

/** Deletes a file, and takes it out of the store behind its folder. */
export async function dropFile(path: string): Promise<void> {
  const place = placeOf(path);
  await place?.store.remove(place.name);
  await rm(path, { force: true });
}
