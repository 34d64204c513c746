import { index, integer, pgTable, primaryKey, text, timestamp } from "drizzle-orm/pg-core";

/**
 * That somebody was shown learners, or asked for one and was refused: when, who, by which route, what for. It says nothing of a
 * learner, so it stays when one of them is erased: that an access took place.
 */
export const learnerAccess = pgTable(
  "learner_access",
  {
    tenantId: text("tenant_id").notNull(),
    accessId: text("access_id").notNull(),
    at: timestamp("at", { withTimezone: true }).notNull(),
    /** Which key (the first 16 hex digits of its hash), or the subject of a token that is no person of the record. */
    credential: text("credential"),
    /** The person of the record who asked; gone once she is erased herself (trigger of migration 0026). */
    readerId: text("reader_id"),
    role: text("role").notNull(),
    /** Method and pattern of the route, without the learner it names. */
    route: text("route").notNull(),
    purpose: text("purpose").notNull(),
    /** shown, or refused: another's learner, or one who is kept back. */
    outcome: text("outcome").notNull(),
    /** How many learners were shown or asked for; null where the answer does not say of whom it is. */
    learners: integer("learners"),
    /** The run a ranking or a list came from. */
    runId: text("run_id"),
    /** Joins the line to the log of the service. */
    requestId: text("request_id").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.accessId] }),
    index("learner_access_latest").on(table.tenantId, table.at),
  ],
);

/** Of whom an access was. These rows go with the learner's record. */
export const learnerAccessed = pgTable(
  "learner_accessed",
  {
    tenantId: text("tenant_id").notNull(),
    personId: text("person_id").notNull(),
    accessId: text("access_id").notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.personId, table.accessId] })],
);
