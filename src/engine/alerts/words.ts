import type { Audience, RuleName } from "./rules/rules.ts";

/** What an alert is about, as far as its words need it. */
export interface AlertFacts {
  readonly rule: RuleName;
  /** What the learner is called; null: not known, or nobody is meant. */
  readonly givenName: string | null;
  /** The standard's name, where the rule is about one and it has a name. */
  readonly label: string | null;
  readonly subject: string;
  readonly evidence: Readonly<Record<string, number>>;
}

/** An alert in the words of who reads it. */
export interface AlertWords {
  readonly headline: string;
  readonly text: string;
  /** What can be done next. */
  readonly next: string;
}

/** The words of an alert for an audience. A family reads no numbers, no codes and no terms of the trade. */
export function alertWords(audience: Audience, facts: AlertFacts): AlertWords {
  return audience === "family" ? familyWords[facts.rule](facts) : schoolWords[facts.rule](facts);
}

/** The one line under which a digest puts several alerts that the school reads. */
export function severalAlerts(rule: RuleName, learners: number, label: string | null, subject: string): string {
  return several[rule](learners, label ?? subject);
}

const several: Readonly<Record<RuleName, (learners: number, about: string) => string>> = {
  "wrong-answers": (learners, about) => `${learners} learners are stuck on “${about}”`,
  absences: (learners) => `${learners} learners have missed several days`,
  "declining-effort": (learners) => `${learners} learners practice much less than usual`,
  "capacity-line": (learners) => `${learners} learners are new among those you can see`,
  "silent-source": (_, about) => `Nothing came from “${about}” for some time`,
};

type Tell = (facts: AlertFacts) => AlertWords;

const schoolWords: Readonly<Record<RuleName, Tell>> = {
  "wrong-answers": ({ givenName, label, subject, evidence }) => ({
    headline: `${givenName ?? "A learner"} is stuck on “${label ?? subject}”`,
    text: `${evidence.wrong} of the latest ${evidence.of} answers on it were wrong.`,
    next: "See who else is stuck on it, work with them as a small group, and send a follow-up home.",
  }),
  absences: ({ givenName, evidence }) => ({
    headline: `${givenName ?? "A learner"} has missed ${evidence.absences} days in ${evidence.days}`,
    text: "Whole days absent, excused or not: a day that is missed is missed.",
    next: "Ask what keeps the learner away before the days add up, and call home.",
  }),
  "declining-effort": ({ givenName, evidence }) => ({
    headline: `${givenName ?? "A learner"} practices much less than usual`,
    text: `${evidence.latest} answers in the last school week; ${evidence.usual} were usual before. It has been so for ${evidence.weeks} weeks.`,
    next: "Ask how things are: the reason is often outside the subject.",
  }),
  "capacity-line": ({ givenName, evidence }) => ({
    headline: `${givenName ?? "A learner"} is now among the ${evidence.capacity} you can see`,
    text: "In the ranking before this one the learner was not.",
    next: "Read the reasons in the ranking, and what has been tried.",
  }),
  "silent-source": ({ subject, evidence }) => ({
    headline: `Nothing came from “${subject}” for ${evidence.missedDays} school days`,
    text: `Usually something comes every ${evidence.everyDays === 1 ? "school day" : `${evidence.everyDays} school days`}.`,
    next: "If it is still away, ask who runs the delivery: what is computed from it is out of date until it is back.",
  }),
};

const familyWords: Readonly<Record<RuleName, Tell>> = {
  "wrong-answers": ({ givenName, label }) => ({
    headline: `${givenName ?? "Your child"} finds ${topic(label)} hard right now`,
    text: "That is common while something is new. The teacher knows, and will practice it in class.",
    next: `Ask ${givenName ?? "your child"} to show you a task and to say how it is done. You can write to the teacher at any time.`,
  }),
  absences: ({ givenName }) => ({
    headline: `${givenName ?? "Your child"} has missed several days of school`,
    text: "Every day at school helps. The school would like to know whether it can do something.",
    next: "Tell the school what makes it hard to come. You can ask for the work that was missed.",
  }),
  "declining-effort": ({ givenName }) => ({
    headline: `${givenName ?? "Your child"} has been practicing less than usual`,
    text: "It may be nothing. You know best how things are.",
    next: `Ask ${givenName ?? "your child"} how school is going, and tell the teacher what would help.`,
  }),
  "capacity-line": ({ givenName }) => ({
    headline: `The school would like to talk about how ${givenName ?? "your child"} is doing`,
    text: "Some things have become harder lately. Nothing has been decided.",
    next: "The counselor is glad to talk with you. You can ask to see everything the school has written down.",
  }),
  "silent-source": () => ({
    headline: "Some information has not reached the school",
    text: "It is about a delivery of data, not about your child.",
    next: "There is nothing you need to do.",
  }),
};

/** A name a family can read: one with a number or a code in it says nothing to her. */
function topic(label: string | null): string {
  return label === null || /\d|[A-Z]{2,}/.test(label) ? "a topic of this week" : `“${label}”`;
}
