import type { DataClass } from "../../records/consent/data-classes.ts";

/** Whom questions are answered for: the family of the learner, or who teaches her. */
export const answerAudiences = ["parent", "teacher"] as const;

/** One of {@link answerAudiences}. */
export type AnswerAudience = (typeof answerAudiences)[number];

/** Where a sentence comes from. */
export interface Evidence {
  /** The tables of the record, or `early-warning` for what a model says. */
  readonly source: string;
  /** The newest day it speaks of; null where it has none. */
  readonly on: string | null;
  /** How many records stand behind it. */
  readonly records: number;
}

/** One thing that can be said, with what it rests on. */
export interface Finding {
  readonly sentence: string;
  readonly evidence: Evidence;
}

/** A part of an answer: what is found, or in words what is not known. */
export interface Part {
  readonly findings: readonly Finding[];
  /** Said when nothing is found. */
  readonly gap: string;
}

/** A question of the table, and how it is answered from the facts. */
export interface Question<Facts> {
  readonly id: string;
  readonly asked: string;
  /** The kinds of data the answer reads, and no others are read for it. */
  readonly needs: readonly DataClass[];
  /** The parts of the answer, in the order they are said. */
  readonly parts: (facts: Facts) => readonly Part[];
}

/** A question answered. */
export interface Answer {
  readonly id: string;
  readonly asked: string;
  /** `partly`: something is found, and something is not known. */
  readonly status: "known" | "partly" | "not known";
  /** In plain words, each with what it rests on. */
  readonly findings: readonly Finding[];
  /** What is not known, in words. */
  readonly notKnown: readonly string[];
}

/**
 * Answers a question: what its parts find, and what they do not. Nothing found is said, never filled in.
 * @param withheld - the kinds of data a decision keeps from this reader, with the reason
 */
export function answerQuestion<Facts>(
  { id, asked, needs, parts }: Question<Facts>,
  facts: Facts,
  withheld: readonly { readonly dataClass: DataClass; readonly words: string }[],
): Answer {
  const all = parts(facts);
  const findings = all.flatMap((part) => part.findings);
  const notKnown = [
    ...all.filter((part) => part.findings.length === 0).map(({ gap }) => gap),
    ...withheld.filter(({ dataClass }) => needs.includes(dataClass)).map(({ words }) => words),
  ];
  const status = findings.length === 0 ? "not known" : notKnown.length === 0 ? "known" : "partly";
  return { id, asked, status, findings, notKnown };
}
