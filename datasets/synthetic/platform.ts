import type { Random } from "../../src/numeric/random.ts";
import { completionChance, drawAnswer, interested, poisson } from "./answering.ts";
import { dateOf, type SchoolWeek } from "./calendar.ts";
import type { Activity, Curriculum } from "./curriculum.ts";
import type { ExportRows } from "./export-rows.ts";
import { type Learner, modalityGain } from "./learner.ts";
import { logistic, parameters } from "./parameters.ts";
import type { World } from "./world.ts";
import type { Mastery } from "./year-state.ts";

const FIRST_SECOND = 14 * 3600; // 14:00 UTC, a school morning in North America
const LAST_START = 19 * 3600;
const AFTER_SCHOOL = 20 * 3600;
const CLOSING = 21.5 * 3600; // no session starts later, so that the longest does not run into the next day

/** What came of a week's sessions. */
export interface SessionTotals {
  readonly answers: number;
  /** Answers that were right at once. */
  readonly right: number;
}

/** The practice platform: what learners choose, do and answer there. */
export class Platform {
  private readonly curriculum: Curriculum;
  private readonly weights: Float64Array;
  private answers = 0;
  private right = 0;

  constructor(curriculum: Curriculum) {
    this.curriculum = curriculum;
    this.weights = new Float64Array(curriculum.standards.length);
  }

  /** One week of sessions; learning happens in `mastery`, what is known by the cutoff goes to the export. */
  useWeek(visit: Visit, stream: Random): SessionTotals {
    this.answers = 0;
    this.right = 0;
    let sessions = poisson(Math.exp(-0.1 + 0.35 * visit.engagement), stream);
    if (sessions > 4) sessions = 4;
    const slots = Array.from({ length: sessions }, () => {
      const day = visit.week.days[stream.integer(visit.week.days.length)]!;
      const later = stream.next() < logistic(-1.8 + 0.9 * visit.learner.lateness);
      const [from, span] = later ? [AFTER_SCHOOL, CLOSING - AFTER_SCHOOL] : [FIRST_SECOND, LAST_START - FIRST_SECOND];
      return day * 86_400 + from + stream.integer(span);
    }).sort((a, b) => a - b);
    let free = 0;
    for (const slot of slots) {
      const start = Math.max(slot, free);
      if (start % 86_400 <= CLOSING) free = this.session(visit, start, stream) + 60;
    }
    return { answers: this.answers, right: this.right };
  }

  /** One session from log-in to log-out; returns the second it ends. */
  private session(visit: Visit, start: number, stream: Random): number {
    const { learner, out } = visit;
    const day = Math.floor(start / 86_400);
    const shown = day <= out.cutoff && !visit.world.lost(learner.school, day);
    const events = new Envelope(visit, start, shown);
    events.add("SessionEvent", "LoggedIn", "urn:cairn:app:practice", start);
    const standard = this.chooseStandard(visit, stream);
    const activity = this.chooseActivity(visit, standard, stream);
    let second = start + 10 + stream.integer(50);
    events.add("AssignableEvent", "Started", `urn:cairn:activity:${activity.id}`, second);
    const ability = visit.mastery.ability(standard);
    const completes = stream.next() < completionChance(learner, activity, { ...visit, ability });
    const share = completes ? 1 : 0.1 + 0.6 * stream.next();
    const minutes = activity.minutes * (0.6 + 0.6 * stream.next()) * share;
    const active = Math.round(minutes * 60);
    second += active + (stream.next() < logistic(-2.2 - 0.6 * visit.engagement) ? 60 + stream.integer(600) : 0); // idle
    if (completes) {
      events.add("AssignableEvent", "Completed", `urn:cairn:activity:${activity.id}`, second, active);
      visit.mastery.learn(standard, activity.teachingEffect * modalityGain(learner, activity.modality));
    }
    const questions = completes ? 5 + stream.integer(5) : 2 + stream.integer(4);
    for (let question = 0; question < questions; question++)
      second = this.answer(visit, standard, second, shown, stream);
    second += 5 + stream.integer(60);
    if (stream.next() < 0.75) events.add("SessionEvent", "LoggedOut", "urn:cairn:app:practice", second); // else the lid is closed
    if (shown) out.caliper.line(events.text(second));
    return second;
  }

  /** Next standard: what class is about, what is open and not yet mastered, near the learner's grade. */
  private chooseStandard(visit: Visit, stream: Random): number {
    const { standards } = this.curriculum;
    let total = 0;
    for (let k = 0; k < standards.length; k++) {
      const distance = visit.grade - standards[k]!.grade;
      let weight = 0;
      if (distance >= -1 && distance <= 3) {
        const need = 1 - logistic(2 * (visit.mastery.ability(k) - parameters.masteredFrom));
        const ahead = distance < 0 ? 1.5 : 0.7 * distance;
        weight = Math.exp(2.4 * visit.mastery.gate(k) + 1.6 * need - ahead + (k === visit.topic ? 2.2 : 0));
      }
      this.weights[k] = weight;
      total += weight;
    }
    let u = stream.next() * total;
    for (let k = 0; k < standards.length; k++) {
      u -= this.weights[k]!;
      if (u < 0) return k;
    }
    return visit.topic;
  }

