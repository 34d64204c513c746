import { errors, jwtVerify } from "jose";
import { CairnError } from "../../errors.ts";
import type { EnvelopeReceipt } from "../../records/import/caliper/receive.ts";
import { receiveCaliper } from "../../records/import/caliper/receive.ts";
import type { Caller } from "../access/keys.ts";
import type { Cairn } from "../runtime.ts";

export type { EnvelopeReceipt };

/** A posted body: an envelope as JSON, or one signed as a JWT with the key it is sent with. */
export interface EnvelopeSent {
  readonly body: string;
  readonly signed: boolean;
  /** The API key of the request: what signs a JWT. */
  readonly key: string;
}

/**
 * Takes in the events of an envelope; good ones go in, others are kept with the reason.
 * @throws CairnError `BAD_INPUT` when it is no envelope, or (with event and path) when no event of it can be read;
 * `UNAUTHENTICATED` when a JWT is not signed with the key
 */
export async function receiveEnvelope(
  cairn: Cairn,
  { tenantId }: Caller,
  sent: EnvelopeSent,
): Promise<EnvelopeReceipt> {
  const receivedAt = cairn.now();
  const body = sent.signed ? await verified(sent, receivedAt) : sent.body;
  const receipt = await receiveCaliper(cairn.database, { tenantId, body, receivedAt });
  const taken = receipt.stored + receipt.unchanged + receipt.waiting;
  if (receipt.refusedCount === 0 || taken > 0) return receipt;
  const [first] = receipt.refused;
  const where =
    first === undefined ? "the envelope" : `event ${first.event}${first.path === null ? "" : `, ${first.path}`}`;
  throw new CairnError("BAD_INPUT", `${first?.reason ?? "expected events, got others"} (${where})`, {
    hint: `all ${receipt.refusedCount} events were refused and are kept in batch ${receipt.batchId}`,
    details: { batchId: receipt.batchId, refused: receipt.refusedCount },
  });
}

const algorithms = ["HS256", "HS384", "HS512"];

async function verified({ body, key }: EnvelopeSent, now: Date): Promise<string> {
  try {
    const { payload } = await jwtVerify(body.trim(), new TextEncoder().encode(key), { algorithms, currentDate: now });
    return JSON.stringify(payload);
  } catch (error) {
    if (!(error instanceof errors.JOSEError)) throw error;
    throw new CairnError("UNAUTHENTICATED", "expected a JWT signed with the API key of the request, got another", {
      hint: `sign the envelope by ${algorithms.join(", ")} with the key itself, and not for a time that is over`,
      cause: error,
    });
  }
}
