import { createHash } from "node:crypto";
import type { SourceFile } from "./csv.ts";
import { unreadable } from "./csv.ts";

/** SHA-256 of files by name and content, in the order of their names: the identity of a delivery. */
export async function fingerprint(files: readonly SourceFile[]): Promise<string> {
  const hash = createHash("sha256");
  const sorted = [...files].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  for (const file of sorted) {
    hash.update(`${file.name}\u0000${file.bytes}\u0000`);
    try {
      for await (const chunk of await file.open()) hash.update(chunk as Buffer);
    } catch (cause) {
      throw unreadable(file.name, cause);
    }
  }
  return hash.digest("hex");
}
