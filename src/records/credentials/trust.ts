import { CairnError } from "../../errors.ts";
import type { TenantTransaction } from "../database.ts";
import { sourceStanding } from "../schema/index.ts";

/** An issuer this district has decided about. */
export interface IssuerDecision {
  /** The issuer's id as it stands in credentials, such as a DID. */
  readonly issuer: string;
  /** The district (by the DID of its first key) or other authority the issuer speaks for. */
  readonly authority: string;
  readonly standing: "certified" | "contributed";
}

/**
 * Says what the word of an issuer counts here: a right signature says who wrote something, not whether to believe it. Records
 * of a `certified` issuer arrive certified; the decision can be taken back by a later one, which counts from then on.
 * @param decision - `authority` is the issuer itself unless it is a later key of a district that is known already
 * @throws CairnError `BAD_INPUT` when the issuer is no URI
 */
export async function decideIssuer(
  tx: TenantTransaction,
  { issuer, authority, standing }: IssuerDecision,
  { decidedBy, now }: { readonly decidedBy: string; readonly now: Date },
): Promise<void> {
  if (!/^[a-z][a-z0-9+.-]*:\S+$/i.test(issuer)) {
    throw new CairnError(
      "BAD_INPUT",
      "expected an issuer as credentials name it (a DID or another URI), got something else",
      {
        hint: "the other district sees its own with `cairn credential key`",
      },
    );
  }
  await tx.orm
    .insert(sourceStanding)
    .values({ tenantId: tx.tenantId, source: issuer, authority, standing, decidedBy, decidedAt: now });
}

/** Whom an issuer is trusted to speak for; undefined when the district has not decided to believe it. */
export async function trustedAuthority(tx: TenantTransaction, issuer: string | null): Promise<string | undefined> {
  const [row] = await tx.sql<{ authority: string; standing: string }[]>`
    select authority, standing from source_standing where source = ${issuer} order by standing_id desc limit 1`;
  return row?.standing === "certified" ? row.authority : undefined;
}
