import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Configuration, StoreConfiguration } from "../configuration.ts";
import type { Database } from "../records/database.ts";
import { connectDatabase, migrateDatabase } from "../records/database.ts";
import { startEmbeddedServer } from "../records/embedded-server.ts";
import { openS3 } from "../records/store/s3.ts";
import { shareFolder } from "../records/store/shared.ts";
import type { TokenIssuer } from "./access/oidc.ts";
import { openIssuer } from "./access/oidc.ts";
import type { ReportProgress } from "./progress.ts";
import { silent } from "./progress.ts";

/** An open cairn: the record store and the folders of everything that is named by its hash. */
export interface Cairn {
  readonly database: Database;
  /** The record store's address; the queue lives there too unless there is a Redis. */
  readonly databaseUrl: string;
  /** Where the records lie, in words for a person: a folder, or whose server it is. Never the address: it holds a password. */
  readonly recordsAt: string;
  readonly folders: { readonly snapshots: string; readonly matrices: string; readonly artifacts: string };
  /** Whose tokens people may sign in with; without one only keys are let in. */
  readonly issuer?: TokenIssuer;
  /** The clock, so that tests can hold it still. */
  readonly now: () => Date;
  /** Closes connections, and the embedded server when this process started it. */
  close(): Promise<void>;
}

/**
 * Opens the record store (an embedded server in `home` unless the configuration names one) and brings its schema up to date.
 * With a store that machines share, the folders of `home` become copies of it.
 * @throws CairnError `UNAVAILABLE` when the database or the store does not answer, `BAD_CONFIGURATION` when the server may not be started here, or
 * the store has no such bucket or does not know the key
 */
export async function openCairn(
  configuration: Configuration,
  { onProgress = silent, now = () => new Date() }: { onProgress?: ReportProgress; now?: () => Date } = {},
): Promise<Cairn> {
  const folders = {
    snapshots: join(configuration.home, "snapshots"),
    matrices: join(configuration.home, "matrices"),
    artifacts: join(configuration.home, "artifacts"),
  };
  for (const folder of Object.values(folders)) await mkdir(folder, { recursive: true });
  const unshare = configuration.store === undefined ? [] : await shareFolders(folders, configuration.store);
  onProgress("opening the record store", 0);
  const server =
    configuration.databaseUrl === undefined
      ? await startEmbeddedServer({ folder: join(configuration.home, "postgres") })
      : undefined;
  const databaseUrl = configuration.databaseUrl ?? server!.url;
  const database = connectDatabase(databaseUrl);
  try {
    await migrateDatabase(database);
  } catch (error) {
    await database.close();
    await server?.stop();
    throw error;
  }
  onProgress("opening the record store", 1);
  return {
    database,
    databaseUrl,
    recordsAt: server === undefined ? "the PostgreSQL of DATABASE_URL" : server.folder,
    folders,
    ...(configuration.oidc === undefined ? {} : { issuer: openIssuer(configuration.oidc) }),
    now,
    close: async () => {
      for (const takeBack of unshare) takeBack();
      await database.close();
      await server?.stop();
    },
  };
}

/** Makes each folder a copy of its part of the store, which is asked once whether it opens. */
async function shareFolders(folders: Cairn["folders"], settings: StoreConfiguration): Promise<(() => void)[]> {
  await openS3(settings).check();
  return Object.entries(folders).map(([name, folder]) => {
    const prefix = settings.prefix === "" ? name : `${settings.prefix}/${name}`;
    return shareFolder(folder, openS3({ ...settings, prefix }));
  });
}
