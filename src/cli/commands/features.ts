import type { Command } from "commander";
import { prepareRiskFeatures } from "../../engine/early-warning/prepare.ts";
import { requireTenant } from "../../engine/intake/tenants.ts";
import { createContext } from "../context.ts";
import { asOfOption, jsonOption, tenantOption } from "../options.ts";

/** `cairn features`: the matrix of the learners to score, as of a day. */
export function registerFeatures(program: Command): void {
  program
    .command("features")
    .description(
      "build the feature matrix of every enrolled learner as of a day (Parquet; docs/features.md says what each column is)",
    )
    .addOption(asOfOption().makeOptionMandatory())
    .addOption(tenantOption())
    .addOption(jsonOption())
    .action(async (options: { asOf: string; tenant: string; json?: boolean }) => {
      const context = createContext({ json: options.json ?? false });
      const { snapshotId, path, tables } = await context.withCairn(async (cairn) =>
        prepareRiskFeatures(cairn, await requireTenant(cairn, options.tenant), options.asOf, context.onProgress),
      );
      const { matrix, catalogVersion } = tables.current;
      const columns = matrix.columns.map((column) => ({
        name: column.name,
        missing: column.values.reduce((total, value) => total + (Number.isNaN(value) ? 1 : 0), 0),
      }));
      context.say(
        `${matrix.rows} learners × ${columns.length} features (catalog ${catalogVersion}, snapshot ${snapshotId})`,
      );
      for (const { name, missing } of columns)
        context.say(`  ${name}: ${matrix.rows - missing} known, ${missing} missing`);
      context.say(`stored in ${path}`);
      context.answer({ rows: matrix.rows, columns, catalogVersion, snapshotId, path });
    });
}
