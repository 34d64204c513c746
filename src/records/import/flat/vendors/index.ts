import type { ColumnProfile } from "../column-profile.ts";
import { adaptiveProfiles } from "./adaptive.ts";
import { behaviorScreenerProfiles } from "./behavior.ts";
import { cogatProfiles } from "./cogat.ts";
import { collegeProfiles } from "./college.ts";
import { earlyLiteracyProfiles } from "./early-literacy.ts";
import { fastBridgeProfiles } from "./fast-bridge.ts";
import { schoolSystemProfiles } from "./school-systems.ts";
import { starProfiles } from "./star.ts";
import { stateProfiles } from "./state.ts";

/** The column profiles that ship with cairn: which column of a vendor's file is which field. */
export const vendorProfiles: readonly ColumnProfile[] = [
  ...adaptiveProfiles,
  ...starProfiles,
  ...fastBridgeProfiles,
  ...earlyLiteracyProfiles,
  ...stateProfiles,
  ...collegeProfiles,
  ...cogatProfiles,
  ...behaviorScreenerProfiles,
  ...schoolSystemProfiles,
];
