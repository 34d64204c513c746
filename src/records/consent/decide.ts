import type { DataClass } from "./data-classes.ts";
import type { LegalBasis, Purpose } from "./uses.ts";
import { uses } from "./uses.ts";

/** One thing a family said, as the record holds it. Days are YYYY-MM-DD. */
export interface Provision {
  /** The record key of the decision. */
  readonly key: string;
  readonly purpose: string;
  readonly decision: "permit" | "deny" | "withdrawn";
  readonly decidedOn: string;
  /** The moment, where it is known (ISO 8601, UTC). */
  readonly decidedAt: string | null;
  /** In what capacity; null where the source does not say. */
  readonly capacity: "guardian" | "eligible-student" | "paper-form" | null;
  /** How the person was authenticated; without it a permit is no consent under 34 CFR 99.30. */
  readonly authentication: string | null;
  /** Null: every class. */
  readonly dataClasses: readonly string[] | null;
  /** A person, a party or a class of parties; null: everybody. */
  readonly party: string | null;
  readonly beginsOn: string | null;
  /** The last day it holds. */
  readonly expiresOn: string | null;
}

/** Who wants to read what, for what, when. */
export interface DecisionRequest {
  readonly purpose: Purpose;
  readonly dataClass: DataClass;
  /** The person or key that asks. */
  readonly actor: string;
  /** The organisation asked for. */
  readonly party: string;
  /** The kinds of party it is, such as `tutors`. */
  readonly partyClasses?: readonly string[];
  /** The day of the request. */
  readonly on: string;
  /** The day the learner comes of age; null when the birth date is not known. */
  readonly majorityOn: string | null;
  /** The agreement the request rests on, when it is in force for this party; its classes are all it covers. */
  readonly agreement?: { readonly agreementId: string; readonly dataClasses: readonly string[] } | undefined;
  /** Whether the family has opted out of directory information for this school year. */
  readonly directoryOptOut?: boolean;
}

/** The answer to one request, always with its basis and its reason. */
export interface Verdict {
  readonly allowed: boolean;
  readonly basis: LegalBasis;
  /** The decision of the family that settled it, if one did. */
  readonly consentKey: string | null;
  readonly agreementId: string | null;
  readonly why: string;
}

/**
 * The one rule by which a request is answered (privacy handbook 1.2): the default is no; the most specific matching
 * provision wins; among equally specific ones "deny" wins; what is expired, withdrawn or not begun never matches. What the
 * school may do on its own basis is not the family's to permit, and is labelled with that basis; where a refusal is honoured
 * ({@link uses}) it is.
 *
 * A later decision of the same scope (audience and classes) replaces an earlier one. A permit that no longer holds replaces
 * earlier permits but no refusal: a refusal ends by a permit in force or by its own withdrawal, never by the passing of time.
 * Permits given before the learner came of age end on that day, until the learner confirms them (34 CFR 99.5); refusals stay.
 */
export function decide(provisions: readonly Provision[], request: DecisionRequest): Verdict {
  const use = uses[request.purpose];
  const winners = strongest(matching(provisions, request));
  const denial = winners.find(({ decision }) => decision === "deny");
  const permit = winners.find(({ decision }) => decision === "permit");
  const verdict = (allowed: boolean, why: string, changes: Partial<Verdict> = {}): Verdict => ({
    allowed,
    basis: use.basis,
    consentKey: null,
    agreementId: null,
    why,
    ...changes,
  });
  if (request.dataClass === "internal") return verdict(false, "cairn's own codes and keys leave it for nobody");
  if (request.dataClass === "rights" && use.basis !== "parent-or-student" && use.basis !== "school-official") {
    return verdict(false, "a family's own decisions and requests are shown to the family and the school only");
  }
  if (use.family !== "is told" && denial !== undefined) {
    return verdict(false, "the family said no", { consentKey: denial.key });
  }
  if (use.family === "refuses" && request.directoryOptOut === true && request.purpose === "directory") {
    return verdict(false, "the family opted out of directory information");
  }
  if (request.purpose === "directory" && request.dataClass !== "identity" && request.dataClass !== "enrolment") {
    return verdict(false, "directory information is names and schools, nothing else");
  }
  if (use.basis === "consent" || use.basis === "study-or-audit") {
    if (request.agreement?.dataClasses.includes(request.dataClass) === true) {
      return verdict(true, `agreement ${request.agreement.agreementId} is in force`, {
        agreementId: request.agreement.agreementId,
      });
    }
    // A consent that covers a study makes consent its basis, not the agreement that is not there.
    if (use.family !== "is told" && permit !== undefined) {
      return verdict(true, "the family consented", { basis: "consent", consentKey: permit.key });
    }
    return verdict(false, "there is no consent and no agreement in force for this party and this kind of data");
  }
  return verdict(true, "it needs no consent");
}

