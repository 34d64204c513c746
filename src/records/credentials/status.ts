import { gunzipSync } from "node:zlib";
import type { Answer } from "./answers.ts";
import { failed, notChecked, verified } from "./answers.ts";
import type { Contexts } from "./contexts.ts";
import type { JsonObject } from "./json.ts";
import { idOf, isObject, listOf, textOf, textsOf } from "./json.ts";
import type { KnownKey } from "./keys.ts";
import { checkProofs } from "./proofs.ts";

/** Status lists the caller has, by the address credentials name them by. */
export type StatusLists = ReadonlyMap<string, JsonObject>;

const longestList = 16 * 2 ** 20; // bytes: 128 million credentials; more in a gzip of a few kilobytes is an attack

/**
 * Whether the lists a credential names say that it was revoked or suspended.
 * @see Bitstring Status List 1.0 (W3C 2025), section 3.2; 1EdTech Credential Status: Revocation List 1.0
 */
export async function checkStatus(
  document: JsonObject,
  lists: StatusLists,
  contexts: Contexts,
  keys: readonly KnownKey[],
): Promise<Answer> {
  const entries = listOf(document.credentialStatus).filter(isObject);
  if (entries.length === 0) return verified("it names no status list, so it cannot be taken back");
  const answers: Answer[] = [];
  for (const entry of entries) answers.push(await checkEntry(document, entry, lists, contexts, keys));
  return (
    answers.find(({ outcome }) => outcome === "failed") ??
    answers.find(({ outcome }) => outcome === "not-checked") ??
    answers[0]!
  );
}

async function checkEntry(
  document: JsonObject,
  entry: JsonObject,
  lists: StatusLists,
  contexts: Contexts,
  keys: readonly KnownKey[],
): Promise<Answer> {
  const [type] = textsOf(entry.type);
  if (type === "1EdTechRevocationList") {
    const list = lists.get(textOf(entry.id) ?? "");
    return list === undefined ? absent(textOf(entry.id)) : checkRevocationList(document, list);
  }
  if (type !== "BitstringStatusListEntry" && type !== "StatusList2021Entry")
    return notChecked(`its status is of a kind cairn cannot check (${type ?? "none"})`);
  const purpose = textOf(entry.statusPurpose);
  if (purpose !== "revocation" && purpose !== "suspension") return verified("its status list is not about revocation");
  const address = textOf(entry.statusListCredential);
  const list = lists.get(address ?? "");
  if (list === undefined) return absent(address);
  const proofs = await checkProofs(list, contexts, keys);
  if (!proofs.some(({ outcome }) => outcome === "verified") || idOf(list.issuer) !== idOf(document.issuer))
    return notChecked("the status list is not signed by the issuer of the credential");
  return readBit(entry, list, purpose);
}

function absent(address: string | null): Answer {
  return notChecked(`the status list is not here: ${address ?? "it has no address"}`);
}

function checkRevocationList(document: JsonObject, list: JsonObject): Answer {
  const revoked = [...listOf(list.revokedCredential), ...listOf(list.revokedCredentials)];
  const entry = revoked.find((item) => idOf(item) !== null && idOf(item) === idOf(document));
  if (entry === undefined) return verified("it is not on the issuer's list of revoked credentials");
  const reason = isObject(entry) ? textOf(entry.revocationReason) : null;
  return failed(`it was revoked${reason === null ? "" : ": the issuer gives a reason"}`);
}

/** Bit `index` from the left of the unpacked list; lists of longer entries are no revocation lists. */
function readBit(entry: JsonObject, list: JsonObject, purpose: string): Answer {
  const subject = isObject(list.credentialSubject) ? list.credentialSubject : {};
  const encoded = textOf(subject.encodedList);
  const index = Number(entry.statusListIndex);
  if (!textsOf(subject.statusPurpose).includes(purpose)) return notChecked(`the status list is not about ${purpose}`);
  if (encoded === null || !Number.isInteger(index) || index < 0 || Number(subject.statusSize ?? 1) !== 1)
    return failed("the status list or the place in it is malformed");
  try {
    const packed = Buffer.from(encoded.startsWith("u") ? encoded.slice(1) : encoded, "base64url");
    const bits = gunzipSync(packed, { maxOutputLength: longestList });
    if (index >= bits.length * 8) return failed("its place in the status list is beyond the list");
    const set = (bits[index >> 3]! >> (7 - (index & 7))) & 1;
    if (set === 0) return verified(`the status list says that no ${purpose} took place`);
    return failed(purpose === "revocation" ? "it was revoked" : "it is suspended");
  } catch {
    return notChecked("the status list cannot be unpacked");
  }
}
