import type { Row, RowProblem } from "../core/row.ts";
import { shown } from "../core/row.ts";
import type { Target } from "../core/targets.ts";
import { readNumber } from "../core/values.ts";
import type { CellRule, ColumnProfile, RowRule } from "./column-profile.ts";
import { readByPattern } from "./date-pattern.ts";
import type { FlatContext, FlatProfile, FlatRecord } from "./profile.ts";
import type { FlatProfileName } from "./profiles.ts";
import { flatProfiles } from "./profiles.ts";

/** A cell rule, ready: the column refusals name, and what the row says. */
interface CompiledCell {
  readonly cell: string;
  /** The first column of the file it comes from; the flat file's own where it comes from none. */
  readonly from: string;
  readonly columns: readonly string[];
  readonly read: (row: Row, context: FlatContext) => string;
}

/** The column that stands for the day the file speaks of, which its rows do not say. */
const dateOfFile = "@date";

interface CompiledRule {
  readonly profile: FlatProfile;
  readonly cells: readonly CompiledCell[];
  readonly needs: readonly string[] | undefined;
  readonly when: readonly (readonly [string, ReadonlySet<string>])[];
  readonly keeps: (column: string) => boolean;
  readonly hasKept: boolean;
  readonly knownAtReceipt: boolean;
}

/** A column profile as code. Its rows become rows of cairn's own flat files and are checked as those are. */
export function compileProfile(profile: ColumnProfile): FlatProfile {
  const rules = profile.rows.flatMap(expanded).map(compileRule);
  const columns = new Set(profile.required);
  const extensions = new Set<string>();
  for (const rule of rules) {
    for (const column of [...rule.cells.flatMap((cell) => cell.columns), ...(rule.needs ?? [])]) columns.add(column);
    for (const [column] of rule.when) columns.add(column);
  }
  for (const pattern of profile.rows.flatMap((rule) => rule.keeps ?? [])) {
    if (pattern.endsWith("*")) extensions.add(pattern.slice(0, -1));
    else columns.add(pattern);
  }
  const targets = new Map<string, Target>();
  for (const rule of rules) {
    for (const target of rule.profile.targets ?? [rule.profile.target]) targets.set(target.table, named(target, rule));
  }
  return {
    label: `${profile.name}@${profile.version}`,
    target: rules[0]!.profile.target,
    targets: [...targets.values()],
    columns: [...columns].filter((column) => column !== dateOfFile),
    needsDate: rules.some((rule) => rule.cells.some((cell) => cell.columns.length === 1 && cell.from === dateOfFile)),
    required: profile.required,
    ...(profile.format === undefined ? {} : { format: profile.format }),
    exact: true,
    extensions: [...extensions],
    read: (row, context) => rules.flatMap((rule) => readRule(rule, row, context)),
  };
}

/** A target whose refusals name the column of the foreign file. */
function named(target: Target, rule: CompiledRule): Target {
  const source = (cell: string): string => rule.cells.find((one) => one.cell === cell)?.from ?? cell;
  return {
    ...target,
    ...(target.person === undefined ? {} : { person: { cell: source(target.person.cell) } }),
    ...(target.references === undefined
      ? {}
      : { references: target.references.map((reference) => ({ ...reference, cell: source(reference.cell) })) }),
  };
}

function readRule(rule: CompiledRule, row: Row, context: FlatContext): readonly FlatRecord[] {
  if (row.problem !== undefined) return [];
  if (rule.needs?.every((column) => row.text(column) === null)) return [];
  for (const [column, words] of rule.when) if (!words.has(row.text(column)?.toLowerCase() ?? "")) return [];
  const cells = new Map<string, string>();
  for (const cell of rule.cells) cells.set(cell.cell, cell.read(row, context));
  if (rule.hasKept) cells.set("scores", kept(rule, row));
  if (row.problem !== undefined) return [];
  const mapped = row.withCells(cells);
  const records = rule.profile.read(mapped, context);
  if (mapped.problem !== undefined) {
    refuse(rule, row, mapped.problem);
    return [];
  }
  return (Array.isArray(records) ? records : [records as FlatRecord]).map((record) => ({
    ...record,
    target: record.target ?? rule.profile.target,
    ...(rule.knownAtReceipt ? { ownDate: null } : {}),
  }));
}

/** The problem of a mapped row, told of the column of the file that is behind it. */
function refuse(rule: CompiledRule, row: Row, { column, code, reason }: RowProblem): void {
  const cell = rule.cells.find((one) => one.cell === column);
  if (cell === undefined) row.fail(column, code, reason);
  else if (code === "MISSING") {
    const empty = cell.columns.find((one) => row.text(one) === null) ?? cell.from;
    row.fail(empty, code, `expected a value in ${empty} for ${column}, got an empty cell`);
  } else row.fail(cell.from, code, cell.from === column ? reason : `${reason} (for ${column})`);
}

function kept(rule: CompiledRule, row: Row): string {
  const scores: Record<string, string> = {};
  for (const column of row.columns) {
    const cell = rule.keeps(column) ? row.text(column) : null;
    if (cell !== null) scores[column] = cell;
  }
  return Object.keys(scores).length === 0 ? "" : JSON.stringify(scores);
}

/** The rule once for each combination of its lists. */
function expanded(rule: RowRule): RowRule[] {
  let names: Record<string, string>[] = [{}];
  for (const list of rule.each ?? []) names = names.flatMap((known) => list.map((entry) => ({ ...known, ...entry })));
  const { each: _, ...rest } = rule;
  return names.map((values) => substituted(rest, values) as RowRule);
}

