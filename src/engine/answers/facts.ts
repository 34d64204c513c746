import type { MotivationProfile } from "../../features/describe-motivation.ts";
import type { RiskReason } from "../early-warning/reasons.ts";
import type { Thriving } from "../early-warning/thriving.ts";

/** A mark of a course, on a scale of 100 where the source allows it. */
export interface MarkFact {
  readonly course: string;
  readonly letter: string | null;
  /** 0 to 100; null where only a letter is given. */
  readonly score: number | null;
  readonly on: string;
}

/** Work of one subject since the year began. */
export interface WorkFact {
  readonly subject: string;
  readonly pieces: number;
  /** Mean share of the points, in [0, 1], of what is marked; null where nothing is. */
  readonly mean: number | null;
  readonly missing: number;
  readonly on: string | null;
}

/** Where a learner stands on a standard. */
export interface StandardFact {
  readonly label: string;
  /** Mean of the latest pieces of evidence, in [0, 1]. */
  readonly score: number;
  readonly pieces: number;
  readonly on: string | null;
}

/** A goal with the step that comes next. */
export interface GoalFact {
  readonly title: string;
  readonly status: "open" | "achieved" | "dropped";
  readonly dueOn: string | null;
  readonly nextStep: string | null;
  readonly setOn: string;
}

/** Words somebody wrote. */
export interface NoteFact {
  readonly kind: "asset" | "challenge" | "comment";
  readonly text: string;
  readonly by: string | null;
  readonly subject: string | null;
  readonly on: string;
}

/** What the last night's run says; a reason in words where it says nothing. */
export type ScoreFact =
  | {
      readonly status: "scored";
      readonly asOf: string;
      readonly probability: number;
      readonly low: number | null;
      readonly high: number | null;
      readonly reasons: readonly RiskReason[];
      readonly strengths: readonly RiskReason[];
      readonly thriving: Thriving | null;
    }
  | { readonly status: "none"; readonly why: string };

/** Place among the learners of the same school and grade, in (0, 1): 0.8 is above four fifths of them. */
export interface PeerFact {
  readonly asOf: string;
  readonly work: number | null;
  readonly attendance: number | null;
}

/** What is known of one learner on a day, as far as the reader may see it; empty lists are what is not known. */
export interface Facts {
  readonly on: string;
  /** The school year under way, from its enrolment; null when none is known. */
  readonly enrolment: {
    readonly grade: string | null;
    readonly startsOn: string;
    readonly enteredOn: string | null;
  } | null;
  readonly attendance: {
    readonly absent: number;
    readonly unexcused: number;
    readonly tardy: number;
    /** Days of the calendar since the learner entered; null without a calendar. */
    readonly days: number | null;
    readonly on: string | null;
    readonly records: number;
  };
  /** The newest mark of each course this year. */
  readonly marks: readonly MarkFact[];
  readonly transcript: {
    readonly gradePointAverage: number | null;
    readonly credits: number | null;
    readonly on: string | null;
  } | null;
  readonly work: readonly WorkFact[];
  /** Work due in the days to come. */
  readonly upcoming: readonly { readonly title: string; readonly course: string; readonly dueOn: string }[];
  readonly standards: readonly StandardFact[];
  readonly tests: readonly { readonly title: string; readonly percentile: number; readonly on: string }[];
  readonly goals: readonly GoalFact[];
  readonly milestones: readonly {
    readonly milestone: string;
    readonly pathway: string;
    readonly status: string;
    readonly on: string | null;
  }[];
  readonly preferences: readonly {
    readonly kind: string;
    readonly value: string;
    readonly strength: number | null;
    readonly by: string | null;
    readonly on: string;
  }[];
  readonly notes: readonly NoteFact[];
  readonly supports: readonly {
    readonly kind: string;
    readonly accommodations: readonly string[];
    readonly on: string;
  }[];
  readonly interventions: readonly {
    readonly name: string;
    readonly given: number;
    readonly missed: number;
    readonly lastOn: string | null;
    readonly isOpen: boolean;
  }[];
  readonly achievements: readonly { readonly title: string; readonly on: string | null; readonly source: string }[];
  readonly incidents: { readonly count: number; readonly on: string | null };
  readonly profile: MotivationProfile;
  /** Newest day of practice the profile rests on; null without any. */
  readonly practisedOn: string | null;
  readonly score: ScoreFact;
  readonly peers: PeerFact | null;
}
