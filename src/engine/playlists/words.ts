import type { EmptyReason, Playlist, PlaylistItem } from "./assemble.ts";
import type { Curriculum } from "./curriculum.ts";
import type { LearnerState, Preference } from "./learner.ts";
import type { PlaylistPolicy, TermName } from "./policy.ts";

/** Why an activity is on the list: for the student in plain words without numbers, for the teacher with them. */
export interface ItemReasons {
  readonly student: readonly string[];
  readonly teacher: readonly string[];
}

/** What words need beside the item: who spoke for it, and what it taught others. */
export interface ReasonEvidence {
  /** The learner's own past activities that speak most for this one, by title. */
  readonly peersFrom: readonly string[];
  /** Completions by others behind what is known of the activity's effect. */
  readonly effectLearners: number;
}

const WORTH_SAYING = 0.05; // of a term: less does not move a place
const MOST_REASONS = 3; // a student reads three reasons, not nine
const DAY_MILLISECONDS = 86_400_000;

/** Why an activity is on the list, the strongest reason first; a teacher's decision before all. */
export function itemReasons(
  curriculum: Curriculum,
  learner: LearnerState,
  item: PlaylistItem,
  evidence: ReasonEvidence,
  { policy, now }: { readonly policy: PlaylistPolicy; readonly now: number },
): ItemReasons {
  const student: string[] = [];
  const teacher: string[] = [];
  const say = (forStudent: string | null, forTeacher: string): void => {
    if (forStudent !== null && student.length < MOST_REASONS) student.push(forStudent);
    teacher.push(forTeacher);
  };
  if (item.override !== null) {
    const { kind, reason, decidedBy, until } = item.override;
    const what = kind === "require" ? "Required" : "Chosen";
    say(
      `Your teacher wants you to do this: ${reason}`,
      `${what} by ${decidedBy}${until ? ` until ${until}` : ""}: ${reason}`,
    );
  }
  const strongest = (Object.entries(item.terms) as [TermName, number][])
    .filter(([, term]) => term > WORTH_SAYING)
    .sort(([, a], [, b]) => b - a);
  for (const [name] of strongest) {
    const words = sentences[name]({ curriculum, learner, item, evidence, now });
    if (words !== null) say(...words);
  }
  if (item.role === "again")
    say("You did this before; once more will help.", "Done before; mastery has not been reached.");
  if (item.role === "ahead")
    say("You are ready for something ahead of your grade.", "Ahead of grade: all that is nearer is mastered.");
  if (item.draw?.explored === true)
    say("Something to try out.", "Drawn by lot, to learn what works: one place in some.");
  teacher.push(...readiness(curriculum, learner, item, policy));
  return { student, teacher };
}

const emptyWords: Readonly<Record<EmptyReason, string>> = {
  "no-library": "There is nothing to choose from: the library, or the choice that was asked for, is empty.",
  "no-time": "The minutes are used up by what the teacher chose.",
  banned: "Everything else has been taken off the list by the teacher or the school.",
  "too-long": "Everything within reach takes longer than the minutes there are.",
  "off-goal": "The library has nothing for this goal.",
  prerequisites: "What could come next rests on something not yet mastered for which the library has nothing.",
  setting: "The library has nothing within reach for this setting.",
};

/** A list in a sentence: what it is for, or why it is empty. */
export function headline({ rung, empty, items }: Playlist): string {
  if (empty !== null) return emptyWords[empty];
  if (rung === "review") return "Everything within reach is mastered: this keeps it fresh.";
  if (rung === "ahead") return "All standards near the grade are mastered: this goes ahead.";
  if (rung === "again") return "All other activities are done, and not all is mastered yet: some come again.";
  const reviews = items.filter(({ role }) => role === "review").length;
  return reviews > 0 ? "Next steps, and something to keep fresh." : "Next steps within reach.";
}

interface Context {
  readonly curriculum: Curriculum;
  readonly learner: LearnerState;
  readonly item: PlaylistItem;
  readonly evidence: ReasonEvidence;
  readonly now: number;
}

type Sentence = (context: Context) => [student: string | null, teacher: string] | null;

const labelOf = ({ curriculum, item }: Context): string =>
  curriculum.standards[curriculum.activities[item.activity]!.standard]!.label;
const standardOf = ({ curriculum, item }: Context): number => curriculum.activities[item.activity]!.standard;

