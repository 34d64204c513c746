import { createHash } from "node:crypto";
import { lastPart } from "../json.ts";

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const asn = /\/(?:asn\.jesandco\.org|asn\.desire2learn\.com|purl\.org\/ASN)\/resources\/([A-Z]\w+)$/i;

/** Whether an id is a UUID, as CASE identifiers must be. */
export function isUuid(id: string): boolean {
  return uuid.test(id.toLowerCase());
}

/**
 * The id by which evidence names a standard: a UUID in lower case (also out of `urn:uuid:` and `urn:guid:`); for an address of the
 * Achievement Standards Network its last part, since the same standard stands there under several hosts; anything else as it is.
 */
export function standardId(identifier: string): string {
  const bare = identifier.replace(/^urn:(?:uuid|guid):/i, "");
  if (isUuid(bare)) return bare.toLowerCase();
  if (bare !== identifier && /^[0-9a-f]{32}$/i.test(bare)) {
    return bare.toLowerCase().replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }
  return asn.exec(identifier)?.[1] ?? identifier;
}

/** The id in the address of a CASE item (`…/CFItems/{id}`) or of the Achievement Standards Network; undefined in any other. */
export function idInAddress(address: string): string | undefined {
  const last = lastPart(address);
  return isUuid(last) ? last.toLowerCase() : asn.exec(address)?.[1];
}

/**
 * One spelling of a standard's code for comparing: `1.NBT.B.2.a`, `CCSS.Math.Content.1.NBT.B.2a` and `1.NBT.B.2A` are the same, and
 * so are `HS.A-APR.B.2` and `CCSS.Math.Content.HSA-APR.B.2`. Dots count only between digits.
 */
export function comparableCode(code: string): string {
  const own = code.trim().replace(/^CCSS\.(?:(?:Math|ELA-Literacy)\.)?(?:(?:Content|Practice)\.)?/i, "");
  return own.toUpperCase().replaceAll(/(?<!\d)\.|\.(?!\d)|\s+/g, "");
}

const nameSpace = Buffer.from("6ba7b8119dad11d180b400c04fd430c8", "hex"); // RFC 9562, appendix A: names that are addresses

/** A UUID that an address always has (RFC 9562, version 5): for ids of other kinds where CASE asks for a UUID. */
export function uuidOfName(name: string): string {
  const bytes = createHash("sha1").update(nameSpace).update(name).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
