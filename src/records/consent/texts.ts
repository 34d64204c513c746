import { createHash } from "node:crypto";
import { CairnError } from "../../errors.ts";
import type { TenantTransaction } from "../database.ts";
import { consentText } from "../schema/index.ts";

/** A wording, as it was shown. */
export interface ConsentText {
  readonly textId: string;
  readonly version: number;
  /** A BCP 47 tag, such as `en` or `es`. */
  readonly language: string;
  readonly body: string;
  readonly sha256: string;
}

/**
 * Keeps a wording. The same words again are the same version; other words are a new one, and answers given before stay tied
 * to the words that were shown (34 CFR 99.30; CON-2).
 * @throws CairnError `BAD_INPUT` when there are no words
 */
export async function keepConsentText(
  tx: TenantTransaction,
  { textId, language, body, now }: { textId: string; language: string; body: string; now: Date },
): Promise<ConsentText> {
  if (body.trim() === "") throw new CairnError("BAD_INPUT", "expected the words of a consent text, got none");
  const sha256 = createHash("sha256").update(body).digest("hex");
  await tx.sql`select pg_advisory_xact_lock(hashtext('cairn.consent-text'), hashtext(${tx.tenantId}))`;
  const [newest] = await tx.sql<ConsentText[]>`
    select text_id as "textId", version, language, body, sha256 from consent_text
    where text_id = ${textId} and language = ${language} order by version desc limit 1`;
  if (newest?.sha256 === sha256) return { ...newest };
  const text: ConsentText = { textId, version: (newest?.version ?? 0) + 1, language, body, sha256 };
  await tx.orm.insert(consentText).values({ tenantId: tx.tenantId, ...text, createdAt: now });
  return text;
}

/**
 * The words of one version, exactly as they were.
 * @throws CairnError `NOT_FOUND` when there are none
 */
export async function consentTextOf(
  tx: TenantTransaction,
  { textId, version, language }: { textId: string; version: number; language: string },
): Promise<ConsentText> {
  const [row] = await tx.sql<ConsentText[]>`
    select text_id as "textId", version, language, body, sha256 from consent_text
    where text_id = ${textId} and version = ${version} and language = ${language}`;
  if (row === undefined) {
    throw new CairnError(
      "NOT_FOUND",
      `expected version ${version} of the consent text "${textId}" in "${language}", got none`,
      {
        hint: "keep the wording first with `cairn consent text`",
      },
    );
  }
  return { ...row };
}
