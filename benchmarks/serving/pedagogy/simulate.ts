import { modalities } from "../../../datasets/synthetic/curriculum.ts";
import { SimulatedLearner } from "../../../datasets/synthetic/simulated-learner.ts";
import { trackerOf } from "../../../src/engine/mastery/tracker-of.ts";
import { gradeOf } from "../../../src/engine/playlists/gates.ts";
import type { PlaylistPolicy } from "../../../src/engine/playlists/policy.ts";
import { masteryRecipe } from "../../../src/engine/playlists/recipes.ts";
import type { Override } from "../../../src/engine/playlists/request.ts";
import type { EstimateColumns, MasteryTracker, TrackerState } from "../../../src/models/mastery/online/tracker.ts";
import { estimateColumns } from "../../../src/models/mastery/online/tracker.ts";
import type { Random } from "../../../src/numeric/random.ts";
import { random } from "../../../src/numeric/random.ts";
import type { PastLearners } from "./district.ts";
import type { Policy } from "./policies.ts";
import { policiesOf } from "./policies.ts";

/** How long learners follow a policy, and how. */
export interface SimulationOptions {
  readonly seed: string;
  readonly learners: number;
  readonly weeks: number;
  readonly policy: PlaylistPolicy;
}

/** What became of one learner who followed one policy. */
export interface LearnerOutcome {
  readonly learner: number;
  readonly policy: string;
  readonly grade: number;
  /** Whether the learner started below or above the mean in what earlier grades taught. */
  readonly start: "below" | "above";
  /** True ability summed over all standards, logits, after less before: what was learned less what was forgotten. */
  readonly gain: number;
  /** Standards truly mastered after less before. */
  readonly mastered: number;
  readonly activities: number;
  /** Activities on a standard with a prerequisite that was believed, and that was truly, not mastered. */
  readonly violationsBelieved: number;
  readonly violationsTrue: number;
  /** Activities on a standard that was truly mastered: time taken. */
  readonly known: number;
  /** Sessions over their minutes. */
  readonly overBudget: number;
  /** Pins due, and kept; bans broken. Only cairn is given them. */
  readonly pins: number;
  readonly pinsKept: number;
  readonly bansBroken: number;
  readonly minutes: number;
  readonly gradeMinutes: number;
}

const SESSION_MINUTES = 30;
const SESSIONS = 2; // of a week, as Teach to One's two blocks
const QUIZ = 6; // items at the end of a session, whatever the policy chose: more activities give no more answers
const WARM_UP_WEEKS = 10; // a first term on the platform, as the district's own learners have it
const WEEK_MILLISECONDS = 7 * 86_400_000;
const START = Date.UTC(2026, 0, 12, 9);
const EARLIER_GRADES_ABILITY = 1.3; // logits: about the mean of the generator over learners
const PIN_EVERY = 5; // sessions: a teacher pins an activity and bans another

/**
 * Learners of one district follow every policy for weeks, each from the same start: the same term of
 * placement quizzes and activities of their own choice, the same streams of luck. The mastery model is fitted on the district's past and its
 * tracker sees answers only; gain is counted by the truth.
 */
export function simulate(past: PastLearners, options: SimulationOptions): LearnerOutcome[] {
  const { data } = past;
  const fitted = masteryRecipe().fit(data.observations, { rng: random(`${options.seed}/mastery`) });
  const tracker = trackerOf(fitted, data.curriculum);
  const policies = policiesOf(past, options.policy);
  const outcomes: LearnerOutcome[] = [];
  for (let learner = 0; learner < options.learners; learner++) {
    for (const [name, policy] of Object.entries(policies)) {
      outcomes.push(new Life(past, tracker, options, learner).follow(name, policy));
    }
  }
  return outcomes;
}

type Tally = {
  -readonly [Count in Exclude<
    keyof LearnerOutcome,
    "learner" | "policy" | "grade" | "start" | "gain" | "mastered"
  >]: number;
};

