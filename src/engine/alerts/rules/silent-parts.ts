import type { Episode } from "./episodes.ts";
import type { Rules } from "./rules.ts";
import { isWeekday, silences } from "./silent-source.ts";

/** The days on which a source brought records of one kind for one school. */
export interface PartDeliveries {
  readonly source: string;
  readonly kind: string;
  readonly school: string;
  /** YYYY-MM-DD. */
  readonly days: readonly string[];
}

/** A silence of a part of a source. */
export interface PartSilence extends Episode {
  /** What is silent: `attendance · sis · flat`, or `attendance · Oak School · sis · flat`. */
  readonly subject: string;
  /** Something has come since. */
  readonly isOver: boolean;
}

/**
 * What is silent although its source is not: a kind of record that no file brings any more, a school whose records of a kind
 * stay away. The whole is told before its parts: a kind is told only when the source brought something since, a school only when
 * other schools got records of the kind since. A part is told later than a source would be, when chance no longer explains its silence: a
 * small school has days on which nobody is absent.
 * @param whole - the days on which each source brought anything; a source that is not among them brings its kinds by another way
 * @param today - the day that is not over yet
 */
export function partSilences(
  parts: readonly PartDeliveries[],
  whole: ReadonlyMap<string, readonly string[]>,
  today: string,
  rule: Rules["silent-source"],
  isSchoolDay: (day: string) => boolean = isWeekday,
): PartSilence[] {
  const kinds = new Map<string, { readonly source: string; readonly kind: string; readonly days: Set<string> }>();
  for (const { source, kind, days } of parts) {
    const key = [kind, source].join(" · ");
    const known = kinds.get(key) ?? { source, kind, days: new Set<string>() };
    for (const day of days) known.days.add(day);
    kinds.set(key, known);
  }
  const look = (days: readonly string[]): Episode[] => silences(days, today, rule, isSchoolDay, "beyond chance");
  const ofKinds = [...kinds].flatMap(([subject, { source, days }]) =>
    look([...days]).flatMap((episode) =>
      broughtMeanwhile(whole.get(source), episode) ? [{ ...episode, subject, isOver: isOver(days, episode) }] : [],
    ),
  );
  const ofSchools = parts.flatMap(({ source, kind, school, days }) => {
    if (school === "") return [];
    const all = kinds.get([kind, source].join(" · "))!;
    return look(days).flatMap((episode) =>
      broughtMeanwhile(all.days, episode)
        ? [{ ...episode, subject: [kind, school, source].join(" · "), isOver: isOver(days, episode) }]
        : [],
    );
  });
  return [...ofKinds, ...ofSchools];
}

/** Whether the whole delivered between the last day of its part and the day on which the part was missed. */
function broughtMeanwhile(whole: Iterable<string> | undefined, { openedBy, learnedAt }: Episode): boolean {
  return whole === undefined || [...whole].some((day) => day > openedBy && day < learnedAt.slice(0, 10));
}

/** Whether a silence has ended: something came after its beginning. */
export function isOver(days: Iterable<string>, { openedBy }: Episode): boolean {
  return [...days].some((day) => day > openedBy);
}
