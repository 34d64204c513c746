import type { Phrase } from "./phrases.ts";
import { phrases } from "./phrases.ts";

/** What words need to know of a feature: a part of its catalog entry. */
export interface Worded {
  readonly name: string;
  readonly unit: string;
  /** What the number says: told where there is no number. */
  readonly meaning?: string;
}

/** A feature's name taken apart: the measure, how it is looked at, and over which time. */
export interface NameParts {
  readonly measure: string;
  readonly view: "level" | "change" | "trend";
  readonly isRank: boolean;
  /** In words, or "" for a measure that has no window. */
  readonly when: string;
}

const WINDOWS: readonly (readonly [RegExp, string])[] = [
  [/_7_days$/, "in the last week"],
  [/_14_days$/, "in the last 2 weeks"],
  [/_28_days$/, "in the last 4 weeks"],
  [/_63_days$/, "in the last 9 weeks"],
  [/_term$/, "this term"],
];

/** Takes a feature's name apart: `absences_28_days` is absences in the last 4 weeks. */
export function partsOf(name: string): NameParts {
  const isRank = name.endsWith("_rank");
  const rest = isRank ? name.slice(0, -"_rank".length) : name;
  const [, changed, view = "level"] = /^(.*)_(change|trend)$/.exec(rest) ?? [];
  const window = WINDOWS.find(([suffix]) => suffix.test(changed ?? rest));
  const measure = (changed ?? rest).replace(window?.[0] ?? "", "");
  return { measure, view: view as NameParts["view"], isRank, when: window?.[1] ?? "" };
}

const MODALITY = /^(success|persistence|preference)_(modality|setting)_([a-z_]+?)(_tries|_low|_high)?$/;

/** The phrase of a measure; undefined for a measure nobody has put into words. */
export function phraseOf(measure: string): Phrase | undefined {
  const known = phrases[measure];
  if (known !== undefined) return known;
  const scale = /^scale_([a-z_]+)$/.exec(measure)?.[1];
  if (scale !== undefined) return { says: `scores # on the scale ${scale.replaceAll("_", " ")}` };
  const [, what, how, name, end] = MODALITY.exec(measure) ?? [];
  if (what === undefined || name === undefined) return undefined;
  const place = SETTINGS[name];
  const way = how === "setting" ? `when working ${place ?? name}` : `with the modality ${name}`;
  if (end === "_tries") return { says: `# so far ${way}` };
  const bound = end === "_low" ? "at least " : end === "_high" ? "at most " : "";
  if (what === "preference") return { says: `likes working ${place ?? `with the modality ${name}`}: # of 1` };
  return {
    says:
      what === "success" ? `${bound}# of the answers are right ${way}` : `finishes ${bound}# of what is begun ${way}`,
  };
}

const SETTINGS: Readonly<Record<string, string>> = {
  alone: "alone",
  pair: "in a pair",
  small_group: "in a small group",
  whole_class: "with the whole class",
};

/** What is known of the same learner beside the feature: for "7 of 20 school days" the days must be known. */
export type Beside = (feature: string) => number;

/**
 * A feature of a learner as a counselor would say it: what, how much, over which time, and the median of the peers.
 * @param value - the learner's own; NaN where it is not known
 * @param typical - the median of the peers; NaN where there is none
 */
export function say({ name, unit, meaning }: Worded, value: number, typical: number, beside: Beside): string {
  const parts = partsOf(name);
  const found = phraseOf(parts.measure);
  const noun = found?.noun ?? parts.measure.replaceAll("_", " ");
  if (Number.isNaN(value)) return `No data: ${meaning?.split(":")[0] ?? [noun, parts.when].filter(Boolean).join(" ")}`;
  if (parts.isRank) return sentence(`${rankNoun(noun, parts)}: ${rankWords(value)}`);
  if (parts.view !== "level") return sentence(movement(noun, parts, unit, value, typical));
  if (found === undefined) return sentence(`${noun}: ${quantity(value, unit)}${beforePeers(typical, unit)}`);
  return sentence(level(found, { ...parts, name, unit }, value, typical, beside));
}

const beforePeers = (typical: number, unit: string): string =>
  Number.isNaN(typical) ? "" : `; the peers' median is ${quantity(typical, unit)}`;

const beforeMissed = (typical: number): string =>
  Number.isNaN(typical) ? "" : `; the peers' median leaves out ${quantity(typical, "share")}`;