/** `{name}` in every text replaced by its value; names that are not given stay, for columns in a text. */
function substituted(value: unknown, names: Readonly<Record<string, string>>): unknown {
  if (typeof value === "string") return value.replace(/\{(\w+)\}/g, (whole, name: string) => names[name] ?? whole);
  if (Array.isArray(value)) return value.map((item) => substituted(item, names));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [substituted(key, names), substituted(item, names)]),
  );
}

function compileRule(rule: RowRule): CompiledRule {
  const keeps = rule.keeps ?? [];
  const exact = new Set(keeps);
  const prefixes = keeps.filter((pattern) => pattern.endsWith("*")).map((pattern) => pattern.slice(0, -1));
  return {
    profile: flatProfiles[rule.into as FlatProfileName],
    cells: Object.entries(rule.cells).map(([cell, how]) =>
      compileCell(cell, typeof how === "string" ? { column: how } : how),
    ),
    needs: rule.needs,
    when: Object.entries(rule.when ?? {}).map(([column, words]) => [
      column,
      new Set(words.map((word) => word.toLowerCase())),
    ]),
    keeps: (column) => exact.has(column) || prefixes.some((prefix) => column.startsWith(prefix)),
    hasKept: keeps.length > 0,
    knownAtReceipt: rule.known === "at-receipt",
  };
}

function compileCell(cell: string, rule: CellRule): CompiledCell {
  const columns = columnsOf(rule);
  const from = columns[0] ?? cell;
  const steps = [
    splitter(rule),
    stripper(rule),
    dater(rule, from),
    worder(rule, from),
    bander(rule, from),
    scaler(rule),
  ];
  const change = steps.filter((step) => step !== undefined);
  const source = reader(rule, columns);
  return {
    cell,
    from,
    columns,
    read(row, context) {
      let text = source(row, context);
      for (const step of change) if (text !== "" && row.problem === undefined) text = step(text, row);
      return text;
    },
  };
}

function columnsOf({ column, text }: CellRule): readonly string[] {
  if (text !== undefined) return [...text.matchAll(/\{([^}]+)\}/g)].map((match) => match[1]!);
  return column === undefined ? [] : typeof column === "string" ? [column] : column;
}

function reader(rule: CellRule, columns: readonly string[]): (row: Row, context: FlatContext) => string {
  const { value, text, slice } = rule;
  if (value !== undefined) return () => value;
  if (slice !== undefined) {
    // By place: blanks at the beginning count, so the cell is taken as it stands.
    return (row) =>
      row
        .cell(columns[0]!)
        ?.slice(slice[0] - 1, slice[1])
        .trim() ?? "";
  }
  const said = (row: Row, context: FlatContext, column: string): string | null =>
    column === dateOfFile ? (context.date ?? null) : row.text(column);
  if (text === undefined) {
    return (row, context) => {
      for (const column of columns) {
        const cell = said(row, context, column);
        if (cell !== null) return cell;
      }
      return "";
    };
  }
  return (row, context) => {
    if (columns.some((column) => said(row, context, column) === null)) return "";
    return text.replace(/\{([^}]+)\}/g, (_, column: string) => said(row, context, column)!);
  };
}

type Step = ((text: string, row: Row) => string) | undefined;

function splitter({ split }: CellRule): Step {
  return split === undefined ? undefined : (text) => text.split(split.by)[split.part]?.trim() ?? "";
}

function stripper({ strip }: CellRule): Step {
  if (strip === undefined) return undefined;
  const off = new Set(strip);
  return (text) => {
    let [from, to] = [0, text.length];
    while (from < to && off.has(text[from]!)) from += 1;
    while (to > from && off.has(text[to - 1]!)) to -= 1;
    return text.slice(from, to).trim();
  };
}

function dater({ date }: CellRule, from: string): Step {
  if (date === undefined) return undefined;
  const patterns = typeof date === "string" ? [date] : date;
  return (text, row) => {
    for (const pattern of patterns) {
      const day = readByPattern(text, pattern);
      if (day !== undefined) return day;
    }
    row.fail(from, "BAD_VALUE", `expected a day that exists, written ${patterns.join(" or ")}, got ${shown(text)}`);
    return "";
  };
}

function worder({ words, otherwise }: CellRule, from: string): Step {
  if (words === undefined) return undefined;
  const byFolded = new Map(Object.entries(words).map(([cell, word]) => [cell.toLowerCase(), word]));
  return (text, row) => {
    const word = byFolded.get(text.toLowerCase()) ?? otherwise;
    if (word !== undefined) return word;
    row.fail(from, "BAD_VALUE", `expected one of ${[...byFolded.keys()].join(", ")}; got ${shown(text)}`);
    return "";
  };
}

function bander({ bands }: CellRule, from: string): Step {
  if (bands === undefined) return undefined;
  return (text, row) => {
    const value = readNumber(text);
    const band = value === undefined ? undefined : bands.findLast(([least]) => value >= least);
    if (band !== undefined) return band[1];
    row.fail(from, "BAD_VALUE", `expected a number from ${bands[0]![0]} on, got ${shown(text)}`);
    return "";
  };
}

/** What is no number stays as it is: the column it goes to refuses it by its name. */
function scaler({ scale }: CellRule): Step {
  if (scale === undefined) return undefined;
  return (text) => {
    const value = readNumber(text);
    // 74 × 0.01 is 0.74 and not 0.7400000000000001.
    return value === undefined ? text : String(Number((value * scale).toPrecision(12)));
  };
}
