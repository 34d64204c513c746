import { boolean, date, doublePrecision, index, pgTable, text } from "drizzle-orm/pg-core";
import { provenance, versionIndex } from "./provenance.ts";

/** A support a learner is entitled to: protected, audited, never a model input. */
export const support = pgTable(
  "support",
  {
    ...provenance(),
    personId: text("person_id").notNull(),
    kind: text("kind", {
      enum: ["iep", "504", "english-learner", "meals", "title-i", "homeless", "gifted", "other"],
    }).notNull(),
    kindRaw: text("kind_raw"),
    detail: text("detail"),
    accommodations: text("accommodations").array(),
    beginsOn: date("begins_on").notNull(),
    endsOn: date("ends_on"),
  },
  (table) => [versionIndex("support", table), index("support_person").on(table.tenantId, table.personId)],
);

/** Something a school does to help. */
export const intervention = pgTable(
  "intervention",
  {
    ...provenance(),
    intervention: text("intervention").notNull(),
    name: text("name").notNull(),
    kind: text("kind"),
    description: text("description"),
    minutesPerDose: doublePrecision("minutes_per_dose"),
  },
  (table) => [versionIndex("intervention", table)],
);

/** That a learner is to get an intervention, and why. */
export const interventionAssignment = pgTable(
  "intervention_assignment",
  {
    ...provenance(),
    personId: text("person_id").notNull(),
    intervention: text("intervention").notNull(),
    beginsOn: date("begins_on").notNull(),
    endsOn: date("ends_on"),
    reason: text("reason"),
    standard: text("standard"),
    group: text("group"),
    assignedBy: text("assigned_by"),
  },
  (table) => [
    versionIndex("intervention_assignment", table),
    index("intervention_assignment_person").on(table.tenantId, table.personId),
  ],
);

/** One time a learner got (or missed) an intervention. */
export const dose = pgTable(
  "dose",
  {
    ...provenance(),
    personId: text("person_id").notNull(),
    intervention: text("intervention").notNull(),
    onDate: date("on_date").notNull(),
    minutes: doublePrecision("minutes"),
    attended: boolean("attended"),
    deliveredBy: text("delivered_by"),
  },
  (table) => [versionIndex("dose", table), index("dose_person").on(table.tenantId, table.personId)],
);
