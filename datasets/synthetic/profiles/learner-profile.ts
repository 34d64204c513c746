import type { Random } from "../../../src/numeric/random.ts";
import { dateOf, schoolYear } from "../calendar.ts";
import { modalities, themes } from "../curriculum.ts";
import type { ExportRows } from "../export-rows.ts";
import type { Learner } from "../learner.ts";
import type { ToldYear } from "../learner-rows.ts";
import { clamp, logistic } from "../parameters.ts";

/** What the files about the whole learner say beside school work: supports, preferences, narratives, life at school. */
export function writeLearnerProfile(out: ExportRows, learner: Learner, years: readonly ToldYear[]): void {
  const stream = learner.stream.derive("whole learner");
  supports(out, learner, years, stream.derive("supports"));
  for (const told of years) {
    const own = stream.derive(told.plan.year);
    preferences(out, learner, told, own.derive("preferences"));
    narratives(out, learner, told, own.derive("narratives"));
    schoolLife(out, learner, told, own.derive("school life"));
  }
}

/** Who is entitled to what; only special education and gifted programs have to do with the traits. */
function supports(out: ExportRows, learner: Learner, years: readonly ToldYear[], stream: Random): void {
  const { mathematics } = years[0]!.plan;
  const kinds = [
    ["iep", logistic(-2.4 - 0.6 * mathematics), "Extended time; reading support"],
    ["504", 0.04, "Preferential seating"],
    ["english-learner", learner.hispanic ? 0.25 : 0.06, "Level 3"],
    ["meals", 0.4, "Free"],
    ["homeless", 0.02, ""],
    ["gifted", logistic(-4.2 + 1.6 * mathematics), "Mathematics"],
  ] as const;
  for (const [kind, chance, detail] of kinds) {
    const [has, ends] = [stream.next() < chance, stream.next() < 0.1];
    const begins = years[0]!.entryDay + stream.integer(30);
    const known = begins + stream.integer(15);
    const end = begins + 90 + stream.integer(200);
    if (!has || known > out.cutoff) continue;
    const ended = ends && end <= out.cutoff;
    out.profiles.supports.row([
      learner.studentId,
      kind,
      detail,
      dateOf(begins),
      ended ? dateOf(end) : "",
      dateOf(ended ? end : known),
    ]);
  }
}

/** What learners and families say they like: true, but with noise, and not all say it. */
function preferences(out: ExportRows, learner: Learner, { entryDay }: ToldYear, stream: Random): void {
  const day = entryDay + 14 + stream.integer(30);
  const says = (kind: string, value: string, strength: number, saidBy: string): void => {
    const noisy = Math.round(100 * clamp(strength + 0.15 * stream.normal(), -1, 1)) / 100;
    const said = stream.next() < 0.8;
    if (said && day <= out.cutoff)
      out.profiles.preferences.row([learner.studentId, kind, value, noisy, dateOf(day), saidBy, dateOf(day)]);
  };
  for (const interest of learner.interests) says("interest", themes[interest]!, 0.8, "learner");
  says("modality", modalities[learner.modality]!, 0.3 + 0.25 * learner.modalityPull, "learner");
  says("modality", modalities[(learner.modality + 2) % modalities.length]!, -0.2, "family");
  says("setting", stream.next() < 0.5 ? "small group" : "alone", 0.5, "learner");
  says(
    "time-of-day",
    learner.lateness > 0 ? "after school" : "morning",
    0.2 + 0.3 * Math.abs(learner.lateness),
    "learner",
  );
}

const assets = [
  "Helps classmates without being asked.",
  "Asks questions that move the whole class on.",
  "Keeps going when a task gets hard.",
  "Notices patterns that others miss.",
] as const;
const challenges = [
  "Starts late and then runs out of time.",
  "Gives up early on long problems.",
  "Finds it hard to ask for help.",
  "Loses the thread after days away.",
] as const;

/** A teacher's words once a year: what is strong and, of some, what is hard. */
function narratives(out: ExportRows, learner: Learner, told: ToldYear, stream: Random): void {
  const { ends } = schoolYear(told.plan.year);
  const write = (kind: "asset" | "challenge", chance: number, texts: readonly string[]): void => {
    const [has, text] = [stream.next() < chance, texts[stream.integer(texts.length)]!];
    const day = told.entryDay + 40 + stream.integer(60);
    const known = day + stream.integer(10);
    if (!has || known > lastKnown(out, told)) return;
    const id = `nar-${learner.studentId}-${ends}-${kind}`;
    out.profiles.narratives.row([learner.studentId, id, kind, text, dateOf(day), "teacher", dateOf(known)]);
  };
  write("asset", 0.7, assets);
  write("challenge", logistic(-0.8 - 0.7 * told.plan.engagement), challenges);
}

/** Service, personal bests and achievements beside the courses. */
function schoolLife(out: ExportRows, learner: Learner, told: ToldYear, stream: Random): void {
  const { ends } = schoolYear(told.plan.year);
  const last = lastKnown(out, told);
  const day = (from: number): number => told.entryDay + from + stream.integer(120);
  const visits = Math.floor(3 * stream.next() * logistic(told.plan.engagement) * (told.plan.grade >= 8 ? 2 : 1));
  const served = new Set<number>();
  for (let visit = 0; visit < visits; visit++) {
    const on = day(30);
    const hours = 1 + stream.integer(4);
    if (on + 7 > last || served.has(on)) continue; // one report a day
    served.add(on);
    const cells = [dateOf(on), hours, "Help at the community garden", dateOf(on + 7)];
    out.profiles["service-hours"].row([learner.studentId, ...cells]);
  }
  let best = Math.round(clamp(30 + 8 * told.plan.persistence + 6 * stream.normal(), 8, 70));
  for (const [attempt, from] of [20, 150].entries()) {
    const on = day(from);
    if (attempt > 0) best += 1 + stream.integer(6);
    const artifact = `art-${learner.studentId}-${ends}-${attempt + 1}`;
    if (on <= last && stream.next() < 0.5)
      out.profiles["personal-bests"].row([
        learner.studentId,
        "physical education",
        "Push-ups in two minutes",
        dateOf(on),
        best,
        artifact,
        dateOf(on),
      ]);
  }
  const [has, area, on] = [stream.next() < 0.2, stream.integer(areas.length), day(50)];
  if (!has || on + 5 > last) return;
  const [name, title] = areas[area]!;
  const id = `ach-${learner.studentId}-${ends}`;
  const level = ["school", "district", "state"][Math.floor(2.2 * stream.next())]!;
  out.profiles.achievements.row([learner.studentId, id, name, title, level, dateOf(on), dateOf(on + 5)]);
}

const areas = [
  ["arts", "Piece in the spring exhibition"],
  ["music", "First seat in the orchestra"],
  ["sport", "Team of the season"],
  ["projects", "Project shown at the science fair"],
] as const;

/** Nothing is written about a learner who has left, nor after the day of the export. */
function lastKnown(out: ExportRows, { plan, exit }: ToldYear): number {
  return Math.min(out.cutoff, exit?.day ?? schoolYear(plan.year).lastDay);
}
