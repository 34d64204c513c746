/** The tables of the learner record, by subject. */
export * from "./derived.ts";
export * from "./evidence.ts";
export * from "./people.ts";
export * from "./school.ts";
export * from "./tenant.ts";
