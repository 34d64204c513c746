/** What a teacher or the school decided about a learner's list. Whole: who, why and until when are kept with the record. */
export interface Override {
  /** The record's key. */
  readonly key: string;
  /** A pin puts an activity on the list, a requirement too until it is done; a ban keeps an activity or a standard off it. */
  readonly kind: "pin" | "require" | "ban";
  /** Index of the activity; −1 where a standard is meant. */
  readonly activity: number;
  /** Index of the standard; −1 where an activity is meant. */
  readonly standard: number;
  /** Place in the order of what is pinned, smaller first; null: after those that have one. */
  readonly position: number | null;
  /** In the teacher's words. */
  readonly reason: string;
  readonly decidedBy: string;
  /** Milliseconds of the district's wall clock. */
  readonly decidedAt: number;
  /** The last day it holds (YYYY-MM-DD); null: until it is taken back. */
  readonly until: string | null;
}

/** What a playlist is asked for. */
export interface PlaylistRequest {
  /** Minutes there are. */
  readonly minutes: number;
  /** The moment, in ms of the district's wall clock: what is due is due by it. */
  readonly now: number;
  /** Standards to work towards, by index; with what they rest on. Absent: everything within reach. */
  readonly goal?: ReadonlySet<number>;
  /** Where the learner works, such as alone, small-group or home. Absent: any activity will do. */
  readonly setting?: string;
  /** Only these activities, by index. Absent: the whole library. */
  readonly candidates?: readonly number[];
  /** What teachers decided, oldest first. */
  readonly overrides?: readonly Override[];
}
