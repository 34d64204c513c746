import type { ColumnProfile } from "../column-profile.ts";
import { adaptiveProfiles } from "./adaptive.ts";
import { behaviorScreenerProfiles } from "./behavior.ts";
import { cogatProfiles } from "./cogat.ts";
import { earlyLiteracyProfiles } from "./early-literacy.ts";
import { fastBridgeProfiles } from "./fast-bridge.ts";
import { schoolSystemProfiles } from "./school-systems.ts";
import { starProfiles } from "./star.ts";
import { stateAndCollegeProfiles } from "./state-and-college.ts";

/** The column profiles that ship with cairn: which column of a vendor's file is which field. */
export const vendorProfiles: readonly ColumnProfile[] = [
  ...adaptiveProfiles,
  ...starProfiles,
  ...fastBridgeProfiles,
  ...earlyLiteracyProfiles,
  ...stateAndCollegeProfiles,
  ...cogatProfiles,
  ...behaviorScreenerProfiles,
  ...schoolSystemProfiles,
];
