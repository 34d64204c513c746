import type { Command } from "commander";
import { registerAccesses } from "./accesses.ts";
import { registerAlerts } from "./alerts.ts";
import { registerBackpack } from "./backpack.ts";
import { registerConsent } from "./consent.ts";
import { registerCredential } from "./credential.ts";
import { registerImportCredentials } from "./credential-import.ts";
import { registerDemo } from "./demo.ts";
import { registerDisclosures } from "./disclosures.ts";
import { registerErase } from "./erase.ts";
import { registerRetention } from "./erase-retention.ts";
import { registerEvaluate } from "./evaluate/index.ts";
import { registerExport } from "./export.ts";
import { registerFeatures } from "./features.ts";
import { registerIdentity } from "./identity.ts";
import { registerImport } from "./import.ts";
import { registerImportEdFi } from "./import-edfi.ts";
import { registerFrameworks } from "./import-frameworks.ts";
import { registerJobs } from "./jobs.ts";
import { registerKeys } from "./keys.ts";
import { registerMastery } from "./mastery.ts";
import { registerMigrate } from "./migrate.ts";
import { registerModels } from "./models.ts";
import { registerMonitor } from "./monitor.ts";
import { registerOutcomes } from "./outcomes.ts";
import { registerPlaylist } from "./playlist.ts";
import { registerRanking } from "./ranking.ts";
import { registerRights } from "./rights.ts";
import { registerScore } from "./score.ts";
import { registerServe } from "./serve.ts";
import { registerSnapshot } from "./snapshot.ts";
import { registerStudy } from "./study.ts";
import { registerTrain } from "./train.ts";
import { registerWorker } from "./worker.ts";

/** Every command, in the order the data goes. */
export const commands: readonly ((program: Command) => void)[] = [
  registerDemo,
  registerImport,
  registerImportEdFi,
  registerFrameworks,
  registerExport,
  registerImportCredentials,
  registerCredential,
  registerBackpack,
  registerIdentity,
  registerConsent,
  registerDisclosures,
  registerAccesses,
  registerRights,
  registerErase,
  registerRetention,
  registerSnapshot,
  registerFeatures,
  registerOutcomes,
  registerTrain,
  registerScore,
  registerPlaylist,
  registerRanking,
  registerModels,
  registerMonitor,
  registerMastery,
  registerAlerts,
  registerEvaluate,
  registerStudy,
  registerKeys,
  registerServe,
  registerWorker,
  registerJobs,
  registerMigrate,
];
