import { type Command, Option } from "commander";
import { prepareRiskFeatures } from "../../engine/early-warning/prepare.ts";
import { requireTenant } from "../../engine/intake/tenants.ts";
import { buildWeeklyPanel } from "../../engine/panels/weekly-panel.ts";
import { CairnError } from "../../errors.ts";
import { type Context, createContext } from "../context.ts";
import { asOfOption, jsonOption, tenantOption } from "../options.ts";

interface Options {
  asOf: string;
  weekly?: boolean;
  from?: string;
  to?: string;
  tenant: string;
  json?: boolean;
}

/** A day that is read as the one of `--as-of` is. */
const dayOption = (flags: string, description: string): Option =>
  new Option(flags, description).argParser(asOfOption().parseArg!);

/** `cairn features`: the matrix of the learners to score, as of a day, or the panel of all weeks. */
export function registerFeatures(program: Command): void {
  program
    .command("features")
    .description(
      "build the feature matrix of every enrolled learner as of a day (Parquet; docs/features.md says what each column is)",
    )
    .addOption(asOfOption().makeOptionMandatory())
    .option("--weekly", "the whole panel: every learner at the end of every week, each as of its own day")
    .addOption(
      dayOption("--from <day>", "with --weekly: no week ends before this day (default: the school year's first)"),
    )
    .addOption(dayOption("--to <day>", "with --weekly: the last week ends on this day (default: the day of --as-of)"))
    .addOption(tenantOption())
    .addOption(jsonOption())
    .action(async (options: Options) => {
      const context = createContext({ json: options.json ?? false });
      if (options.weekly !== true && (options.from ?? options.to) !== undefined) {
        throw new CairnError("BAD_INPUT", "expected --from and --to with --weekly, got them alone", {
          hint: "add --weekly for a panel, or leave them out for one day",
        });
      }
      await (options.weekly === true ? describePanel(context, options) : describeMatrix(context, options));
    });
}

async function describeMatrix(context: Context, { asOf, tenant }: Options): Promise<void> {
  const { snapshotId, path, tables } = await context.withCairn(async (cairn) =>
    prepareRiskFeatures(cairn, await requireTenant(cairn, tenant), asOf, context.onProgress),
  );
  const { matrix, catalogVersion } = tables.current;
  const columns = matrix.columns.map((column) => ({
    name: column.name,
    missing: column.values.reduce((total, value) => total + (Number.isNaN(value) ? 1 : 0), 0),
  }));
  context.say(
    `${matrix.rows} learners × ${columns.length} features (catalog ${catalogVersion}, snapshot ${snapshotId})`,
  );
  for (const { name, missing } of columns) context.say(`  ${name}: ${matrix.rows - missing} known, ${missing} missing`);
  context.say(`stored in ${path}`);
  context.answer({ rows: matrix.rows, columns, catalogVersion, snapshotId, path });
}

async function describePanel(context: Context, { asOf, from, to, tenant }: Options): Promise<void> {
  const panel = await context.withCairn(async (cairn) =>
    buildWeeklyPanel(
      cairn,
      await requireTenant(cairn, tenant),
      { asOf, signal: context.signal, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) },
      context.onProgress,
    ),
  );
  const { rows, days, files, catalogVersion, snapshotId, path } = panel;
  context.say(`${rows} rows: every learner at the end of each of ${days.length} weeks, ${days[0]} to ${days.at(-1)}`);
  context.say(`catalog ${catalogVersion}, snapshot ${snapshotId}`);
  for (const { file, rows: own } of files) context.say(`  ${file}: ${own} rows`);
  context.say(`stored in ${path}`);
  context.answer(panel);
}
