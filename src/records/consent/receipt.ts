import { createHash } from "node:crypto";
import { CairnError } from "../../errors.ts";
import type { TenantTransaction } from "../database.ts";
import type { DataClass } from "./data-classes.ts";
import { choosableClasses, dataClasses } from "./data-classes.ts";
import type { DecisionVersion } from "./grants.ts";
import { decisionHistory } from "./grants.ts";
import { consentTextOf } from "./texts.ts";
import { isPurpose, legalBases, uses } from "./uses.ts";

/** Who answers for the records: the district. */
export interface Controller {
  readonly name: string;
  /** Where to write, and to withdraw; null where the district has not said. */
  readonly contact: string | null;
  readonly policyUrl: string | null;
}

/** A consent receipt with the members of Kantara's specification 1.1, and the words that were shown. */
export interface Receipt {
  readonly version: "KI-CR-v1.1.0";
  readonly jurisdiction: "US";
  /** Seconds since 1970. */
  readonly consentTimestamp: number;
  readonly collectionMethod: string;
  readonly consentReceiptID: string;
  /** The key that the receipt is signed with; null: it is hashed only. */
  readonly publicKey: string | null;
  readonly language: string;
  readonly piiPrincipalId: string;
  readonly piiControllers: readonly { readonly piiController: string; readonly contact: string | null }[];
  readonly policyUrl: string | null;
  readonly services: readonly {
    readonly service: string;
    readonly purposes: readonly {
      readonly purpose: string;
      readonly purposeCategory: readonly string[];
      readonly consentType: "EXPLICIT";
      readonly piiCategory: readonly string[];
      readonly primaryPurpose: boolean;
      readonly termination: string;
      readonly thirdPartyDisclosure: boolean;
      readonly thirdPartyName: string | null;
    }[];
  }[];
  readonly sensitive: boolean;
  readonly spiCat: readonly string[];
  /** What the specification leaves to its users. */
  readonly decision: DecisionVersion["decision"];
  readonly capacity: DecisionVersion["capacity"];
  readonly expiresOn: string | null;
  /** The exact words shown; null where the source kept none. */
  readonly textShown: string | null;
}

/** Signs bytes with the district's key. */
export interface ReceiptSigner {
  /** The verification method, as others look it up. */
  readonly id: string;
  /** The signature of the bytes, by the key `id` names. */
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}

/** A receipt as it is handed over. */
export interface SignedReceipt {
  /** The bytes that are hashed and signed: the receipt as JSON, UTF-8. */
  readonly receipt: string;
  readonly sha256: string;
  /** Ed25519 over the bytes of `receipt`, base64url; null when the district has no key. */
  readonly signature: { readonly verificationMethod: string; readonly value: string } | null;
}

const sensitiveClasses: readonly DataClass[] = ["demographics", "screeners", "supports", "surveys"];

/**
 * The receipt of a decision, signed where there is a key.
 * @throws CairnError `NOT_FOUND` when there is no such decision of this learner
 */
export async function receiptFor(
  tx: TenantTransaction,
  { personId, key }: { readonly personId: string; readonly key: string },
  controller: Controller,
  signer?: ReceiptSigner,
): Promise<SignedReceipt> {
  const version = (await decisionHistory(tx, personId)).findLast((one) => one.key === key);
  if (version === undefined)
    throw new CairnError("NOT_FOUND", "expected a decision about this learner, got none of that key");
  const receipt = JSON.stringify(await composeReceipt(tx, version, controller, signer));
  const bytes = Buffer.from(receipt, "utf8");
  return {
    receipt,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    signature:
      signer === undefined
        ? null
        : { verificationMethod: signer.id, value: Buffer.from(await signer.sign(bytes)).toString("base64url") },
  };
}

