import { createHmac, timingSafeEqual } from "node:crypto";

/** How far the clock of who receives may stand from ours: an older message is one that somebody kept and sent again. */
const TOLERANCE_SECONDS = 300;

/**
 * The header `cairn-signature` of a message: `t=<seconds since 1970>,v1=<hex>`, where v1 is HMAC-SHA256, keyed with the
 * webhook's secret, of the seconds, a full stop and the body.
 */
export function signMessage(secret: string, body: string, now: Date): string {
  const seconds = Math.floor(now.getTime() / 1000);
  return `t=${seconds},v1=${digestOf(secret, body, seconds)}`;
}

/** What a receiver does: whether a message is cairn's, whole, and of now. */
export function isSigned(secret: string, body: string, header: string, now: Date): boolean {
  const [, t, v1] = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(header) ?? [];
  if (t === undefined || v1 === undefined) return false;
  if (Math.abs(now.getTime() / 1000 - Number(t)) > TOLERANCE_SECONDS) return false;
  return timingSafeEqual(Buffer.from(v1, "hex"), Buffer.from(digestOf(secret, body, Number(t)), "hex"));
}

function digestOf(secret: string, body: string, seconds: number): string {
  return createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex");
}
