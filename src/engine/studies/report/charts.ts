/** One mark of a chart: a point, perhaps with an interval. */
export interface Mark {
  readonly label: string;
  readonly value: number;
  readonly interval: readonly [number, number] | null;
  /** Filled for after adjustment (or the headline), hollow for before. */
  readonly filled: boolean;
}

const WIDTH = 640;
const LABELS = 230;
const ROW = 22;

/** What a chart shows beside its marks. */
export interface ChartFrame {
  readonly title: string;
  /** Vertical reference lines, such as 0, .1 and .25. */
  readonly lines: readonly number[];
  readonly axis: string;
}

/**
 * A chart of one line per mark as inline SVG, drawn for paper: no colour carries meaning, and the title says what is shown. Love plots, forest
 * plots and event plots are all this.
 */
export function dotChart(marks: readonly Mark[], { title, lines, axis }: ChartFrame): string {
  const values = [...marks.flatMap(({ value, interval }) => [value, ...(interval ?? [])]), ...lines];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = (high - low || 1) * 0.05;
  const x = (value: number): string =>
    (LABELS + ((value - low + room) / (high - low + 2 * room || 1)) * (WIDTH - LABELS - 10)).toFixed(1);
  const height = marks.length * ROW + 44;
  const rows = marks.map(({ label, value, interval, filled }, i) => {
    const y = i * ROW + 16;
    const bar =
      interval === null
        ? ""
        : `<line x1="${x(interval[0])}" x2="${x(interval[1])}" y1="${y}" y2="${y}" stroke="#333" stroke-width="1.5"/>`;
    return (
      `<text x="${LABELS - 8}" y="${y + 4}" text-anchor="end">${escapeHtml(label)}</text>${bar}` +
      `<circle cx="${x(value)}" cy="${y}" r="4" fill="${filled ? "#333" : "#fff"}" stroke="#333" stroke-width="1.5"/>`
    );
  });
  const bottom = marks.length * ROW + 12;
  const references = lines.map(
    (line) =>
      `<line x1="${x(line)}" x2="${x(line)}" y1="4" y2="${bottom}" stroke="#999" stroke-dasharray="3 3"/>` +
      `<text x="${x(line)}" y="${bottom + 14}" text-anchor="middle" fill="#555">${line}</text>`,
  );
  return (
    `<svg role="img" viewBox="0 0 ${WIDTH} ${height}" width="100%" font-size="12" font-family="sans-serif"><title>${escapeHtml(title)}</title>` +
    `${references.join("")}${rows.join("")}<text x="${(LABELS + WIDTH) / 2}" y="${height - 4}" text-anchor="middle" fill="#555">${escapeHtml(axis)}</text></svg>`
  );
}

/** Text as HTML shows it. */
export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
