const MILLISECONDS_PER_DAY = 86_400_000;

/** Days since 1970-01-01 of an ISO date. */
export function dayOf(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) / MILLISECONDS_PER_DAY;
}

const texts = new Map<number, string>();

/** The ISO date of a day number. */
export function dateOf(day: number): string {
  let text = texts.get(day);
  if (text === undefined) {
    text = new Date(day * MILLISECONDS_PER_DAY).toISOString().slice(0, 10);
    texts.set(day, text);
  }
  return text;
}

/** The number of the school year under way at the export, 2025-26; 0 is 2024-25, −1 the year before. */
export const CURRENT_YEAR = 1;

/** A week of a school year. */
export interface SchoolWeek {
  /** Day number of its Monday. */
  readonly monday: number;
  /** Day numbers of its instructional days; empty in a break. */
  readonly days: readonly number[];
  /** Position among the weeks with at least three instructional days, the weeks with coursework; −1 elsewhere. */
  readonly lesson: number;
}

/** One school year of the district. */
export interface SchoolYear {
  /** See {@link CURRENT_YEAR}. */
  readonly number: number;
  /** Such as 2024-25. */
  readonly title: string;
  /** The year it ends in, as OneRoster writes it. */
  readonly ends: number;
  readonly firstDay: number;
  readonly lastDay: number;
  /** Last day of the first semester. */
  readonly semesterEnd: number;
  readonly weeks: readonly SchoolWeek[];
  /** Number of weeks with coursework. */
  readonly lessons: number;
  /** Weekdays without school. */
  readonly holidays: readonly number[];
}

/** Ranges without school in 2024-25; other years are whole weeks away. */
const holidayRanges = [
  ["2024-09-02", "2024-09-02"],
  ["2024-10-14", "2024-10-15"],
  ["2024-11-27", "2024-11-29"],
  ["2024-12-23", "2025-01-03"],
  ["2025-01-20", "2025-01-20"],
  ["2025-02-17", "2025-02-17"],
  ["2025-03-31", "2025-04-04"],
  ["2025-05-26", "2025-05-26"],
] as const;

/** Days from 2024-25 to another school year: whole weeks, so that weekdays and holidays fall alike. */
function shiftOf(number: number): number {
  return 7 * Math.round((365.25 * number) / 7);
}

const years = new Map<number, SchoolYear>();

/** A school year by its number; one calendar serves every school. */
export function schoolYear(number: number): SchoolYear {
  let year = years.get(number);
  if (year === undefined) {
    year = buildYear(number);
    years.set(number, year);
  }
  return year;
}

/** The finished school years of an export, oldest first, and the one under way. */
export function yearsOf(finishedYears: number): SchoolYear[] {
  return Array.from({ length: finishedYears + 1 }, (_, index) => schoolYear(CURRENT_YEAR - finishedYears + index));
}

const quarters = new Map<number, readonly number[]>();

/** The weeks in which the four quarters end: the one in the middle of each semester and its last. */
export function quarterEnds(year: SchoolYear): readonly number[] {
  let ends = quarters.get(year.number);
  if (ends === undefined) {
    const weeks = [...year.weeks.entries()].filter(([, { days }]) => days.length > 0);
    const first = weeks.filter(([, { monday }]) => monday <= year.semesterEnd).map(([index]) => index);
    const second = weeks.filter(([, { monday }]) => monday > year.semesterEnd).map(([index]) => index);
    ends = [first, second].flatMap((half) => [half[Math.floor(half.length / 2)]!, half.at(-1)!]);
    quarters.set(year.number, ends);
  }
  return ends;
}

/** The day of another school year that corresponds to a day of the year under way. */
export function sameDayIn(number: number, day: number): number {
  return day + shiftOf(number) - shiftOf(CURRENT_YEAR);
}

function buildYear(number: number): SchoolYear {
  const shift = shiftOf(number);
  const ends = 2025 + number;
  const firstDay = dayOf("2024-08-19") + shift;
  const lastDay = dayOf("2025-06-06") + shift;
  const closed = new Set<number>();
  for (const [from, to] of holidayRanges) for (let day = dayOf(from); day <= dayOf(to); day++) closed.add(day + shift);
  const weeks: SchoolWeek[] = [];
  let lessons = 0;
  for (let monday = firstDay; monday <= lastDay; monday += 7) {
    const days = [0, 1, 2, 3, 4].map((offset) => monday + offset).filter((day) => !closed.has(day));
    weeks.push({ monday, days, lesson: days.length >= 3 ? lessons++ : -1 });
  }
  const holidays = [...closed].filter((day) => (day + 3) % 7 < 5); // day 0 was a Thursday
  const title = `${ends - 1}-${String(ends).slice(2)}`;
  return { number, title, ends, firstDay, lastDay, semesterEnd: dayOf("2024-12-20") + shift, weeks, lessons, holidays };
}
