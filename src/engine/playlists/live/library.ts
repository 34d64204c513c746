import type { TenantTransaction } from "../../../records/database.ts";
import type { Curriculum } from "../curriculum.ts";

/** What a framework says of a standard beside its name: what a course is matched by. */
export interface StandardSubject {
  readonly subject: string | null;
  readonly grade: string | null;
}

/** The content library of a district as it stands now. */
export interface Library {
  readonly curriculum: Curriculum;
  /** By the index of the standard. */
  readonly subjects: readonly StandardSubject[];
}

/**
 * A number that grows when a record of the library comes in.
 */
export async function libraryStamp(tx: TenantTransaction): Promise<string> {
  const [row] = await tx.sql<{ stamp: string }[]>`
    select concat_ws('-', (select max(version_id) from activity), (select max(version_id) from standard),
      (select max(version_id) from prerequisite), (select max(version_id) from alignment)) as stamp`;
  return row!.stamp;
}

/**
 * The standards, prerequisites and activities of the record as it stands now, of every source, each id once: by certified word
 * first, then the newest. Activities of unknown length or without a standard are left out: the one cannot be put into a budget of
 * minutes, the other cannot be gated.
 */
export async function readLibrary(tx: TenantTransaction): Promise<Library> {
  const standards = await tx.sql<{ standard: string; label: string; grade: string | null; subject: string | null }[]>`
    select distinct on (standard) standard, coalesce(label, code, statement, standard) as label, grade, subject from (
      select distinct on (record_key) * from standard order by record_key, known_on desc, version_id desc
    ) n where retracted_at is null order by standard, class = 'certified' desc, version_id desc`;
  const position = new Map(standards.map(({ standard }, at) => [standard, at]));
  const prerequisites: number[][] = standards.map(() => []);
  for (const { standard, requires } of await tx.sql<{ standard: string; requires: string }[]>`
    select distinct standard, requires from (
      select distinct on (record_key) * from prerequisite order by record_key, known_on desc, version_id desc
    ) n where retracted_at is null order by 1, 2`) {
    const from = position.get(standard);
    const to = position.get(requires);
    if (from !== undefined && to !== undefined && from !== to) prerequisites[from]!.push(to);
  }
  const rows = await tx.sql<ActivityRow[]>`
    select distinct on (activity) a.activity, a.title, coalesce(a.standard, t.standard) as standard, a.modality, a.setting,
      a.minutes, a.topics
    from (select distinct on (record_key) * from activity order by record_key, known_on desc, version_id desc) a
    left join lateral (
      select n.standard from (
        select distinct on (record_key) * from alignment where resource = a.activity order by record_key, known_on desc, version_id desc
      ) n where n.retracted_at is null and n.kind = 'teaches' order by n.standard limit 1
    ) t on true
    where a.retracted_at is null and a.minutes > 0 order by activity, a.class = 'certified' desc, a.version_id desc`;
  const activities = rows.flatMap(({ activity, title, standard, modality, setting, minutes, topics }) => {
    const at = standard === null ? undefined : position.get(standard);
    if (at === undefined) return [];
    const about = { title: title ?? activity, modality: modality ?? "other", setting, topics: topics ?? [] };
    return [{ activity, standard: at, minutes, ...about }];
  });
  return {
    curriculum: {
      standards: standards.map(({ standard, label, grade }) => ({ standard, label, grade: grade ?? "" })),
      prerequisites,
      activities,
    },
    subjects: standards.map(({ subject, grade }) => ({ subject, grade })),
  };
}

interface ActivityRow {
  readonly activity: string;
  readonly title: string | null;
  readonly standard: string | null;
  readonly modality: string | null;
  readonly setting: string | null;
  readonly minutes: number;
  readonly topics: string[] | null;
}