  private chooseActivity(visit: Visit, standard: number, stream: Random): Activity {
    const { activities } = this.curriculum.standards[standard]!;
    const ability = visit.mastery.ability(standard);
    let total = 0;
    const weights = activities.map((activity) => {
      const preference = activity.modality === visit.learner.modality ? visit.learner.modalityPull : 0;
      const pull = preference + (interested(visit.learner, activity) ? 0.4 : 0);
      const weight = Math.exp(pull + 8 * activity.teachingEffect - 0.5 * Math.abs(activity.difficulty - ability));
      total += weight;
      return weight;
    });
    let u = stream.next() * total;
    for (const [index, activity] of activities.entries()) {
      u -= weights[index]!;
      if (u < 0) return activity;
    }
    return activities[0]!;
  }

  /** Answers one item; returns the second at which the answer came. */
  private answer(visit: Visit, standard: number, from: number, shown: boolean, stream: Random): number {
    const { learner, mastery, engagement, persistence, out } = visit;
    const { code, items } = this.curriculum.standards[standard]!;
    const item = items[stream.integer(items.length)]!;
    const state = { ability: mastery.ability(standard), engagement, persistence, pace: learner.pace };
    const { right, rapid, attempts, hints, seconds } = drawAnswer(item, state, stream);
    this.answers++;
    if (right) this.right++;
    mastery.learn(standard, rapid ? 0 : parameters.itemTeaching);
    const second = from + Math.ceil(seconds) + 1;
    if (shown) {
      const cells = [learner.studentId, item.id, code, stamp(second), right ? 1 : 0, attempts, hints, seconds];
      out.responses.row(cells);
    }
    return second;
  }
}

/** Who is on the platform, and what decides what happens there. */
export interface Visit {
  readonly world: World;
  readonly learner: Learner;
  readonly grade: number;
  readonly week: SchoolWeek;
  /** The standard class is about. */
  readonly topic: number;
  readonly engagement: number;
  readonly persistence: number;
  readonly mastery: Mastery;
  readonly out: ExportRows;
}

/** A moment in UTC, to the second. */
function stamp(second: number): string {
  const day = Math.floor(second / 86_400);
  const rest = second - day * 86_400;
  const part = (value: number): string => String(value).padStart(2, "0");
  return `${dateOf(day)}T${part(Math.floor(rest / 3600))}:${part(Math.floor(rest / 60) % 60)}:${part(rest % 60)}Z`;
}

const CONTEXT = "http://purl.imsglobal.org/ctx/caliper/v1p2";

/** The Caliper 1.2 envelope of one session. Ids are made of the session's second and the learner, so they never repeat. */
class Envelope {
  private readonly events: string[] = [];
  private readonly visit: Visit;
  private readonly start: number;
  private readonly shown: boolean;

  constructor(visit: Visit, start: number, shown: boolean) {
    this.visit = visit;
    this.start = start;
    this.shown = shown;
  }

  /** @param active - seconds of an attempt without the idle ones */
  add(type: "SessionEvent" | "AssignableEvent", action: string, object: string, second: number, active?: number): void {
    if (!this.shown) return;
    const { learner, out } = this.visit;
    const hex = learner.index.toString(16).padStart(7, "0");
    const serial = (this.start * 16 + this.events.length).toString(16).padStart(12, "0");
    const id = `urn:uuid:${out.districtCode}-${hex.slice(0, 4)}-4${hex.slice(4)}-8000-${serial}`;
    const session = type === "SessionEvent";
    const attempt =
      active === undefined
        ? ""
        : `"generated":{"id":"urn:cairn:attempt:${learner.studentId}-${this.start}","type":"Attempt","duration":"PT${active}S"},`;
    this.events.push(
      `{"@context":"${CONTEXT}","id":"${id}","type":"${type}","profile":"${session ? "SessionProfile" : "AssignableProfile"}",` +
        `"actor":{"id":"urn:cairn:student:${learner.studentId}","type":"Person"},"action":"${action}",` +
        `"object":{"id":"${object}","type":"${session ? "SoftwareApplication" : "AssignableDigitalResource"}"},` +
        `${attempt}"eventTime":"${stamp(second).replace("Z", ".000Z")}","edApp":"urn:cairn:app:practice",` +
        `"session":{"id":"urn:cairn:session:${learner.studentId}-${this.start}","type":"Session"}}`,
    );
  }

  text(end: number): string {
    const sent = stamp(end + 5).replace("Z", ".000Z");
    return `{"sensor":"urn:cairn:sensor:practice","sendTime":"${sent}","dataVersion":"${CONTEXT}","data":[${this.events.join(",")}]}`;
  }
}