/** The provisions that speak about this request and hold on its day, without those that later ones replaced. */
function matching(provisions: readonly Provision[], request: DecisionRequest): Judged[] {
  const begun = provisions
    .filter(({ purpose, beginsOn }) => purpose === request.purpose && (beginsOn === null || beginsOn <= request.on))
    .map(
      (provision): Judged => ({
        ...provision,
        holds: holds(provision, request),
        audience: audience(provision, request),
      }),
    )
    .filter((provision) => provision.audience !== undefined && covers(provision, request.dataClass));
  return begun.filter(
    (provision) =>
      provision.holds &&
      !begun.some(
        (other) =>
          sameScope(provision, other) && isLater(other, provision) && (other.holds || provision.decision === "permit"),
      ),
  );
}

interface Judged extends Provision {
  readonly holds: boolean;
  /** How closely it names who asks: 0 everybody, 1 a kind of party, 2 the party, 3 the person; undefined: somebody else. */
  readonly audience: number | undefined;
}

function holds(provision: Provision, request: DecisionRequest): boolean {
  if (provision.decision === "withdrawn") return false;
  if (provision.expiresOn !== null && provision.expiresOn < request.on) return false;
  if (provision.decision === "deny") return true;
  const { majorityOn } = request;
  if (majorityOn !== null && majorityOn <= request.on) {
    if (provision.decidedOn < majorityOn || provision.capacity === "guardian") return false;
  }
  // 34 CFR 99.30 (a), (b), (d): signed by somebody who was authenticated, and it names the party. What rests on another
  // basis needs no such consent, and a permit only takes a refusal back.
  const { basis } = uses[request.purpose];
  if (basis !== "consent" && basis !== "study-or-audit") return true;
  return provision.authentication !== null && provision.party !== null;
}

function audience({ party }: Provision, request: DecisionRequest): number | undefined {
  if (party === null) return 0;
  if (party === request.actor) return 3;
  if (party === request.party) return 2;
  return request.partyClasses?.includes(party) === true ? 1 : undefined;
}

const covers = ({ dataClasses }: Provision, dataClass: DataClass): boolean =>
  dataClasses === null || dataClasses.includes(dataClass);

const sameScope = (one: Provision, other: Provision): boolean =>
  one.party === other.party && within(one, other) && within(other, one);

/** Whether every class of the first is a class of the second. */
function within({ dataClasses: inner }: Provision, { dataClasses: outer }: Provision): boolean {
  return outer === null || inner?.every((name) => outer.includes(name)) === true;
}

/** By day, and within a day by the moment where both name one: of two that cannot be ordered neither replaces the other. */
function isLater(one: Provision, other: Provision): boolean {
  if (one.decidedOn !== other.decidedOn) return one.decidedOn > other.decidedOn;
  return one.decidedAt !== null && other.decidedAt !== null && one.decidedAt > other.decidedAt;
}

/** Those that no other beats: one beats another when it is at least as specific in audience and classes, and more in one. */
function strongest(provisions: readonly Judged[]): Judged[] {
  const beats = (one: Judged, other: Judged): boolean =>
    one.audience! >= other.audience! && within(one, other) && (one.audience! > other.audience! || !within(other, one));
  return provisions.filter((provision) => !provisions.some((other) => beats(other, provision)));
}
