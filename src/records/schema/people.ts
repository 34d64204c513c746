import { boolean, date, index, pgTable, primaryKey, text, timestamp, uniqueIndex } from "drizzle-orm/pg-core";
import { provenance, versionIndex } from "./provenance.ts";

/** A human being. Names live in this table and nowhere else. */
export const person = pgTable(
  "person",
  {
    ...provenance(),
    personId: text("person_id").notNull(),
    givenName: text("given_name"),
    familyName: text("family_name"),
    preferredGivenName: text("preferred_given_name"),
    preferredFamilyName: text("preferred_family_name"),
    username: text("username"),
    email: text("email"),
    grade: text("grade"),
    gradeRaw: text("grade_raw"),
    enabled: boolean("enabled"),
  },
  (table) => [versionIndex("person", table), index("person_by_id").on(table.tenantId, table.personId)],
);

/** What a system calls a person. The same value of a naming system is the same person. */
export const identifier = pgTable(
  "identifier",
  {
    ...provenance(),
    system: text("system").notNull(),
    value: text("value").notNull(),
    personId: text("person_id").notNull(),
  },
  (table) => [
    versionIndex("identifier", table),
    index("identifier_value").on(table.tenantId, table.system, table.value),
    index("identifier_person").on(table.tenantId, table.personId),
  ],
);

/** What a person is in an organisation: student, teacher, counselor … */
export const personRole = pgTable(
  "person_role",
  {
    ...provenance(),
    personId: text("person_id").notNull(),
    orgKey: text("org_key"),
    role: text("role").notNull(),
    roleRaw: text("role_raw"),
    primaryRole: boolean("primary_role"),
    beginsOn: date("begins_on"),
    endsOn: date("ends_on"),
  },
  (table) => [versionIndex("person_role", table), index("person_role_person").on(table.tenantId, table.personId)],
);

/** Protected attributes: audited, never model inputs. Race values are kept apart, as the source gives them. */
export const demographics = pgTable(
  "demographics",
  {
    ...provenance(),
    personId: text("person_id").notNull(),
    birthDate: date("birth_date"),
    sex: text("sex"),
    americanIndianOrAlaskaNative: boolean("american_indian_or_alaska_native"),
    asian: boolean("asian"),
    blackOrAfricanAmerican: boolean("black_or_african_american"),
    nativeHawaiianOrOtherPacificIslander: boolean("native_hawaiian_or_other_pacific_islander"),
    white: boolean("white"),
    twoOrMoreRaces: boolean("two_or_more_races"),
    hispanicOrLatino: boolean("hispanic_or_latino"),
  },
  (table) => [versionIndex("demographics", table), index("demographics_person").on(table.tenantId, table.personId)],
);

/** Who may decide for a learner, until the right passes to the learner. */
export const guardianship = pgTable(
  "guardianship",
  {
    ...provenance(),
    personId: text("person_id").notNull(),
    guardianId: text("guardian_id").notNull(),
    relation: text("relation"),
    /** Whether the guardian holds the rights to the record; a court may have taken them away. */
    holdsRights: boolean("holds_rights"),
    beginsOn: date("begins_on"),
    endsOn: date("ends_on"),
  },
  (table) => [
    versionIndex("guardianship", table),
    index("guardianship_person").on(table.tenantId, table.personId),
    index("guardianship_guardian").on(table.tenantId, table.guardianId),
  ],
);

/** The random code that stands for a person in one purpose; never derived from personal information (34 CFR 99.31(b)). */
export const pseudonym = pgTable(
  "pseudonym",
  {
    tenantId: text("tenant_id").notNull(),
    purpose: text("purpose").notNull(),
    personId: text("person_id").notNull(),
    code: text("code").notNull(),
    createdAt: timestamp("created_at", { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.purpose, table.personId] }),
    uniqueIndex("pseudonym_code").on(table.tenantId, table.code),
  ],
);
