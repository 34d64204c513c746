import type { SnapshotTableName } from "../../records/snapshot/tables.ts";
import type { FamilyContext, FeatureDefinition, FeatureDirection, FeatureUse } from "../family.ts";
import { CHANGE_DAYS, TREND_WEEKS, type WindowName, windows } from "./window.ts";

/**
 * How a measure is made of its facts, each a day of one learner:
 * - `total`: the sum of `value`; nothing reported is 0 once the source has spoken
 * - `mean`: the sum of `value` over the sum of `weight`; missing where there is no weight
 * - `presence`: 1 − the sum of `value` over the instructional days on which the learner was enrolled
 */
export type MeasureKind = "total" | "mean" | "presence";

/** One thing that is measured; every feature of it follows from this declaration. */
export interface Measure {
  /** The name of the feature over the whole year; those of other windows and views begin with it. */
  readonly name: string;
  /** What it says, without the span of time. */
  readonly meaning: string;
  readonly unit: string;
  readonly direction: FeatureDirection;
  readonly kind: MeasureKind;
  /** A column of the family's facts, as an exact number (integer or decimal); null adds nothing. */
  readonly value: string;
  /** What a mean is divided by: another column of the facts. */
  readonly weight?: string;
  /** Windows whose level is a default input of models. */
  readonly core: readonly WindowName[];
  /** Windows that are built when they are asked for. */
  readonly detail?: readonly WindowName[];
  /** Whether the change against the learner's own past is built, and whether by default. */
  readonly change?: FeatureUse;
  /** Whether the slope over the last nine weeks is built, and whether by default. */
  readonly trend?: FeatureUse;
  /** Whether the level of the first core window is ranked among peers, and whether by default. */
  readonly ranked?: FeatureUse;
  /** The same for the change: who is getting worse while the others are not. */
  readonly changeRanked?: FeatureUse;
  /** The catalog version that introduced it; features of later windows and views give their own. */
  readonly sinceVersion: string;
  /** Names of features that are as old as the first catalog, whatever the measure's own version. */
  readonly sinceFirst?: readonly string[];
}

/** One feature of a measure. */
export type View =
  | { readonly kind: "level"; readonly window: WindowName }
  | { readonly kind: "change" }
  | { readonly kind: "trend" };

/** A feature with what it is computed by. */
export interface MeasuredFeature {
  readonly measure: Measure;
  readonly view: View;
  readonly definition: FeatureDefinition;
}

/** What the features of one family have in common. */
export interface MeasuredCommon extends Pick<FeatureDefinition, "sources" | "group"> {
  /** When totals are missing: until the source has spoken. */
  readonly silence: string;
}

/** Measures over the same facts, declared once: catalog, SQL and page follow. */
export interface MeasuredFamily {
  readonly name: string;
  readonly version: string;
  /** The counselor's heading. */
  readonly group: string;
  readonly sources: readonly SnapshotTableName[];
  readonly measures: readonly Measure[];
  /** From which day facts count: the period's first day, or the learner's first day in the school. */
  readonly since: "starts_on" | "first_day";
  /**
   * CTEs (without WITH) of which the last is `fact`: learner, on_date DATE, visible DATE (the later of happened and known) and
   * the measures' columns, integers or decimals. Several rows per day are added up.
   */
  readonly facts: (context: FamilyContext) => string;
  /**
   * SQL of every dated row by which the source has spoken: learner, on_date, known_on. A total is missing until one is known
   * for the learner's school; `scope` says whether it must be of the same period.
   */
  readonly spoken: string;
  readonly scope: "school" | "school and period";
  /** When totals are missing, as a clause. */
  readonly silence: string;
}

/** Every feature that follows from the measures, in a fixed order. */
export function featuresOf(measures: readonly Measure[], common: MeasuredCommon): MeasuredFeature[] {
  return measures.flatMap((measure) => {
    const levels = Object.keys(windows) as WindowName[];
    const views: [View, FeatureUse][] = levels.flatMap((window): [View, FeatureUse][] => {
      if (measure.core.includes(window)) return [[{ kind: "level", window }, "core"]];
      return measure.detail?.includes(window) ? [[{ kind: "level", window }, "detail"]] : [];
    });
    if (measure.change !== undefined) views.push([{ kind: "change" }, measure.change]);
    if (measure.trend !== undefined) views.push([{ kind: "trend" }, measure.trend]);
    return views.map(([view, use]) => ({ measure, view, definition: define(measure, view, use, common) }));
  });
}

function define(measure: Measure, view: View, use: FeatureUse, common: MeasuredCommon): FeatureDefinition {
  const { sources, group, silence } = common;
  const { suffix, ...own } = describe(measure, view, silence);
  const name = `${measure.name}${suffix}`;
  const ranked = view.kind === "change" ? measure.changeRanked : isMain(measure, view) ? measure.ranked : undefined;
  return {
    name,
    ...own,
    sources,
    group,
    direction: measure.direction,
    actionable: true,
    sinceVersion: measure.sinceFirst?.includes(name) ? "1" : measure.sinceVersion,
    use,
    ...(ranked === undefined ? {} : { ranked }),
  };
}

const isMain = (measure: Measure, view: View): boolean => view.kind === "level" && view.window === mainWindow(measure);

/** The window a measure is best known by: the year where it is core, else the longest core one. */
function mainWindow({ core }: Measure): WindowName | undefined {
  return (Object.keys(windows) as WindowName[]).filter((window) => core.includes(window)).at(-1);
}

type Described = Pick<FeatureDefinition, "meaning" | "unit" | "missing" | "needs"> & { readonly suffix: string };

function describe(measure: Measure, view: View, silence: string): Described {
  const isTotal = measure.kind === "total";
  const nothing = missingWords(measure, silence);
  if (view.kind === "level") {
    const { suffix, phrase } = windows[view.window];
    const missing = view.window === "term" ? `${nothing}; and outside every term of the school` : nothing;
    return { suffix, meaning: `${measure.meaning}, ${phrase}`, unit: measure.unit, missing };
  }
  if (view.kind === "change") {
    return {
      suffix: "_change",
      meaning: `${measure.meaning}: the last ${CHANGE_DAYS} days${isTotal ? ", per week," : ""} minus the time before`,
      unit: isTotal ? `${measure.unit} per week` : measure.unit,
      missing: `${nothing}; and until there is a recent time and one before it`,
      needs: { enrolledDays: CHANGE_DAYS + 7 },
    };
  }
  return {
    suffix: "_trend",
    meaning: `${measure.meaning}: slope of the weekly values over the last ${TREND_WEEKS} weeks`,
    unit: `${measure.unit} per week${isTotal ? " and week" : ""}`,
    missing: `${nothing}; and until two weeks can be compared`,
    needs: { enrolledDays: 14 },
  };
}

function missingWords({ kind }: Measure, silence: string): string {
  if (kind === "total") return `missing ${silence}; after that, nothing reported is 0`;
  if (kind === "mean") return "missing where there is nothing to take the mean of";
  return `missing ${silence}, and when the calendar has no instructional day in the span`;
}
