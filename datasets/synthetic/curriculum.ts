import type { Random } from "../../src/numeric/random.ts";
import { standardFacts } from "./standards-data.ts";

/** The kinds of activity; a learner prefers one. */
export const modalities = ["video", "practice", "game", "reading", "project"] as const;

/** What an activity can be about; a learner is drawn to two of them. */
export const themes = ["animals", "sport", "music", "space", "art", "machines", "stories", "nature"] as const;

/** One question of the item bank (three-parameter logistic). */
export interface Item {
  readonly id: string;
  /** Logits; 0 is as hard as the standard itself. */
  readonly difficulty: number;
  /** Slope, about 1.2. */
  readonly discrimination: number;
  /** Chance of a right answer without knowing, 0.05 to 0.25. */
  readonly guess: number;
}

/** One activity of the content library. */
export interface Activity {
  readonly id: string;
  readonly title: string;
  /** Position in {@link modalities}. */
  readonly modality: number;
  /** Position in {@link themes}. */
  readonly theme: number;
  readonly minutes: number;
  /** Logits; 0 is average. */
  readonly difficulty: number;
  /** Share of what is still to be learned that one completion gives, before gates. Part of the truth. */
  readonly teachingEffect: number;
}

/** One standard with everything that hangs on it. */
export interface Standard {
  readonly code: string;
  readonly label: string;
  readonly grade: number;
  /** Positions of the standards it requires, all smaller than its own. */
  readonly requires: readonly number[];
  readonly items: readonly Item[];
  readonly activities: readonly Activity[];
}

/** The standards graph with items and activities. */
export interface Curriculum {
  readonly standards: readonly Standard[];
  /** grade → positions of its standards in teaching order. */
  readonly byGrade: ReadonlyMap<number, readonly number[]>;
}

/** Draws items and activities for the 48 standards; the graph itself is fixed. */
export function buildCurriculum(stream: Random): Curriculum {
  const position = new Map(standardFacts.map((fact, index) => [fact.code, index]));
  const standards = standardFacts.map((fact) => {
    const own = stream.derive(fact.code);
    return {
      code: fact.code,
      label: fact.label,
      grade: fact.grade,
      requires: fact.requires.map((code) => position.get(code)!),
      items: drawItems(fact.code, own.derive("items")),
      activities: drawActivities(fact.code, fact.label, own.derive("activities")),
    };
  });
  const byGrade = new Map<number, number[]>();
  for (const [index, standard] of standards.entries()) {
    const list = byGrade.get(standard.grade) ?? [];
    list.push(index);
    byGrade.set(standard.grade, list);
  }
  return { standards, byGrade };
}

function drawItems(code: string, stream: Random): Item[] {
  const count = 4 + stream.integer(5);
  return Array.from({ length: count }, (_, index) => ({
    id: `item-${code}-${index + 1}`,
    difficulty: rounded(0.8 * stream.normal()),
    discrimination: rounded(1.2 * Math.exp(0.25 * stream.normal())),
    guess: rounded(0.05 + 0.2 * stream.next()),
  }));
}

function drawActivities(code: string, label: string, stream: Random): Activity[] {
  const count = 3 + stream.integer(3);
  const first = stream.integer(modalities.length);
  const themeStream = stream.derive("themes");
  return Array.from({ length: count }, (_, index) => {
    const modality = (first + 2 * index) % modalities.length; // 2 and 5 share no factor: all differ
    const theme = themeStream.integer(themes.length);
    return {
      id: `act-${code}-${index + 1}`,
      title: `${label} (${modalities[modality]!}, ${themes[theme]!})`,
      modality,
      theme,
      minutes: 8 + stream.integer(5) * 3 + (modalities[modality] === "project" ? 15 : 0),
      difficulty: rounded(0.6 * stream.normal()),
      teachingEffect: rounded(0.02 + 0.14 * stream.next()),
    };
  });
}

const rounded = (value: number): number => Math.round(value * 1000) / 1000;