const emptyTally: Tally = {
  activities: 0,
  violationsBelieved: 0,
  violationsTrue: 0,
  known: 0,
  overBudget: 0,
  pins: 0,
  pinsKept: 0,
  bansBroken: 0,
  minutes: 0,
  gradeMinutes: 0,
};

function countOverride(tally: Tally, kind: Override["kind"], chosen: boolean): void {
  if (kind === "ban" && chosen) tally.bansBroken++;
  if (kind === "ban") return;
  tally.pins++;
  if (chosen) tally.pinsKept++;
}

/** One learner under one policy. */
class Life {
  private readonly past: PastLearners;
  private readonly tracker: MasteryTracker;
  private readonly options: SimulationOptions;
  private readonly learner: number;
  private readonly grade: number;
  private readonly pupil: SimulatedLearner;
  private readonly state: TrackerState;
  private readonly completed = new Map<number, number>();
  private lastStandard = -1;
  private readonly start: LearnerOutcome["start"];
  private now = START;

  constructor(past: PastLearners, tracker: MasteryTracker, options: SimulationOptions, learner: number) {
    this.past = past;
    this.tracker = tracker;
    this.options = options;
    this.learner = learner;
    this.grade = 6 + (learner % 4);
    const seed = `${options.seed}/learner ${learner}`;
    const preferredModality = modalities[random(seed).integer(modalities.length)]!;
    this.pupil = new SimulatedLearner({ seed, districtSeed: options.seed, grade: this.grade, preferredModality });
    this.state = tracker.start();
    const { standards } = past.data.curriculum;
    const below = standards.filter(({ grade }) => Number(grade) < this.grade);
    // Of earlier grades: what was taught before tells weak from strong; the present grade's is still to come.
    const mean = below.reduce((sum, { standard }) => sum + this.pupil.ability(standard), 0) / below.length;
    this.start = mean < EARLIER_GRADES_ABILITY ? "below" : "above";
    const own = random(seed).derive("own choice");
    const { activities } = past.data.curriculum;
    for (let week = 0; week < WARM_UP_WEEKS; week++) {
      for (let session = 0; session < SESSIONS; session++) {
        const near = activities.flatMap(({ standard, modality }, index) => {
          const away = this.grade - gradeOf(past.data.curriculum, standard);
          if (away < 0 || away > 2 || this.completed.has(index)) return [];
          return own.next() < (modality === preferredModality ? 1 : 0.35) ? [index] : []; // drawn to a kind
        });
        const chosen = near.length === 0 ? [] : [near[own.integer(near.length)]!];
        this.session(chosen);
        if (week === 0) this.placement(own);
      }
      this.weekEnds();
    }
  }

  /** Four short quizzes on standards of this grade and the two before. */
  private placement(own: Random): void {
    const standards = this.past.data.curriculum.standards.flatMap(({ grade }, at) =>
      this.grade - Number(grade) >= 0 && this.grade - Number(grade) <= 2 ? [at] : [],
    );
    for (let quiz = 0; quiz < 4; quiz++) this.quiz([standards[own.integer(standards.length)]!], 3);
  }

  follow(name: string, policy: Policy): LearnerOutcome {
    const { curriculum } = this.past.data;
    const rng = random(`${this.options.seed}/choices ${this.learner}`).derive(name);
    const tally: Tally = { ...emptyTally };
    const before = this.truth();
    for (let session = 0; session < this.options.weeks * SESSIONS; session++) {
      const overrides = name === "cairn" && session % PIN_EVERY === 0 ? this.decisions(session) : [];
      const columns = estimateColumns(curriculum.standards.length);
      this.tracker.estimateAll(this.state, this.now, columns);
      const chosen = policy({
        columns,
        completed: this.completed,
        lastStandard: this.lastStandard,
        grade: this.grade,
        at: this.now,
        minutes: SESSION_MINUTES,
        overrides,
        rng: rng.derive(session),
      });
      const used = chosen.reduce((sum, index) => sum + curriculum.activities[index]!.minutes, 0);
      if (used > SESSION_MINUTES) tally.overBudget++;
      for (const { kind, activity } of overrides) countOverride(tally, kind, chosen.includes(activity));
      const pinned = new Set(overrides.map(({ activity }) => activity));
      for (const index of chosen) this.countActivity(tally, index, columns, pinned.has(index));
      this.session(chosen);
      if (session % SESSIONS === SESSIONS - 1) this.weekEnds();
    }
    const after = this.truth();
    const gained = { gain: after.ability - before.ability, mastered: after.mastered - before.mastered };
    return { learner: this.learner, policy: name, grade: this.grade, start: this.start, ...gained, ...tally };
  }

