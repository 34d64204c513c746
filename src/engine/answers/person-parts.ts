import type { Finding, Part } from "./answer.ts";
import type { Facts, NoteFact } from "./facts.ts";
import { listed } from "./parts.ts";

const NOTES = 5; // the newest, word for word

const said = (sentence: string, source: string, on: string | null, records: number): Finding => ({
  sentence,
  evidence: { source, on, records },
});

/** How the learner works best, from what happened; only what the interval tells from the average. */
export function profilePart({ profile, practisedOn }: Facts): Part {
  const tries = profile.findings.reduce((sum, finding) => sum + finding.tries, 0);
  const clear = profile.findings.some(({ verdict }) => verdict !== "unclear");
  return {
    gap:
      tries === 0
        ? "Which ways of working help most is not known: there is no practice of different kinds to compare."
        : "No way of working stands out so far: what differs between the kinds of practice may be chance.",
    findings:
      tries === 0 || !clear
        ? []
        : profile.sentences
            .filter((sentence) => /^(With|Working) /.test(sentence))
            .map((sentence) => said(sentence, "item_response", practisedOn, tries)),
  };
}

/** What was said of ways of working: by whom is told. */
export function likingsPart(kinds: readonly string[], gap: string) {
  return ({ preferences }: Facts): Part => ({
    gap,
    findings: preferences
      .filter(({ kind }) => kinds.includes(kind))
      .map(({ kind, value, strength, by, on }) => {
        const likes = strength === null || strength > 0;
        const verb = likes ? "Likes" : strength < 0 ? "Does not like" : "Neither likes nor dislikes";
        const what = kind === "interest" ? value : `to work this way: ${value}`;
        return said(`${verb} ${what}${by === null ? "" : ` (said by the ${by})`}.`, "preference", on, 1);
      }),
  });
}

/** Alone or with others: what happened in each setting. */
export function settingsPart({ profile, practisedOn }: Facts): Part {
  const settings = profile.findings.filter(({ kind, verdict }) => kind.aspect === "setting" && verdict !== "unclear");
  const sentences = profile.sentences.filter((sentence) => sentence.startsWith("Working "));
  return {
    gap: "Whether this learner does better alone or with peers is not known: the record does not tell the settings apart.",
    findings: sentences
      .slice(0, settings.length)
      .map((sentence, index) => said(sentence, "item_response", practisedOn, settings[index]!.tries)),
  };
}

/** Goals under way, with the step that comes next. */
export function goalsPart({ goals, on }: Facts): Part {
  const open = goals.filter(({ status }) => status === "open");
  const achieved = goals.filter(({ status }) => status === "achieved");
  return {
    gap: goals.length === 0 ? "No goal is recorded." : "No goal is under way; the recorded ones were dropped.",
    findings: [
      ...open.map(({ title, dueOn, nextStep, setOn }) =>
        said(
          `Goal: ${title}${dueOn === null ? "" : dueOn < on ? `, which was due on ${dueOn}` : `, by ${dueOn}`}.${nextStep === null ? "" : ` Next step: ${nextStep}.`}`,
          "goal",
          setOn,
          1,
        ),
      ),
      ...(achieved.length === 0
        ? []
        : [
            said(
              `Reached already: ${listed(achieved.map(({ title }) => title))}.`,
              "goal",
              achieved[0]!.setOn,
              achieved.length,
            ),
          ]),
    ],
  };
}

/** What a family can do about the work that comes next. */
export function upcomingPart({ upcoming }: Facts): Part {
  return {
    gap: "No work due in the next two weeks is recorded.",
    findings:
      upcoming.length === 0
        ? []
        : [
            said(
              `Due in the next two weeks: ${listed(upcoming.map(({ title, course, dueOn }) => `${title} in ${course} (${dueOn})`))}.`,
              "assignment",
              upcoming[0]!.dueOn,
              upcoming.length,
            ),
          ],
  };
}

/** What the school gives, and what was missed of it. */
export function interventionsPart({ interventions }: Facts): Part {
  return {
    gap: "No help beyond the lessons is recorded this year.",
    findings: interventions.map(({ name, given, missed, lastOn, isOpen }) =>
      said(
        `${name} ${isOpen ? "is under way" : "has ended"}: ${given + missed === 0 ? "no session is recorded yet" : `came ${given} times, missed ${missed}`}.`,
        "dose",
        lastOn,
        given + missed,
      ),
    ),
  };
}

/** Supports a teacher must know of, with what they ask of her. Meals and housing ask nothing of her, and are none of her business. */
export function supportsPart({ supports }: Facts): Part {
  const told = supports.filter(({ kind }) => supportWords[kind] !== undefined);
  return {
    gap: "No entitled support (such as an individual education program) is recorded as in force.",
    findings: told.map(({ kind, accommodations, on }) =>
      said(
        `${supportWords[kind]} in force${accommodations.length === 0 ? "; the record does not say which accommodations" : `: ${accommodations.join(", ")}`}.`,
        "support",
        on,
        1,
      ),
    ),
  };
}

const supportWords: Readonly<Record<string, string>> = {
  iep: "An individual education program",
  "504": "A section 504 plan",
  "english-learner": "Support for an English learner",
  gifted: "A gifted program",
};

/** Conduct this year. */
export function conductPart({ incidents }: Facts): Part {
  return {
    gap: "No incident is recorded this year; a school that reports none says nothing.",
    findings:
      incidents.count === 0
        ? []
        : [
            said(
              `Incidents of conduct this year: ${incidents.count}.`,
              "behavior_incident",
              incidents.on,
              incidents.count,
            ),
          ],
  };
}

const family = (by: string | null): boolean => /parent|guardian|family|mother|father/i.test(by ?? "");
const learner = (by: string | null): boolean => /student|learner/i.test(by ?? "");

const quoted = ({ text, by, subject, on }: NoteFact): Finding =>
  said(`${by ?? "Somebody"}${subject === null ? "" : `, ${subject}`} (${on}): "${text}"`, "narrative", on, 1);

/** What teachers wrote, newest first, word for word. */
export function teacherNotesPart({ notes }: Facts): Part {
  return {
    gap: "No other teacher has left a note.",
    findings: notes
      .filter(({ by }) => !family(by) && !learner(by))
      .slice(0, NOTES)
      .map(quoted),
  };
}

/** What the family wrote. */
export function familyNotesPart({ notes }: Facts): Part {
  return {
    gap: "What support there is at home is not known: the family has not written of it, and nothing else is taken as a sign of it.",
    findings: notes
      .filter(({ by }) => family(by))
      .slice(0, NOTES)
      .map(quoted),
  };
}
