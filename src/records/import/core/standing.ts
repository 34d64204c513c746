import type { TenantTransaction } from "../../database.ts";
import type { Target } from "./targets.ts";

/** What a source may say: the word of a certified one goes to the Backpack, that of any other to the Profile. */
export type Standing = "certified" | "contributed";

/** The class of a record under the standing of its source: a model's score stays derived whoever sends it. */
export function classUnder(standing: Standing, own: Target["class"]): Target["class"] {
  return standing === "contributed" && own === "certified" ? "contributed" : own;
}

/** A source as it asks to be heard. */
export interface Claim {
  readonly source: string;
  readonly authority: string;
  readonly transport: "upload" | "sftp" | "api" | "webhook";
  /** What the caller says of it; it can lower a standing, never raise one. */
  readonly said: Standing | undefined;
}

/**
 * The standing of a source: contributed when the caller says so or the district has decided so; certified when the district
 * has decided so. Where nothing is decided, files that an operator brings are certified, and what comes by itself over the
 * network is contributed.
 */
export async function standingOf(tx: TenantTransaction, claim: Claim): Promise<Standing> {
  if (claim.said === "contributed") return "contributed";
  const [decided] = await tx.sql<{ standing: Standing }[]>`
    select standing from source_standing where source = ${claim.source} and authority = ${claim.authority}
    order by standing_id desc limit 1`;
  if (decided !== undefined) return decided.standing;
  return claim.transport === "upload" || claim.transport === "sftp" ? "certified" : "contributed";
}

/**
 * The channel of a delivery: the first part of its record keys. Another authority than the first under the same source code is
 * another channel, and so is what a source contributes where it might certify: neither supersedes the certified record, it
 * stands beside it.
 */
export function channelOf(
  source: string,
  authority: { readonly is: string; readonly usual: string },
  standing: Standing,
): string {
  const plain = source.replaceAll("@", "@@").replaceAll("~", "~~");
  const voiced = authority.is === authority.usual ? plain : `${plain}@${authority.is}`;
  return standing === "certified" ? voiced : `${voiced}~contributed`;
}