function level(
  { says, no }: Phrase,
  about: NameParts & Worded,
  value: number,
  typical: number,
  beside: Beside,
): string {
  const { measure, unit } = about;
  if (no !== undefined) return value === 0 ? no : says;
  if (measure === "work_missed_share" && value === 0)
    return inTime("handed in all work due @", about.when || "so far") + beforeMissed(typical);
  if (measure === "weight_missed" && typical > 0 && value > typical)
    return `the work not handed in weighs ${tidy(value / typical)} times what the peers' median does`;
  // Two days before the due day are no minus two days after it.
  if (says.includes("# after ") && (value < 0 || typical < 0)) {
    const said = (days: number): string => `${quantity(Math.abs(days), unit)} ${days < 0 ? "before" : "after"}`;
    const others = Number.isNaN(typical) ? "" : `; the peers' median is ${said(typical)} it`;
    return inTime(says.replace("# after", said(value)), about.when) + others;
  }
  const when = about.when === "" && COUNTED.has(measure) ? "so far" : about.when;
  const counted = countedOf(about, value, beside) ?? quantity(value, unit);
  return inTime(says.replace("#", counted), when) + beforePeers(typical, unit);
}

/** Puts the time where the phrase has a place for it (`@`), else at the end. */
function inTime(says: string, when: string): string {
  if (says.includes("@")) return says.replace(when === "" ? "@ " : "@", when);
  return when === "" ? says : `${says} ${when}`;
}

/** Counts since the period began: without a window they are of all the time so far. */
const COUNTED: ReadonlySet<string> = new Set([
  ...[
    "absences",
    "unexcused_absences",
    "tardies",
    "partial_days",
    "attendance_rate",
    "conduct_incidents",
    "state_offenses",
  ],
  ...["minor_incidents", "suspensions", "work_missed_share", "responses", "active_days", "clicks", "platform_minutes"],
  ...["sessions", "idle_minutes", "idle_share", "doses", "dose_minutes", "goal_steps_done", "skips", "work_late_share"],
]);

/** "7 of 20 school days", "5 of 12 pieces": where what it is out of follows from another feature of the same learner. */
function countedOf({ measure, name }: NameParts & Worded, value: number, beside: Beside): string | undefined {
  if (measure === "absences") {
    const rate = beside(name.replace("absences", "attendance_rate"));
    const days = Math.round(value / (1 - rate));
    return value > 0 && rate < 1 && Number.isFinite(days) && days >= value
      ? `${value} of ${days} school days`
      : undefined;
  }
  if (name !== "work_missed_share" && name !== "work_missed") return undefined;
  const [missed, due] = [beside("work_missed"), beside("work_due")];
  if (!(due > 0) || Number.isNaN(missed)) return undefined;
  return name === "work_missed"
    ? `${missed} of ${due} pieces`
    : `${quantity(value, "share")} (${missed} of ${due} pieces)`;
}

const rankNoun = (noun: string, { view, when }: NameParts): string =>
  [noun, view === "change" ? "in the last 4 weeks, beside the time before" : when].filter(Boolean).join(" ");

/** A mid-rank in [0, 1] as a place among the peers. */
function rankWords(rank: number): string {
  const percent = Math.round(100 * Math.max(rank, 1 - rank));
  if (percent <= 52) return "in the middle of the peers";
  return `${rank > 0.5 ? "higher" : "lower"} than for ${percent} % of the peers`;
}

function movement(noun: string, { view }: NameParts, unit: string, value: number, typical: number): string {
  const [points, plain] = [unit.startsWith("share"), unit.replace(/ per week and week$| per week$/, "")];
  const size = (by: number): string => {
    const amount = points
      ? `${tidy(Math.abs(100 * by))} points`
      : quantity(Math.abs(by), plain.startsWith("score") ? "points" : plain);
    if (Math.abs(points ? 100 * by : by) < 0.05) return "unchanged";
    const per = unit.includes("per week") && view === "change" ? " a week" : "";
    return `${by > 0 ? "up" : "down"} by ${amount}${per}`;
  };
  const over = view === "change" ? "in the last 4 weeks, beside the time before" : "a week, each week of the last 9";
  const peers = Number.isNaN(typical) ? "" : `; the peers' median is ${size(typical)}`;
  return `${noun} ${size(value)} ${over}${peers}`;
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const tidy = (value: number): string => {
  const rounded = Math.round(10 * value) / 10;
  return String(rounded === 0 ? 0 : rounded);
};

const BARE = new Set([
  "",
  "score",
  "weight",
  "ratio",
  "label",
  "percentile",
  "level",
  "reliability",
  "the instrument's own",
  "strength",
]);

/** A number with its unit, such as 81 %, 1 day, 2.5 of 5. */
export function quantity(value: number, unit: string): string {
  if (unit.startsWith("share") || unit.startsWith("mid-rank") || unit === "score (0 to 1)")
    return `${Math.round(value * 100)} %`;
  const scale = /^(?:mean answer|points) \(\d to (\d)\)$/.exec(unit);
  if (scale !== null) return `${tidy(value)} of ${scale[1]}`;
  const plain = unit.replace(/ \(.*\)$/, "").replace(/ per week$/, " a week");
  if (BARE.has(plain)) return tidy(value);
  const one = plain.replace(/^([a-z-]+?)s\b/, "$1");
  return `${tidy(value)} ${tidy(value) === "1" ? one : plain}`;
}