async function composeReceipt(
  tx: TenantTransaction,
  version: DecisionVersion,
  controller: Controller,
  signer: ReceiptSigner | undefined,
): Promise<Receipt> {
  const { purpose, textId, textVersion, language } = version;
  const shown =
    textId === null || textVersion === null || language === null
      ? null
      : await consentTextOf(tx, { textId, version: textVersion, language });
  const classes = (version.dataClasses ?? choosableClasses) as readonly DataClass[];
  const use = isPurpose(purpose) ? uses[purpose] : undefined;
  return {
    version: "KI-CR-v1.1.0",
    jurisdiction: "US",
    consentTimestamp: Math.floor(Date.parse(version.decidedAt ?? `${version.decidedOn}T00:00:00Z`) / 1000),
    collectionMethod: version.authentication ?? "as delivered by the school",
    consentReceiptID: version.key,
    publicKey: signer?.id ?? null,
    language: language ?? "en",
    piiPrincipalId: version.personId,
    piiControllers: [{ piiController: controller.name, contact: controller.contact }],
    policyUrl: controller.policyUrl,
    services: [
      {
        service: controller.name,
        purposes: [
          {
            purpose: use?.sentence ?? purpose,
            purposeCategory: use === undefined ? [purpose] : [purpose, legalBases[use.basis]],
            consentType: "EXPLICIT",
            piiCategory: [...classes],
            primaryPurpose: use?.basis === "school-official",
            termination: version.expiresOn ?? "until withdrawn",
            thirdPartyDisclosure: version.decision === "permit" && version.party !== null,
            thirdPartyName: version.party,
          },
        ],
      },
    ],
    sensitive: classes.some((name) => sensitiveClasses.includes(name)),
    spiCat: classes.filter((name) => sensitiveClasses.includes(name)),
    decision: version.decision,
    capacity: version.capacity,
    expiresOn: version.expiresOn,
    textShown: shown?.body ?? null,
  };
}

interface Words {
  readonly title: string;
  readonly decided: Readonly<Record<DecisionVersion["decision"], string>>;
  readonly who: string;
  readonly what: string;
  readonly until: string;
  readonly always: string;
  readonly everybody: string;
  readonly shown: string;
  readonly withdraw: (contact: string) => string;
  readonly number: string;
}

const words: Readonly<Record<"en" | "es", Words>> = {
  en: {
    title: "Your decision about a learner's record",
    decided: { permit: "You said yes.", deny: "You said no.", withdrawn: "You took your decision back." },
    who: "Who",
    what: "What",
    until: "Until",
    always: "you take it back",
    everybody: "everybody",
    shown: "What you were shown",
    withdraw: (contact) => `You can take this back at any time, from the next minute on: ${contact}.`,
    number: "Number of this receipt",
  },
  es: {
    title: "Su decisión sobre el expediente de un estudiante",
    decided: { permit: "Usted dijo que sí.", deny: "Usted dijo que no.", withdrawn: "Usted retiró su decisión." },
    who: "Quién",
    what: "Qué",
    until: "Hasta",
    always: "que usted lo retire",
    everybody: "todos",
    shown: "El texto que se le mostró",
    withdraw: (contact) => `Puede retirarla en cualquier momento, con efecto inmediato: ${contact}.`,
    number: "Número de este recibo",
  },
};

/** A receipt in plain lines, in the family's language where cairn has it (English, Spanish), else in English. */
export function receiptLines(receipt: Receipt): string[] {
  const own = words[receipt.language.split("-")[0] === "es" ? "es" : "en"];
  const [{ purposes }] = receipt.services as [Receipt["services"][number]];
  const [{ purpose, piiCategory, thirdPartyName }] = purposes as [(typeof purposes)[number]];
  const [{ piiController, contact }] = receipt.piiControllers as [Receipt["piiControllers"][number]];
  return [
    own.title,
    `${own.decided[receipt.decision]} ${purpose}`,
    `${own.who}: ${thirdPartyName ?? own.everybody}`,
    `${own.what}: ${piiCategory.map((name) => dataClasses[name as DataClass]).join("; ")}`,
    `${own.until}: ${receipt.expiresOn ?? own.always}`,
    ...(receipt.textShown === null ? [] : [`${own.shown}: ${receipt.textShown}`]),
    own.withdraw(contact ?? piiController),
    `${own.number}: ${receipt.consentReceiptID}`,
  ];
}

/** A receipt as a page of HTML that stands alone and prints. */
export function receiptHtml(receipt: Receipt): string {
  const [title, ...lines] = receiptLines(receipt).map(escaped) as [string, ...string[]];
  const body = lines.map((line) => `<p>${line}</p>`).join("\n");
  return `<!doctype html>
<html lang="${escaped(receipt.language)}"><head><meta charset="utf-8"><title>${title}</title></head>
<body><main><h1>${title}</h1>
${body}
</main></body></html>
`;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => entities[sign]!);
}
