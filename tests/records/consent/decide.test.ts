import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DecisionRequest, Provision } from "../../../src/records/consent/decide.ts";
import { decide } from "../../../src/records/consent/decide.ts";
import { majorityOn } from "../../../src/records/consent/majority.ts";
import type { Purpose } from "../../../src/records/consent/uses.ts";
import { uses } from "../../../src/records/consent/uses.ts";
import "../../support/services.ts";

const provision = (changes: Partial<Provision> = {}): Provision => ({
  key: "k",
  purpose: "sharing",
  decision: "permit",
  decidedOn: "2025-09-01",
  decidedAt: null,
  capacity: "guardian",
  authentication: "code by mail",
  dataClasses: null,
  party: "Tutor Inc",
  beginsOn: null,
  expiresOn: null,
  ...changes,
});

const request = (changes: Partial<DecisionRequest> = {}): DecisionRequest => ({
  purpose: "sharing",
  dataClass: "attendance",
  actor: "tutor-7",
  party: "Tutor Inc",
  partyClasses: ["tutors"],
  on: "2025-10-01",
  majorityOn: "2030-01-01",
  ...changes,
});

const allowed = (provisions: Provision[], changes: Partial<DecisionRequest> = {}): boolean =>
  decide(provisions, request(changes)).allowed;

