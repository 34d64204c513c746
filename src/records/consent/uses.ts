/**
 * The legal bases a use may rest on, kept apart: consent (34 CFR 99.30), the school's own officials (99.31(a)(1)), studies
 * and audits under a written agreement (99.31(a)(6), (a)(3)), directory information (99.37); and two that need no permission:
 * the parent or eligible student herself (99.10), and the school she moves to (99.31(a)(2)).
 */
export const legalBases = {
  consent: "consent, 34 CFR 99.30",
  "school-official": "school official with legitimate educational interest, 34 CFR 99.31(a)(1)(i)(B)",
  "study-or-audit": "study or audit under a written agreement, 34 CFR 99.31(a)(6) and (a)(3)",
  directory: "directory information, 34 CFR 99.37",
  "parent-or-student": "the parent or eligible student, 34 CFR 99.10",
  transfer: "another school where the student seeks or intends to enroll, 34 CFR 99.31(a)(2)",
} as const;

/** One of {@link legalBases}. */
export type LegalBasis = keyof typeof legalBases;

/** What a record may be used for, and what a family has to say about it. */
export interface Use {
  readonly basis: LegalBasis;
  /** What the family can do: grant it (without a grant it is off), refuse it (without a refusal it is on), or neither. */
  readonly family: "grants" | "refuses" | "is told";
  /** The plain sentence beside the switch. */
  readonly sentence: string;
}

/**
 * Every purpose, with its basis. `early-warning` and `playlist` rest on the school's own basis, which asks nobody; cairn
 * honours a family's refusal all the same, and would rather leave a learner out than argue. `school-use` is what teachers
 * and counselors need to teach: no switch reaches it, and it is labelled as such.
 */
export const uses = {
  "school-use": {
    basis: "school-official",
    family: "is told",
    sentence: "Teachers and counselors of the school read what they need to teach and to help.",
  },
  "early-warning": {
    basis: "school-official",
    family: "refuses",
    sentence: "The school looks for early signs that a learner needs help.",
  },
  playlist: {
    basis: "school-official",
    family: "refuses",
    sentence: "The school suggests what to learn next.",
  },
  study: {
    basis: "study-or-audit",
    family: "refuses",
    sentence: "Researchers find out what helps learners, without names, under a written agreement with the district.",
  },
  audit: {
    basis: "study-or-audit",
    family: "is told",
    sentence: "Authorities check how public programs are run, under a written agreement.",
  },
  sharing: {
    basis: "consent",
    family: "grants",
    sentence: "Somebody outside the school whom you name, such as a tutor, reads what you allow.",
  },
  directory: {
    basis: "directory",
    family: "refuses",
    sentence: "The school prints names in a yearbook, a program or a team list.",
  },
  transfer: {
    basis: "transfer",
    family: "is told",
    sentence: "The next school gets the record of a learner who moves there.",
  },
  "own-access": {
    basis: "parent-or-student",
    family: "is told",
    sentence: "You read and take away the whole record.",
  },
} as const satisfies Readonly<Record<string, Use>>;

/** One of {@link uses}. */
export type Purpose = keyof typeof uses;

/** Whether a text names a purpose. */
export function isPurpose(name: string): name is Purpose {
  return Object.hasOwn(uses, name);
}

/** Whose choice a purpose is, in the words of the page of switches. */
export function choiceLabel(purpose: Purpose): "your choice" | "the school's own use" {
  const { basis } = uses[purpose];
  return basis === "consent" || basis === "directory" ? "your choice" : "the school's own use";
}
