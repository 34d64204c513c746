import type { Role } from "../engine/access/keys.ts";

/**
 * Whose learners a role opens on a route that shows any: the district's, those of a counselor's caseload (with a key of the office
 * the district's), of a teacher's sections, a family's own. Enforced by the engine, held by tests that are drawn from this table.
 */
export const scopes = {
  platform: "district",
  operator: "district",
  counselor: "caseload",
  teacher: "sections",
  family: "children",
} as const satisfies Readonly<Record<Role, string>>;

/**
 * Whom an answer shows, which is whom its line in the log of accesses is about: nobody; the learner that the address, the query,
 * the body or its wish for a next list names; the learner of the alert in the answer; or those of a list, whom the handler names.
 */
export type Shows = "nobody" | "address" | "query" | "body" | "next" | "alert" | "list";

/** What the table says of a route. */
export interface RouteRule {
  readonly roles: readonly Role[];
  readonly shows: Shows;
  /** What for, in the words of docs/privacy.md; a family's is always `own-access`. */
  readonly purpose: string;
}

const counselors = ["counselor", "operator"] as const;
const platforms = ["platform", "operator"] as const;
const deciders = ["teacher", "platform", "operator"] as const; // a teacher decides about the learners of her sections
const families = ["family", "operator"] as const; // the office records what a family signed on paper
const own = ["family"] as const;
const office = ["operator"] as const;

const nobody = { shows: "nobody", purpose: "none" } as const;
const risk = "early-warning";
const school = "school-use";

/** Route × role × scope (see {@link scopes}) × whom it shows: the one table the routes are guarded and logged by. */
export const routeTable = {
  "GET /v1/rankings": { roles: counselors, shows: "list", purpose: risk },
  "GET /v1/rankings/thriving": { roles: counselors, shows: "list", purpose: risk },
  "GET /v1/models": { roles: counselors, ...nobody },
  "GET /v1/models/{modelId}": { roles: counselors, ...nobody },
  "GET /v1/monitoring": { roles: counselors, ...nobody },
  "GET /v1/outcomes": { roles: counselors, ...nobody },
  "POST /v1/outcomes": { roles: office, ...nobody },
  "GET /v1/interventions": { roles: counselors, shows: "query", purpose: school },
  "POST /v1/interventions": { roles: counselors, ...nobody },
  "GET /v1/playlists/{learner}": { roles: platforms, shows: "address", purpose: "playlist" },
  "POST /v1/playlists": { roles: platforms, shows: "body", purpose: "playlist" },
  "GET /v1/playlists/{learner}/overrides": { roles: deciders, shows: "address", purpose: "playlist" },
  "POST /v1/playlists/{learner}/overrides": { roles: deciders, shows: "address", purpose: "playlist" },
  "POST /v1/playlists/{learner}/overrides/{key}/withdraw": { roles: deciders, shows: "address", purpose: "playlist" },
  "POST /v1/responses": { roles: platforms, shows: "next", purpose: "playlist" },
  "POST /v1/jobs": { roles: office, ...nobody },
  "GET /v1/jobs/{jobId}": { roles: office, ...nobody },
  "GET /v1/jobs/{jobId}/events": { roles: office, ...nobody },
  "POST /v1/jobs/{jobId}/cancel": { roles: office, ...nobody },
  "GET /v1/learners/{learner}/standards": {
    roles: ["teacher", "counselor", "family", "platform", "operator"],
    shows: "address",
    purpose: school,
  },
  // Each in its own words.
  "GET /v1/alerts": { roles: ["teacher", "counselor", "family", "operator"], shows: "list", purpose: risk },
  "GET /v1/alerts/digest": { roles: ["teacher", "counselor", "family", "operator"], shows: "list", purpose: risk },
  "POST /v1/alerts/{alertId}/steps": { roles: ["teacher", "counselor", "operator"], shows: "alert", purpose: risk },
  "GET /v1/groups": { roles: ["teacher"], shows: "list", purpose: school },
  "GET /v1/learners/{learner}/answers": {
    roles: ["family", "teacher", "counselor"],
    shows: "address",
    purpose: school,
  },
  "GET /v1/learners/{learner}/accesses": { roles: families, shows: "address", purpose: "audit" },
  "GET /v1/families/learners": { roles: own, shows: "list", purpose: school },
  "GET /v1/families/{learner}/choices": { roles: families, shows: "address", purpose: school },
  "POST /v1/families/{learner}/choices": { roles: families, shows: "address", purpose: school },
  "POST /v1/families/{learner}/choices/{key}/withdraw": { roles: families, shows: "address", purpose: school },
  "POST /v1/families/{learner}/preview": { roles: families, shows: "address", purpose: school },
  "GET /v1/families/{learner}/disclosures": { roles: families, shows: "address", purpose: school },
  "GET /v1/families/{learner}/cases": { roles: families, shows: "address", purpose: school },
  "GET /v1/families/{learner}/export": { roles: own, shows: "address", purpose: school },
  "POST /v1/families/{learner}/amendments": { roles: own, shows: "address", purpose: school },
  "POST /v1/families/{learner}/amendments/{caseId}/statement": { roles: own, shows: "address", purpose: school },
  "POST /v1/families/{learner}/access-requests": { roles: own, shows: "address", purpose: school },
  "POST /v1/families/{learner}/directory-opt-out": { roles: families, shows: "address", purpose: school },
  "GET /v1/families/cases": { roles: office, shows: "list", purpose: school },
  "POST /v1/families/cases/{caseId}/steps": { roles: office, ...nobody },
  "POST /v1/families/cases/{caseId}/answer": { roles: office, ...nobody },
} as const satisfies Readonly<Record<string, RouteRule>>;

/** A route of the table. */
export type GuardedRoute = keyof typeof routeTable;
