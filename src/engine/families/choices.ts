import { dirname, join } from "node:path";
import type { DataClass } from "../../records/consent/data-classes.ts";
import { choosableClasses } from "../../records/consent/data-classes.ts";
import { decide } from "../../records/consent/decide.ts";
import type { DecisionToRecord, DecisionVersion } from "../../records/consent/grants.ts";
import { decisionHistory, recordDecision, withdrawDecision } from "../../records/consent/grants.ts";
import { dayOf } from "../../records/consent/own-version.ts";
import { majorityOf, provisionsFor } from "../../records/consent/provisions.ts";
import type { Receipt, SignedReceipt } from "../../records/consent/receipt.ts";
import { receiptFor, receiptHtml, receiptLines } from "../../records/consent/receipt.ts";
import type { ConsentText } from "../../records/consent/texts.ts";
import { keepConsentText } from "../../records/consent/texts.ts";
import type { Purpose } from "../../records/consent/uses.ts";
import { choiceLabel, legalBases, uses } from "../../records/consent/uses.ts";
import { openSigningKeys } from "../../records/credentials/signing-keys.ts";
import type { TenantTransaction } from "../../records/database.ts";
import { inTenant } from "../../records/database.ts";
import { idsOf } from "../../records/identity/links.ts";
import { hasOptedOut } from "../../records/rights/directory.ts";
import type { Cairn } from "../runtime.ts";
import type { FamilyActor } from "./learners.ts";
import { aboutLearner, actorId, settingsOf } from "./learners.ts";

/** One line of the page of switches: a purpose, and for each audience what is on. */
export interface Choice {
  readonly purpose: Purpose;
  /** Whose choice it is, in the words of the screen. */
  readonly label: "your choice" | "the school's own use";
  /** Whether a family's yes or no is heard; false: it is told. */
  readonly yours: boolean;
  readonly legalBasis: string;
  readonly sentence: string;
  readonly audiences: readonly ChoiceAudience[];
}

/** Who may read what for a purpose. */
export interface ChoiceAudience {
  /** A party, a person or a kind of party; null: everybody whom nobody names. */
  readonly party: string | null;
  /** What this audience may read today, by kind of data. */
  readonly allowed: Readonly<Record<string, boolean>>;
}

/** The page of switches of one learner, with the decisions behind it. */
export interface Choices {
  readonly choices: readonly Choice[];
  readonly history: readonly DecisionVersion[];
}

/** Purposes that need no line of their own: the family's own reading is always open. */
const shown = (Object.keys(uses) as Purpose[]).filter((purpose) => purpose !== "own-access");

/**
 * The switches of a learner by purpose, audience and kind of data, as they stand today.
 * @throws CairnError `NOT_FOUND` when she is not the actor's to decide about
 */
export function readChoices(cairn: Cairn, actor: FamilyActor, learner: string): Promise<Choices> {
  return aboutLearner(cairn, actor, learner, async (tx, personId) => {
    const on = dayOf(cairn.now());
    const choices: Choice[] = [];
    for (const purpose of shown) choices.push(await choiceOf(tx, personId, purpose, on));
    return { choices, history: await decisionHistory(tx, personId) };
  });
}

async function choiceOf(tx: TenantTransaction, personId: string, purpose: Purpose, on: string): Promise<Choice> {
  const ids = await idsOf(tx, personId);
  const provisions = [...(await provisionsFor(tx, purpose, ids)).values()].flatMap((learner) => learner.provisions);
  const common = {
    purpose,
    on,
    majorityOn: await majorityOf(tx, ids),
    directoryOptOut: purpose === "directory" && (await hasOptedOut(tx, ids, on)),
  };
  const parties = [null, ...new Set(provisions.flatMap(({ party }) => party ?? []))].sort();
  const { basis, sentence, family } = uses[purpose];
  return {
    purpose,
    label: choiceLabel(purpose),
    yours: family !== "is told",
    legalBasis: legalBases[basis],
    sentence,
    audiences: parties.map((party) => {
      // Nobody is called by these: whom no decision names gets what everybody gets.
      const who = { actor: "", party: party ?? "" };
      const open = (dataClass: DataClass): boolean => decide(provisions, { ...common, ...who, dataClass }).allowed;
      return { party, allowed: Object.fromEntries(choosableClasses.map((name) => [name, open(name)])) };
    }),
  };
}

/** What a family asks for when it turns a switch. */
export type ChoiceToMake = Pick<
  DecisionToRecord,
  "purpose" | "decision" | "dataClasses" | "party" | "expiresOn" | "authentication" | "text"
>;

/** The receipt of a choice, for machines and for people. */
export interface ChoiceReceipt extends SignedReceipt {
  /** The key of the decision, to take it back by. */
  readonly key: string;
  readonly lines: readonly string[];
  readonly html: string;
}

/**
 * Turns a switch, effective at the next read, and hands over the receipt, signed with the district's key.
 * @throws CairnError as {@link recordDecision}
 */
export async function makeChoice(
  cairn: Cairn,
  actor: FamilyActor,
  learner: string,
  choice: ChoiceToMake,
): Promise<ChoiceReceipt> {
  const issue = await receiptIssuer(cairn, actor);
  return aboutLearner(cairn, actor, learner, async (tx, personId) => {
    const { recordedBy } = actor;
    const key = await recordDecision(tx, { ...choice, ...actorId(actor), personId, recordedBy, now: cairn.now() });
    return issue(tx, personId, key);
  });
}

/**
 * Takes a decision back, effective at the next read.
 * @throws CairnError as {@link withdrawDecision}; `NOT_FOUND` also when the decision is about another learner
 */
export async function withdrawChoice(
  cairn: Cairn,
  actor: FamilyActor,
  learner: string,
  key: string,
): Promise<ChoiceReceipt> {
  const issue = await receiptIssuer(cairn, actor);
  return aboutLearner(cairn, actor, learner, async (tx, personId) => {
    await issue(tx, personId, key); // refuses a key that is not hers before anything is withdrawn
    await withdrawDecision(tx, { key, ...actorId(actor), recordedBy: actor.recordedBy, now: cairn.now() });
    return issue(tx, personId, key);
  });
}

/** Keeps a wording that families are shown. The same words again are the same version. */
export function keepText(
  cairn: Cairn,
  tenantId: string,
  text: { textId: string; language: string; body: string },
): Promise<ConsentText> {
  return inTenant(cairn.database, tenantId, (tx) => keepConsentText(tx, { ...text, now: cairn.now() }));
}

type IssueReceipt = (tx: TenantTransaction, personId: string, key: string) => Promise<ChoiceReceipt>;

async function receiptIssuer(cairn: Cairn, actor: FamilyActor): Promise<IssueReceipt> {
  const { name } = await settingsOf(cairn, actor);
  const keysFolder = join(dirname(cairn.folders.artifacts), "keys");
  const { current } = await openSigningKeys(keysFolder, actor.tenantId, cairn.now());
  const { sign } = current.signer() as { sign(asked: { data: Uint8Array }): Promise<Uint8Array> };
  const signer = { id: current.id, sign: (data: Uint8Array) => sign({ data }) };
  return async (tx, personId, key) => {
    const signed = await receiptFor(tx, { personId, key }, { name, contact: null, policyUrl: null }, signer);
    const receipt = JSON.parse(signed.receipt) as Receipt;
    return { ...signed, key, lines: receiptLines(receipt), html: receiptHtml(receipt) };
  };
}
