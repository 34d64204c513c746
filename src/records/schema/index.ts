/** The tables of the learner record, by subject. */
export * from "./accesses.ts";
export * from "./alerts.ts";
export * from "./derived.ts";
export * from "./evidence.ts";
export * from "./families.ts";
export * from "./frameworks.ts";
export * from "./monitoring.ts";
export * from "./people.ts";
export * from "./playlists.ts";
export * from "./profile.ts";
export * from "./requests.ts";
export * from "./school.ts";
export * from "./supports.ts";
export * from "./tenant.ts";
export * from "./transcript.ts";
