import type { Release } from "../../../src/records/disclosure/release.ts";

/** A release on the school's own basis, in which nobody is left out. */
export const toVendor: Release = {
  purpose: "school-use",
  party: "Gradebook Inc.",
  requester: "registrar",
  interest: "the district's gradebook",
  now: new Date("2026-07-02T09:00:00Z"),
};