describe("the rule", () => {
  test("the default is no, except for what the school may do on its own basis", () => {
    expect(allowed([])).toBe(false);
    for (const purpose of ["school-use", "early-warning", "playlist", "transfer", "own-access"] as const) {
      expect(allowed([], { purpose }), purpose).toBe(true);
    }
    expect(allowed([], { purpose: "study" })).toBe(false);
    expect(allowed([], { purpose: "audit" })).toBe(false);
    expect(allowed([], { purpose: "directory" })).toBe(false);
    expect(allowed([], { purpose: "directory", dataClass: "identity" })).toBe(true);
    expect(allowed([], { purpose: "directory", dataClass: "identity", directoryOptOut: true })).toBe(false);
  });

  test("the most specific wins: a person over a party over a kind of party over everybody, some classes over all", () => {
    expect(allowed([provision({ decision: "deny", party: "tutors" }), provision()])).toBe(true);
    expect(allowed([provision(), provision({ key: "d", decision: "deny", party: "tutor-7" })])).toBe(false);
    expect(allowed([provision(), provision({ key: "d", decision: "deny", dataClasses: ["attendance"] })])).toBe(false);
    expect(allowed([provision(), provision({ key: "d", decision: "deny", dataClasses: ["behavior"] })])).toBe(true);
    expect(allowed([provision({ party: "Somebody else" })])).toBe(false);
  });

  test("between two of which neither is more specific, deny wins", () => {
    const byParty = provision({ key: "a", decision: "permit", party: "Tutor Inc" });
    const byClass = provision({ key: "b", decision: "deny", party: null, dataClasses: ["attendance"] });
    expect(decide([byParty, byClass], request())).toMatchObject({ allowed: false, consentKey: "b" });
    expect(allowed([provision({ key: "a" }), provision({ key: "b", decision: "deny" })])).toBe(false);
  });

  test("expired, withdrawn and not begun never match", () => {
    expect(allowed([provision({ expiresOn: "2025-10-01" })])).toBe(true);
    expect(allowed([provision({ expiresOn: "2025-09-30" })])).toBe(false);
    expect(allowed([provision({ decision: "withdrawn" })])).toBe(false);
    expect(allowed([provision({ beginsOn: "2025-10-02" })])).toBe(false);
    expect(allowed([provision({ beginsOn: "2025-10-01" })])).toBe(true);
  });

  test("a later decision of the same scope replaces an earlier one; what no longer holds revives no permit and ends no refusal", () => {
    const early = provision({ key: "early" });
    expect(allowed([early, provision({ key: "late", decision: "deny", decidedOn: "2025-09-02" })])).toBe(false);
    expect(allowed([provision({ decision: "deny" }), provision({ key: "late", decidedOn: "2025-09-02" })])).toBe(true);
    // A shorter permit after a longer one: once it is over, nothing is left.
    const shorter = provision({ key: "late", decidedOn: "2025-09-02", expiresOn: "2025-09-30" });
    expect(allowed([early, shorter])).toBe(false);
    expect(allowed([early, provision({ key: "late", decidedOn: "2025-09-02", decision: "withdrawn" })])).toBe(false);
    // A refusal, then a permit that ran out, for a use that is on unless refused: still refused.
    const refusal = provision({ purpose: "playlist", decision: "deny", party: null });
    const lapsed = provision({
      key: "l",
      purpose: "playlist",
      party: null,
      decidedOn: "2025-09-02",
      expiresOn: "2025-09-30",
    });
    expect(allowed([refusal, lapsed], { purpose: "playlist" })).toBe(false);
    expect(allowed([refusal, lapsed], { purpose: "playlist", on: "2025-09-15" })).toBe(true);
    // Within a day the moment decides, where both name one.
    const morning = provision({ decidedAt: "2025-09-01T08:00:00.000Z" });
    const evening = provision({ key: "e", decision: "deny", decidedAt: "2025-09-01T18:00:00.000Z" });
    expect(allowed([morning, evening])).toBe(false);
    expect(allowed([{ ...evening, decidedAt: "2025-09-01T07:00:00.000Z" }, morning])).toBe(true);
  });

  test("CON-3: a signature of nobody who was authenticated, and a permit for nobody in particular, are no consent", () => {
    expect(allowed([provision({ authentication: null })])).toBe(false);
    expect(allowed([provision({ party: null })])).toBe(false);
    // Taking a refusal of the school's own use back is no consent under 99.30, and needs none.
    const bare = { purpose: "early-warning", party: null, authentication: null, capacity: null } as const;
    expect(
      allowed([provision({ ...bare, decision: "deny" }), provision({ ...bare, key: "p", decidedOn: "2025-09-03" })], {
        purpose: "early-warning",
      }),
    ).toBe(true);
  });

  test("CON-5: a switch narrows sharing and never the school's own use, which is labelled with its basis", () => {
    const off = provision({ decision: "deny", party: null });
    expect(allowed([off, { ...off, key: "s", purpose: "school-use" }])).toBe(false);
    expect(decide([off, { ...off, purpose: "school-use" }], request({ purpose: "school-use" }))).toMatchObject({
      allowed: true,
      basis: "school-official",
    });
  });

  test("CON-6: on the 18th birthday the guardian's permits end until the learner confirms; refusals stay", () => {
    const birthday = { majorityOn: "2025-09-20" };
    expect(allowed([provision()], { ...birthday, on: "2025-09-19" })).toBe(true);
    expect(allowed([provision()], birthday)).toBe(false);
    const confirmed = provision({ key: "c", capacity: "eligible-student", decidedOn: "2025-09-21" });
    expect(allowed([provision(), confirmed], birthday)).toBe(true);
    expect(allowed([provision({ decidedOn: "2025-09-21" })], birthday)).toBe(false);
    const refusal = provision({ purpose: "study", decision: "deny" });
    const agreement = { agreementId: "a", dataClasses: ["attendance"] };
    expect(allowed([refusal], { ...birthday, purpose: "study", agreement })).toBe(false);
  });

  test("CON-7, CON-8: a study needs an agreement in force or consent, and the agreement covers what it lists", () => {
    const agreement = { agreementId: "irb-12", dataClasses: ["attendance"] };
    expect(decide([], request({ purpose: "study", agreement }))).toMatchObject({
      allowed: true,
      basis: "study-or-audit",
      agreementId: "irb-12",
    });
    expect(allowed([], { purpose: "study", agreement, dataClass: "behavior" })).toBe(false);
    expect(decide([provision({ purpose: "study" })], request({ purpose: "study" }))).toMatchObject({
      allowed: true,
      basis: "consent",
      consentKey: "k",
    });
    // CON-14: who says no is in no study, agreement or not.
    expect(
      allowed([provision({ purpose: "study", decision: "deny", party: null })], { purpose: "study", agreement }),
    ).toBe(false);
  });

  test("a family's own decisions go to the family and the school only, cairn's own codes to nobody", () => {
    expect(allowed([provision()], { dataClass: "rights" })).toBe(false);
    expect(allowed([], { dataClass: "rights", purpose: "own-access" })).toBe(true);
    for (const purpose of Object.keys(uses) as Purpose[]) {
      expect(allowed([provision({ purpose })], { purpose, dataClass: "internal" }), purpose).toBe(false);
    }
  });
});