  /** Holds a chosen activity against what was believed and what is true; what a teacher pinned is not cairn's to answer for. */
  private countActivity(tally: Tally, index: number, { mastery, evidence }: EstimateColumns, pinned: boolean): void {
    const { curriculum } = this.past.data;
    const { standard, minutes } = curriculum.activities[index]!;
    tally.activities++;
    tally.minutes += minutes;
    if (!(gradeOf(curriculum, standard) < this.grade)) tally.gradeMinutes += minutes;
    if (this.pupil.mastered(this.name(standard))) tally.known++;
    if (pinned) return;
    const required = curriculum.prerequisites[standard]!;
    if (required.some((one) => !this.pupil.mastered(this.name(one)))) tally.violationsTrue++;
    if (required.some((one) => !this.believedKnown(mastery, evidence, one))) tally.violationsBelieved++;
  }

  /** What a teacher might do: pin something of the learner's grade, ban something else. */
  private decisions(session: number): Override[] {
    const rng = random(`${this.options.seed}/teacher ${this.learner}`).derive(session);
    const { activities } = this.past.data.curriculum;
    const short = activities.flatMap(({ minutes }, index) => (minutes <= 20 ? [index] : []));
    const [pin, ban] = [short[rng.integer(short.length)]!, rng.integer(activities.length)];
    const about = { standard: -1, position: null, reason: "", decidedBy: "teacher", decidedAt: this.now, until: null };
    const decisions: Override[] = [{ ...about, key: "p", kind: "pin", activity: pin }];
    return ban === pin ? decisions : [{ ...about, key: "b", kind: "ban", activity: ban }, ...decisions];
  }

  private believedKnown(mastery: Float64Array, evidence: Float64Array, standard: number): boolean {
    const { prerequisiteMastery, presumedGradesBelow } = this.options.policy;
    if (mastery[standard]! >= prerequisiteMastery) return true;
    const far = this.grade - gradeOf(this.past.data.curriculum, standard) >= presumedGradesBelow;
    return evidence[standard] === 0 && far;
  }

  private session(chosen: readonly number[]): void {
    const { activities } = this.past.data.curriculum;
    for (const index of chosen) {
      const { activity, standard, minutes } = activities[index]!;
      this.now += minutes * 60_000;
      this.lastStandard = standard;
      if (this.pupil.work(activity).completed) this.completed.set(index, this.now);
    }
    this.quiz([...new Set(chosen.map((index) => activities[index]!.standard))], QUIZ);
  }

  /** So many items in turn over the standards. */
  private quiz(standards: readonly number[], items: number): void {
    for (let item = 0; item < items && standards.length > 0; item++) {
      const standard = standards[item % standards.length]!;
      const { itemId, right } = this.pupil.ask(this.name(standard));
      this.now += 60_000;
      const answer = { standard, item: itemId, outcome: right ? 1 : 0, at: this.now, source: "response" as const };
      this.tracker.observe(this.state, answer);
    }
  }

  private weekEnds(): void {
    this.pupil.forget(1);
    this.now = START + Math.ceil((this.now - START + 1) / WEEK_MILLISECONDS) * WEEK_MILLISECONDS;
  }

  private truth(): { ability: number; mastered: number } {
    const names = this.past.data.curriculum.standards.map(({ standard }) => standard);
    return {
      ability: names.reduce((sum, standard) => sum + this.pupil.ability(standard), 0),
      mastered: names.filter((standard) => this.pupil.mastered(standard)).length,
    };
  }

  private name(standard: number): string {
    return this.past.data.curriculum.standards[standard]!.standard;
  }
}
