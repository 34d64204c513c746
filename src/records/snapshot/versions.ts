/**
 * Readings of the append-only versions as of a day, as SQL fragments: which version of each record counts, and which unit of
 * a learner a day belongs to.
 */
export function versionsAsOf(asOf: string) {
  const day = `date '${asOf}'`;
  /** Evidence: the newest version of each record that was known on the day and is not taken back. */
  const latest = (table: string): string => `
    (select * from (
       select distinct on (record_key) * from ${table} where known_on <= ${day}
       order by record_key, known_on desc, version_id desc
     ) newest where retracted_at is null)`;
  /**
   * What describes the school, the content and the person rather than what happened: the version known on the day, else the
   * first one known. Rosters carry no dates of change, so a district's first delivery would otherwise leave every earlier
   * day without sections and standards.
   */
  const describing = (table: string): string => `
    (select * from (
       select distinct on (record_key) * from ${table}
       order by record_key, known_on <= ${day} desc,
         case when known_on <= ${day} then known_on end desc, case when known_on <= ${day} then version_id end desc,
         known_on, version_id
     ) newest where retracted_at is null)`;
  /**
   * Stays: the version known on the day; else, of a record whose only versions say that the learner has left, the first one,
   * from the day the entry was known. Its exit is hidden by the caller until the exit was known.
   */
  const stays = (table: string): string => `
    (select * from (
       select distinct on (record_key) * from ${table}
       where known_on <= ${day} or (entry_known_on <= ${day} and retracted_at is null)
       order by record_key, known_on <= ${day} desc,
         case when known_on <= ${day} then known_on end desc, case when known_on <= ${day} then version_id end desc,
         known_on, version_id
     ) newest where retracted_at is null)`;
  /** The unit of evidence of a day: the period that the day falls into. */
  const unitOn = (person: string, on: string): string =>
    `unit_period u on u.person_id = ${person} and ${on} between u.starts_on and u.until`;
  return { latest, describing, stays, unitOn };
}
