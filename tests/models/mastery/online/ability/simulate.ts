import type { AbilityDynamics } from "../../../../../src/models/mastery/online/ability/dynamics.ts";
import type { ObservationLog } from "../../../../../src/models/mastery/online/ability/observation-log.ts";
import { sigmoid } from "../../../../../src/numeric/log-odds.ts";
import { type Random, random } from "../../../../../src/numeric/random.ts";

const DAY = 86_400_000;
const START = Date.UTC(2026, 0, 5, 12);

/** A world whose truth is known: the model's own equations, drawn. */
export interface World {
  readonly log: ObservationLog;
  readonly easiness: Float64Array;
  readonly difficulty: Float64Array;
  /** Shape (learners × standards): general ability plus strength after the last observation, logits. */
  readonly ability: Float64Array;
  /** When the last observation was. */
  readonly end: number;
}

/** What is simulated; half of the sessions are a week apart, and a teacher says a word now and then where told. */
export interface WorldOptions {
  readonly seed: string;
  readonly learners: number;
  readonly dynamics: AbilityDynamics;
  readonly standards?: number;
  readonly itemsPerStandard?: number;
  readonly sessions?: number;
  readonly teacherEvery?: number;
}

/** Learners who practise one standard per session: five answers, then days without any. */
export function simulateWorld(options: WorldOptions): World {
  const { seed, learners, standards = 6, itemsPerStandard = 5 } = options;
  const stream = random(seed);
  const easiness = Float64Array.from({ length: standards }, () => stream.normal());
  const difficulty = Float64Array.from({ length: standards * itemsPerStandard }, () => 0.6 * stream.normal());
  const rows: Row[] = [];
  const learnerStart = [0];
  const ability = new Float64Array(learners * standards);
  for (let learner = 0; learner < learners; learner++) {
    const life = new Life(options.dynamics, { easiness, difficulty, itemsPerStandard }, stream);
    rows.push(...life.live(options.sessions ?? 10, options.teacherEvery ?? 0));
    for (let k = 0; k < standards; k++) ability[learner * standards + k] = life.ability(k);
    learnerStart.push(rows.length);
  }
  const end = rows.reduce((latest, { at }) => Math.max(latest, at), 0);
  const log = {
    ...columnsOf(rows),
    learnerStart: Int32Array.from(learnerStart),
    ...named(standards, difficulty.length),
  };
  return { log, easiness, difficulty, ability, end };
}

interface Place {
  readonly easiness: Float64Array;
  readonly difficulty: Float64Array;
  readonly itemsPerStandard: number;
}

/** One learner, drawn by the model's own equations. */
class Life {
  private readonly strength: Float64Array;
  private readonly begun: Uint8Array;
  private readonly general: number;
  private at: number;
  private readonly dynamics: AbilityDynamics;
  private readonly place: Place;
  private readonly stream: Random;

  constructor(dynamics: AbilityDynamics, place: Place, stream: Random) {
    this.dynamics = dynamics;
    this.place = place;
    this.stream = stream;
    this.at = START + stream.integer(1000);
    this.general = dynamics.generalSpread * stream.normal();
    this.strength = Float64Array.from(place.easiness, () => dynamics.standardSpread * stream.normal());
    this.begun = new Uint8Array(place.easiness.length);
  }

  ability(standard: number): number {
    return this.general + this.strength[standard]! + this.place.easiness[standard]!;
  }

  live(sessions: number, teacherEvery: number): Row[] {
    const rows: Row[] = [];
    for (let session = 0; session < sessions; session++) {
      if (session > 0) this.rest(session % 2 === 1 ? 7 : 1);
      const standard = this.stream.integer(this.strength.length);
      for (let answer = 0; answer < 5; answer++) rows.push(this.answer(standard));
      if (teacherEvery > 0 && session % teacherEvery === teacherEvery - 1) rows.push(this.word(standard));
    }
    return rows;
  }

  private chance(standard: number, difficulty: number): number {
    const { guess, slip } = this.dynamics;
    return guess + (1 - guess - slip) * sigmoid(this.ability(standard) - difficulty);
  }

  private answer(standard: number): Row {
    const { itemsPerStandard, difficulty } = this.place;
    const { practiceGain, practiceVariance } = this.dynamics;
    const item = standard * itemsPerStandard + this.stream.integer(itemsPerStandard);
    const outcome = this.stream.next() < this.chance(standard, difficulty[item]!) ? 1 : 0;
    const row = { standard, item, outcome, at: this.at, source: 0 };
    const gain = practiceGain * (1 - sigmoid(this.ability(standard)));
    this.strength[standard]! += gain + Math.sqrt(practiceVariance) * this.stream.normal();
    this.begun[standard] = 1;
    this.at += 60_000;
    return row;
  }

  /** A teacher's word, as good as eight answers of the moment. */
  private word(standard: number): Row {
    let right = 0;
    for (let i = 0; i < 8; i++) if (this.stream.next() < this.chance(standard, 0)) right++;
    return { standard, item: -1, outcome: right / 8, at: this.at, source: 2 };
  }

  private rest(days: number): void {
    const { fadePerDay, restingLevel, standardSpread } = this.dynamics;
    const kept = (1 - fadePerDay) ** days;
    for (let k = 0; k < this.strength.length; k++) {
      if (this.begun[k] === 0) continue;
      const fresh = Math.sqrt(1 - kept * kept) * standardSpread * this.stream.normal();
      this.strength[k] = kept * this.strength[k]! + (1 - kept) * restingLevel + fresh;
    }
    this.at += days * DAY;
  }
}

type Row = { standard: number; item: number; outcome: number; at: number; source: number };

/** Rows as columns. */
export function columnsOf(
  rows: readonly Row[],
): Pick<ObservationLog, "standard" | "item" | "outcome" | "at" | "source"> {
  return {
    standard: Int32Array.from(rows, ({ standard }) => standard),
    item: Int32Array.from(rows, ({ item }) => item),
    outcome: Float64Array.from(rows, ({ outcome }) => outcome),
    at: Float64Array.from(rows, ({ at }) => at),
    source: Uint8Array.from(rows, ({ source }) => source),
  };
}

/** Names for so many standards and items. */
export function named(standards: number, items: number): Pick<ObservationLog, "standards" | "items"> {
  return {
    standards: Array.from({ length: standards }, (_, i) => `standard-${i}`),
    items: Array.from({ length: items }, (_, i) => `item-${i}`),
  };
}

/** The log with its learners in another order. */
export function reordered(log: ObservationLog, order: readonly number[]): ObservationLog {
  const rows = order.flatMap((learner) =>
    Array.from(
      { length: log.learnerStart[learner + 1]! - log.learnerStart[learner]! },
      (_, i) => log.learnerStart[learner]! + i,
    ),
  );
  const learnerStart = [0];
  for (const learner of order)
    learnerStart.push(learnerStart.at(-1)! + log.learnerStart[learner + 1]! - log.learnerStart[learner]!);
  return {
    ...log,
    learnerStart: Int32Array.from(learnerStart),
    standard: Int32Array.from(rows, (row) => log.standard[row]!),
    item: Int32Array.from(rows, (row) => log.item[row]!),
    outcome: Float64Array.from(rows, (row) => log.outcome[row]!),
    at: Float64Array.from(rows, (row) => log.at[row]!),
    source: Uint8Array.from(rows, (row) => log.source[row]!),
  };
}
