import type { AnswerAudience, Question } from "./answer.ts";
import type { Facts } from "./facts.ts";
import {
  attendancePart,
  collegePart,
  estimatePart,
  marksPart,
  metPart,
  peersPart,
  reasonsPart,
  strengthsPart,
  transcriptPart,
  unmetPart,
  weightiestPart,
  workPart,
} from "./parts.ts";
import {
  conductPart,
  familyNotesPart,
  goalsPart,
  interventionsPart,
  likingsPart,
  profilePart,
  settingsPart,
  supportsPart,
  teacherNotesPart,
  upcomingPart,
} from "./person-parts.ts";

const waysLiked = likingsPart(
  ["modality", "setting", "time-of-day"],
  "Nobody has said which ways of working, places or times of day this learner likes.",
);
const interests = likingsPart(["interest", "other"], "No interest is recorded: ask, and write it down.");
const settingsLiked = likingsPart(
  ["setting"],
  "Nobody has said whether this learner likes to work alone or with others.",
);

/** What a parent asks. */
const ofParents: readonly Question<Facts>[] = [
  {
    id: "on-track-to-graduate",
    asked: "Is my child on track to graduate?",
    needs: ["enrolment", "attendance", "grades"],
    parts: (facts) => [marksPart(facts), attendancePart(facts), transcriptPart(facts), estimatePart(facts)],
  },
  {
    id: "college",
    asked: "Is my child on track to attend college?",
    needs: ["goals", "grades"],
    parts: (facts) => [collegePart(facts), transcriptPart(facts)],
  },
  {
    id: "thriving",
    asked: "Where is my child thriving?",
    needs: ["grades", "practice", "achievements"],
    parts: (facts) => [strengthsPart(facts), metPart(facts)],
  },
  {
    id: "compared-with-peers",
    asked: "How does my child compare with peers?",
    needs: ["assessments"],
    parts: (facts) => [peersPart(facts)],
  },
  {
    id: "struggling",
    asked: "Where is my child struggling?",
    needs: ["enrolment", "grades", "practice"],
    parts: (facts) => [unmetPart(facts), workPart(facts), weightiestPart(facts)],
  },
  {
    id: "help-at-home",
    asked: "What helps at home?",
    needs: ["enrolment", "grades", "goals", "practice"],
    parts: (facts) => [upcomingPart(facts), unmetPart(facts), goalsPart(facts)],
  },
  {
    id: "environment",
    asked: "What environment works best for my child?",
    needs: ["practice", "goals"],
    parts: (facts) => [profilePart(facts), waysLiked(facts)],
  },
  {
    id: "get-involved",
    asked: "How do I get involved?",
    needs: ["enrolment", "goals", "supports", "narratives"],
    parts: (facts) => [goalsPart(facts), interventionsPart(facts), teacherNotesPart(facts)],
  },
];

/** What a teacher asks on her first day with a learner. */
const ofTeachers: readonly Question<Facts>[] = [
  {
    id: "environment",
    asked: "In what environment does this learner work best?",
    needs: ["practice", "goals"],
    parts: (facts) => [profilePart(facts), waysLiked(facts)],
  },
  {
    id: "standards-met",
    asked: "Which standards are met, and which are not?",
    needs: ["grades", "practice"],
    parts: (facts) => [metPart(facts), unmetPart(facts)],
  },
  {
    id: "goals",
    asked: "What are this learner's goals?",
    needs: ["goals"],
    parts: (facts) => [goalsPart(facts)],
  },
  {
    id: "support-at-home",
    asked: "What support is there at home?",
    needs: ["narratives"],
    parts: (facts) => [familyNotesPart(facts)],
  },
  {
    id: "alone-or-with-peers",
    asked: "Does this learner work better alone or with peers?",
    needs: ["practice", "goals"],
    parts: (facts) => [settingsPart(facts), settingsLiked(facts)],
  },
  {
    id: "interests",
    asked: "What is this learner interested in?",
    needs: ["goals"],
    parts: (facts) => [interests(facts)],
  },
  {
    id: "flags",
    asked: "What should I watch for?",
    needs: ["enrolment", "attendance", "behavior", "supports"],
    parts: (facts) => [
      supportsPart(facts),
      attendancePart(facts),
      conductPart(facts),
      interventionsPart(facts),
      estimatePart(facts),
      reasonsPart(facts),
    ],
  },
  {
    id: "other-teachers",
    asked: "What have other teachers noted?",
    needs: ["narratives"],
    parts: (facts) => [teacherNotesPart(facts)],
  },
];

/** The table of questions: who asks what, from which kinds of data, and which parts an answer has. */
export const questions: Readonly<Record<AnswerAudience, readonly Question<Facts>[]>> = {
  parent: ofParents,
  teacher: ofTeachers,
};