/**
 * The same rule told differently and slowly: days are walked through one after the other, and of all provisions the pairs are
 * compared by their named dimensions.
 */
function reference(provisions: readonly Provision[], asked: DecisionRequest): boolean {
  const use = uses[asked.purpose];
  if (asked.dataClass === "internal") return false;
  if (
    asked.dataClass === "rights" &&
    !["own-access", "school-use", "early-warning", "playlist"].includes(asked.purpose)
  ) {
    return false;
  }
  const needsConsent = ["sharing", "study", "audit"].includes(asked.purpose);
  const rank = (party: string | null): number =>
    party === asked.actor
      ? 3
      : party === asked.party
        ? 2
        : party === null
          ? 0
          : asked.partyClasses?.includes(party)
            ? 1
            : -1;
  const set = (one: Provision): string =>
    one.dataClasses === null ? "*" : [...new Set(one.dataClasses)].sort().join("|");
  const relevant = provisions.filter(
    (one) =>
      one.purpose === asked.purpose &&
      rank(one.party) >= 0 &&
      (one.beginsOn ?? "0000") <= asked.on &&
      (set(one) === "*" || set(one).split("|").includes(asked.dataClass)),
  );
  const good = (one: Provision): boolean => {
    if (one.decision === "withdrawn" || (one.expiresOn ?? "9999") < asked.on) return false;
    if (one.decision === "deny") return true;
    const ofAge = asked.majorityOn !== null && asked.on >= asked.majorityOn;
    if (ofAge && (one.capacity === "guardian" || one.decidedOn < asked.majorityOn!)) return false;
    return !needsConsent || (one.authentication !== null && one.party !== null);
  };
  const after = (one: Provision, other: Provision): boolean =>
    one.decidedOn > other.decidedOn ||
    (one.decidedOn === other.decidedOn &&
      one.decidedAt !== null &&
      other.decidedAt !== null &&
      one.decidedAt > other.decidedAt);
  const left = relevant.filter(good).filter((one) => {
    for (const other of relevant) {
      if (other.party !== one.party || set(other) !== set(one) || !after(other, one)) continue;
      if (good(other)) return false;
      if (one.decision === "permit") return false;
    }
    return true;
  });
  const narrower = (one: Provision, other: Provision): boolean => {
    if (set(other) === "*") return set(one) !== "*";
    if (set(one) === "*" || set(one) === set(other)) return false;
    return set(one)
      .split("|")
      .every((name) => set(other).split("|").includes(name));
  };
  const winners = left.filter(
    (one) =>
      !left.some((other) => {
        const audience = rank(other.party) - rank(one.party);
        const same = set(other) === set(one);
        return audience > 0 ? same || narrower(other, one) : audience === 0 && narrower(other, one);
      }),
  );
  const denied = winners.some(({ decision }) => decision === "deny");
  const permitted = winners.some(({ decision }) => decision === "permit");
  if (use.family !== "is told" && denied) return false;
  if (asked.purpose === "directory") {
    return asked.directoryOptOut !== true && ["identity", "enrolment"].includes(asked.dataClass);
  }
  if (!needsConsent) return true;
  if (asked.agreement?.dataClasses.includes(asked.dataClass)) return true;
  return use.family !== "is told" && permitted;
}

