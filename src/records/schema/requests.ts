import { boolean, customType, index, integer, pgTable, primaryKey, text, timestamp } from "drizzle-orm/pg-core";

const bytea = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => "bytea" });

/**
 * A request that came with an Idempotency-Key, so that sending it again does nothing twice. Of the key and the body only hashes are
 * kept, and the answer is sealed with a secret drawn from the key, which is not kept: nobody reads a learner's name here. Rows go
 * after a day; answers go at once when somebody is erased or a family decides (triggers of migration 0024).
 */
export const idempotentRequest = pgTable(
  "idempotent_request",
  {
    tenantId: text("tenant_id").notNull(),
    /** SHA-256 of who sent it and the key. */
    lookup: text("lookup").notNull(),
    /** The pattern of the route, without the learner it names. */
    route: text("route").notNull(),
    /** HMAC of method, address and body under the key. */
    fingerprint: text("fingerprint").notNull(),
    /** HTTP status; null while the request is under way, or when its process ended first. */
    status: integer("status"),
    answer: bytea("answer"),
    /** An answer that was made from records as they were before an erasure or a decision is not kept. */
    isWithheld: boolean("is_withheld").notNull().default(false),
    startedAt: timestamp("started_at", { withTimezone: true }).notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.lookup] }),
    index("idempotent_request_age").on(table.tenantId, table.startedAt),
  ],
);
