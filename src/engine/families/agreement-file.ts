import { z } from "zod";
import { CairnError } from "../../errors.ts";
import type { Agreement } from "../../records/disclosure/agreements.ts";

const agreementFile = z.strictObject({
  agreementId: z.string(),
  kind: z.enum(["study", "audit", "school-official"]),
  party: z.string(),
  purpose: z.string(),
  scope: z.string(),
  dataClasses: z.array(z.string()),
  representatives: z.array(z.string()),
  redisclosureTerms: z.string(),
  beginsOn: z.iso.date(),
  endsOn: z.iso.date(),
  destroyBy: z.iso.date(),
  signedBy: z.string(),
});

/** Reads a written agreement from JSON. @throws CairnError `BAD_INPUT` with every fault of the file */
export function parseAgreement(text: string): Agreement {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw new CairnError("BAD_INPUT", "expected an agreement as JSON, got a file that is none", { cause });
  }
  const parsed = agreementFile.safeParse(document);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join(".") || "file"}: ${message}`);
  throw new CairnError("BAD_INPUT", `expected every element of a written agreement, got ${faults.join("; ")}`, {
    hint: "see docs/privacy.md",
  });
}