describe("properties", () => {
  const day = fc.constantFrom("2025-08-01", "2025-08-02", "2025-09-01", "2025-10-01", "2025-11-01");
  const classes = fc.constantFrom("attendance", "behavior", "grades");
  const party = fc.constantFrom(null, "tutors", "Tutor Inc", "tutor-7", "Somebody else");
  const purpose = fc.constantFrom<Purpose>("sharing", "study", "playlist", "directory", "school-use", "audit");
  const anyProvision: fc.Arbitrary<Provision> = fc.record({
    key: fc.string({ minLength: 1, maxLength: 3 }),
    purpose: fc.oneof({ weight: 3, arbitrary: fc.constant("sharing") }, { weight: 2, arbitrary: purpose }),
    decision: fc.constantFrom("permit", "deny", "withdrawn"),
    decidedOn: day,
    decidedAt: fc.constantFrom(null, "2025-08-01T08:00:00.000Z", "2025-08-01T09:00:00.000Z"),
    capacity: fc.constantFrom("guardian", "eligible-student", "paper-form", null),
    authentication: fc.constantFrom("code by mail", "code by mail", null),
    dataClasses: fc.oneof(fc.constant(null), fc.uniqueArray(classes, { minLength: 1 })),
    party,
    beginsOn: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: day }),
    expiresOn: fc.oneof({ weight: 2, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: day }),
  });
  const anyRequest: fc.Arbitrary<DecisionRequest> = fc.record({
    purpose: fc.oneof({ weight: 3, arbitrary: fc.constant<Purpose>("sharing") }, { weight: 2, arbitrary: purpose }),
    dataClass: classes,
    actor: fc.constant("tutor-7"),
    party: fc.constant("Tutor Inc"),
    partyClasses: fc.constantFrom([], ["tutors"]),
    on: day,
    majorityOn: fc.constantFrom(null, "2025-09-01", "2030-01-01"),
    agreement: fc.constantFrom(undefined, { agreementId: "a", dataClasses: ["attendance"] }),
    directoryOptOut: fc.boolean(),
  });
  const some = fc.array(anyProvision, { maxLength: 6 });

  test("agrees with a slow telling of the same rule", () => {
    fc.assert(
      fc.property(some, anyRequest, (provisions, asked) => {
        expect(decide(provisions, asked).allowed).toBe(reference(provisions, asked));
      }),
      { numRuns: 5000 },
    );
  });

  test("the order in which decisions stand is of no account", () => {
    fc.assert(
      fc.property(some, anyRequest, (provisions, asked) => {
        expect(decide([...provisions].reverse(), asked).allowed).toBe(decide(provisions, asked).allowed);
      }),
      { numRuns: 1000 },
    );
  });

  test("one more refusal that holds never opens anything, and taking every permit back opens nothing", () => {
    fc.assert(
      fc.property(some, anyRequest, anyProvision, (provisions, asked, extra) => {
        const refusal: Provision = { ...extra, decision: "deny", decidedOn: "2025-07-01", decidedAt: null };
        if (!decide(provisions, asked).allowed) {
          expect(decide([...provisions, refusal], asked).allowed).toBe(false);
        }
        const withdrawn = provisions.map((one) =>
          one.decision === "permit" ? { ...one, decision: "withdrawn" as const } : one,
        );
        if (!decide(provisions, asked).allowed) expect(decide(withdrawn, asked).allowed).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  test("only a provision that names the purpose can matter", () => {
    fc.assert(
      fc.property(some, anyRequest, (provisions, asked) => {
        const own = provisions.filter((one) => one.purpose === asked.purpose);
        expect(decide(provisions, asked)).toEqual(decide(own, asked));
      }),
      { numRuns: 500 },
    );
  });
});

test("a learner comes of age on the 18th birthday; who was born on the 29th of February on the 1st of March", () => {
  expect(majorityOn("2007-11-24")).toBe("2025-11-24");
  expect(majorityOn("2008-02-29")).toBe("2026-03-01");
  expect(majorityOn("2006-02-28")).toBe("2024-02-28");
});
