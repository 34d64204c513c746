import type { Cairn } from "../runtime.ts";
import type { AlertNotice } from "./feed.ts";
import { readFeed } from "./feed.ts";
import type { AlertReader } from "./readers.ts";
import { ruleNamed } from "./rules/rules.ts";
import { severalAlerts } from "./words.ts";

/** Alerts that one line tells. */
export interface DigestLine {
  readonly headline: string;
  readonly rule: string;
  /** Their ids. */
  readonly alerts: readonly string[];
  readonly learners: readonly NonNullable<AlertNotice["learner"]>[];
  /** When the newest of them was raised. */
  readonly newest: string;
}

const PAGE = 200;

/**
 * What a reader is told at once instead of one by one: everything raised since a moment that is not closed. What the school reads
 * of the same rule about the same thing is one line; a family reads one line for each of its children.
 * @param since - ISO 8601, UTC
 */
export async function readDigest(cairn: Cairn, reader: AlertReader, since: string): Promise<DigestLine[]> {
  const notices: AlertNotice[] = [];
  const from = new Date(since).toISOString();
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await readFeed(cairn, reader, { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    const recent = page.alerts.filter(({ raisedAt }) => raisedAt >= from);
    notices.push(...recent.filter(({ state }) => state !== "closed"));
    cursor = recent.length < page.alerts.length ? null : page.next;
  }
  return linesOf(notices);
}

/** Lines for alerts, in the order of the newest of each. @param notices - newest first */
export function linesOf(notices: readonly AlertNotice[]): DigestLine[] {
  const lines = new Map<string, AlertNotice[]>();
  for (const notice of notices) {
    const { rule, subject, alertId } = notice;
    // What happened in two runs or on two days is the same to who reads it in the morning; a standard and a source are not.
    const key = subject === null ? alertId : JSON.stringify([rule, subject]);
    lines.set(key, [...(lines.get(key) ?? []), notice]);
  }
  return [...lines.values()].map((same) => {
    const { rule, headline, label, subject, raisedAt } = same[0]!;
    const learners = new Map(
      same.flatMap(({ learner }) => (learner === null ? [] : [[learner.number ?? learner.name, learner]])),
    );
    const several = learners.size > 1 && subject !== null;
    return {
      headline: several ? severalAlerts(ruleNamed(rule)!, learners.size, label, subject) : headline,
      rule,
      alerts: same.map(({ alertId }) => alertId),
      learners: [...learners.values()],
      newest: raisedAt,
    };
  });
}
