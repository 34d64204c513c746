import type { ReportProgress } from "../engine/progress.ts";

const WIDTH = 24;
const REDRAW_MILLISECONDS = 100;

/**
 * Shows progress on stderr: one bar that redraws itself on a terminal; elsewhere (a log, a pipe) one line when a step ends.
 * @param seconds - a clock, in seconds
 */
export function progressBar(stream: NodeJS.WriteStream, seconds: () => number): ReportProgress {
  let current = "";
  let started = 0;
  let drawn = 0;
  let ended = false;
  return (step, fraction) => {
    const now = seconds();
    if (step !== current) {
      current = step;
      started = now;
      drawn = 0;
      ended = false;
    }
    if (ended) return;
    ended = fraction >= 1;
    if (!stream.isTTY) {
      if (ended) stream.write(`  ${step} · ${(now - started).toFixed(1)} s\n`);
      return;
    }
    if (!ended && (now - drawn) * 1000 < REDRAW_MILLISECONDS) return;
    drawn = now;
    const filled = Math.round(WIDTH * Math.min(1, fraction));
    const bar = "█".repeat(filled) + "░".repeat(WIDTH - filled);
    stream.write(`\r\u001b[2K  ${bar} ${step} · ${(now - started).toFixed(1)} s${ended ? "\n" : ""}`);
  };
}