const sentences: Readonly<Record<TermName, Sentence>> = {
  collaborative: ({ evidence: { peersFrom } }) =>
    peersFrom.length === 0
      ? null
      : [
          "Students who did what you did went on with this.",
          `Students who completed ${quoted(peersFrom)} went on with this, and learned from it.`,
        ],
  learned: ({ evidence: { effectLearners }, item }) =>
    effectLearners === 0
      ? null
      : [
          "Other students learned a lot with this.",
          `After it ${effectLearners} learners answered better than after other activities on the standard (${signed(item.terms.learned)}).`,
        ],
  proximal: (context) => {
    const success = Math.round(context.learner.success[standardOf(context)]! * 100);
    return [
      "It is neither too easy nor too hard for you today.",
      `Within reach: about ${success} in 100 answers on "${labelOf(context)}" would be right today.`,
    ];
  },
  remediation: (context) => {
    const standard = standardOf(context);
    const { learner } = context;
    const guess = learner.evidence[standard] === 0 ? " (no answers yet: an estimate)" : "";
    const stuck = learner.stuck[standard] === 1 ? " Practice has not moved it: it may need you." : "";
    return [
      `You are still learning "${labelOf(context)}".`,
      `Not yet secure: mastery of "${labelOf(context)}" is ${learner.mastery[standard]!.toFixed(2)}${guess}.${stuck}`,
    ];
  },
  review: (context) => {
    const days = Math.max(
      0,
      Math.floor((context.now - context.learner.reviewDue[standardOf(context)]!) / DAY_MILLISECONDS),
    );
    return [
      `You know "${labelOf(context)}"; a little practice keeps it fresh.`,
      `Review of "${labelOf(context)}" due ${days === 0 ? "today" : `for ${days} days`}.`,
    ];
  },
  modality: ({ curriculum, learner, item }) => {
    const { modality } = curriculum.activities[item.activity]!;
    return [
      `You often choose activities of this kind (${modality}).`,
      inclined(modality, learner.modalities.get(modality)),
    ];
  },
  setting: ({ curriculum, learner, item }) => {
    const setting = curriculum.activities[item.activity]!.setting ?? "any";
    return [`It suits how you like to work (${setting}).`, inclined(setting, learner.settings.get(setting))];
  },
  interest: ({ curriculum, learner, item }) => {
    const topics = curriculum.activities[item.activity]!.topics ?? [];
    const liked = topics.find((topic) => (learner.interests.get(topic.toLowerCase()) ?? 0) > 0);
    return liked === undefined
      ? null
      : [`It is about ${liked}, which you like.`, `About ${liked}, an interest on record.`];
  },
  continuity: () => ["It goes on where you stopped.", "Continues the standard worked on last."],
  pace: () => null, // that it is short is no reason a learner needs
  repeat: () => null, // the role says it
};

function inclined(kind: string, preference: Preference | undefined): string {
  if (preference === undefined) return `Turns to ${kind} no more than others.`;
  const { value, low, high, evidence } = preference;
  const times = (log: number): string => Math.exp(log).toFixed(1);
  const sure = low > 0 ? "" : ", not certain";
  return `Turns to ${kind} ${times(value)} times as often as offered (95 %: ${times(low)} to ${times(high)}, ${evidence} activities${sure}).`;
}

/** What the activity rests on, and how sure that is; for work a teacher pinned also what is missing. */
function readiness(
  curriculum: Curriculum,
  learner: LearnerState,
  item: PlaylistItem,
  policy: PlaylistPolicy,
): string[] {
  const required = curriculum.prerequisites[curriculum.activities[item.activity]!.standard]!;
  const name = (standard: number): string => `"${curriculum.standards[standard]!.label}"`;
  const met = required.filter((one) => learner.mastery[one]! >= policy.prerequisiteMastery);
  const others = required.filter((one) => !met.includes(one));
  const words: string[] = [];
  if (met.length > 0) {
    const weakest = Math.min(...met.map((one) => learner.mastery[one]!));
    words.push(`Ready for it: ${met.map(name).join(", ")} mastered at ${floored(weakest)} or better.`);
  }
  if (others.length === 0) return words;
  words.push(
    item.override === null
      ? `Taken as known from earlier grades until an answer says otherwise: ${others.map(name).join(", ")}.`
      : `It rests on what is not mastered yet: ${others.map((one) => `${name(one)} (${learner.mastery[one]!.toFixed(2)})`).join(", ")}.`,
  );
  return words;
}

/** Two decimals, rounded down: what is said to be reached is reached. */
const floored = (share: number): string => (Math.floor(share * 100) / 100).toFixed(2);

const quoted = (titles: readonly string[]): string => titles.map((title) => `"${title}"`).join(" and ");
const signed = (value: number): string => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`;
