const LEARNERS_PER_SCHOOL = 450;

/** Number of schools of a district. */
export function schoolCount(students: number): number {
  return Math.max(2, Math.round(students / LEARNERS_PER_SCHOOL));
}

/** The school of a learner: the first 900 learners, and what does not fill a school, alternate between the first two. */
export function schoolOf(index: number, students: number): number {
  const block = Math.floor(index / LEARNERS_PER_SCHOOL);
  return index < 2 * LEARNERS_PER_SCHOOL || block >= schoolCount(students) ? index % 2 : block;
}

/** Schools whose learners never meet those of other groups: what one thread writes without asking the others. */
export function groupCount(students: number): number {
  return schoolCount(students) - 1;
}

/** Numbers of the learners of a group, ascending: group 0 is the first two schools, every other group is one school. */
export function* learnersOf(group: number, students: number): Generator<number> {
  const [from, to] = group === 0 ? [0, 2] : [group + 1, group + 2];
  const end = Math.min(students, to * LEARNERS_PER_SCHOOL);
  for (let index = from * LEARNERS_PER_SCHOOL; index < end; index++) yield index;
  if (group > 0) return;
  for (let index = Math.max(end, schoolCount(students) * LEARNERS_PER_SCHOOL); index < students; index++) yield index;
}
