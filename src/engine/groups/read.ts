import { learnersIn, sectionsTaught, standardNames } from "../../records/alerts/caseload.ts";
import { absentOn } from "../../records/alerts/follow-ups.ts";
import { dayOf } from "../../records/consent/own-version.ts";
import type { TenantTransaction } from "../../records/database.ts";
import { inTenant } from "../../records/database.ts";
import { canonicalPersons, idsOf } from "../../records/identity/links.ts";
import { peopleByIds } from "../../records/identity/people.ts";
import type { Cairn } from "../runtime.ts";
import type { FollowUp } from "./follow-up.ts";
import type { GroupSize, StuckLearner } from "./form.ts";
import { formGroups } from "./form.ts";
import { findStuck } from "./stuck.ts";
import { prepareFollowUps } from "./suggestions.ts";

/** A learner of a group, by name: this leaves the engine only towards her teacher. */
export interface GroupLearner {
  readonly number: string | null;
  readonly name: string;
  /** Of the latest answers on the standard. */
  readonly wrong: number;
  readonly of: number;
  /** Something for home. */
  readonly followUp: FollowUp;
}

/** Those of one section who are stuck on one standard. */
export interface StandardGroups {
  readonly section: string | null;
  readonly standard: string;
  readonly label: string | null;
  readonly groups: readonly (readonly GroupLearner[])[];
  /** Stuck, and too few to make a group. */
  readonly alone: readonly GroupLearner[];
  /** Stuck, and known to be absent today. */
  readonly away: readonly GroupLearner[];
}

/** What groups are asked for. */
export interface GroupQuestion extends GroupSize {
  /** Only this standard. */
  readonly standard?: string;
}

/**
 * Small groups of a teacher's own learners who are stuck on the same standard, section by section, as she teaches today; where
 * most are stuck first. Nobody is grouped by anything but answers, and whose family refuses early warning is in none.
 */
export function readGroups(
  cairn: Cairn,
  { tenantId, personId }: { readonly tenantId: string; readonly personId: string },
  question: GroupQuestion,
): Promise<StandardGroups[]> {
  return inTenant(cairn.database, tenantId, async (tx) => {
    const now = cairn.now();
    const classes = await classesOf(tx, personId, dayOf(now));
    const stuck = await findStuck(tx, classes.ids, question.standard, now);
    const describe = await describer(tx, classes, [...stuck.keys()], now);
    const found = classes.sections.flatMap(({ title, learners }) =>
      [...stuck].flatMap(([standard, everybody]) => {
        const own = everybody.filter((learner) => learners.has(learner.personId));
        return own.length === 0 ? [] : [{ section: title, ...describe(standard, own, question) }];
      }),
    );
    const size = ({ groups, alone, away }: StandardGroups): number => groups.flat().length + alone.length + away.length;
    return found.sort((a, b) => size(b) - size(a) || (a.standard < b.standard ? -1 : 1));
  });
}

interface Classes {
  readonly sections: readonly { readonly title: string | null; readonly learners: ReadonlySet<string> }[];
  /** Every id of every learner. */
  readonly ids: readonly string[];
  readonly learnerOf: (id: string) => string;
}

async function classesOf(tx: TenantTransaction, teacherId: string, on: string): Promise<Classes> {
  const taught = await sectionsTaught(tx, await idsOf(tx, teacherId), on);
  const pupils = await learnersIn(
    tx,
    taught.map(({ sectionKey }) => sectionKey),
    on,
  );
  const canonical = await canonicalPersons(tx);
  const learnerOf = (id: string): string => canonical.get(id) ?? id;
  const learners = new Set(pupils.map(({ personId }) => learnerOf(personId)));
  const linked = [...canonical].flatMap(([id, stands]) => (learners.has(stands) ? [id] : []));
  const sections = taught.map(({ sectionKey, title }) => ({
    title,
    learners: new Set(pupils.flatMap((pupil) => (pupil.sectionKey === sectionKey ? learnerOf(pupil.personId) : []))),
  }));
  return { sections, ids: [...new Set([...learners, ...linked])], learnerOf };
}

/** Turns those who are stuck into groups with names and follow-ups. */
async function describer(tx: TenantTransaction, { ids, learnerOf }: Classes, standards: readonly string[], now: Date) {
  const people = new Map((await peopleByIds(tx, ids)).map((person) => [person.personId, person]));
  const names = await standardNames(tx, standards);
  const labels = new Map(standards.map((standard) => [standard, names.get(standard)?.label ?? null]));
  const absent = new Set((await absentOn(tx, ids, dayOf(now))).map(learnerOf));
  const followUp = await prepareFollowUps(tx, { ids, learnerOf, people, labels }, now);
  return (standard: string, stuck: readonly StuckLearner[], size: GroupSize): Omit<StandardGroups, "section"> => {
    const named = ({ personId, wrong, of }: StuckLearner): GroupLearner => {
      const person = people.get(personId);
      const name = [person?.givenName, person?.familyName].filter(Boolean).join(" ");
      return { number: person?.number ?? null, name, wrong, of, followUp: followUp(personId, standard) };
    };
    const here = stuck.filter(({ personId }) => !absent.has(personId));
    const groups = formGroups(here, size);
    return {
      standard,
      label: labels.get(standard) ?? null,
      groups: groups.map((group) => group.map(named)),
      alone: groups.length === 0 ? here.map(named) : [],
      away: stuck.filter(({ personId }) => absent.has(personId)).map(named),
    };
  };
}
