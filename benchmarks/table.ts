import type { ComparedResult } from "./compare.ts";

/** The results of one case as lines to read: medians, the ratio to the fastest peer beside its goal, then the figures. */
export function describe(results: readonly ComparedResult[]): string {
  const lines = results.map(({ timing, seconds, timesFaster, fastestPeer, goal, met }) => {
    const sides = Object.entries(seconds).map(([name, value]) => `${name} ${shortSeconds(value)}`);
    const verdict = `${timesFaster.toFixed(2)} × as fast as ${fastestPeer} (goal ${goal.toFixed(2)}: ${met ? "met" : "not met"})`;
    return `  ${timing.padEnd(10)} ${sides.join(", ")}; ${verdict}\n`;
  });
  const figures = Object.entries(results[0]?.figures ?? {}).map(([figure, bySide]) => {
    const sides = Object.entries(bySide).map(([name, value]) => `${name} ${value.toPrecision(6)}`);
    return `  ${figure.padEnd(10)} ${sides.join(", ")}\n`;
  });
  return [...lines, ...figures].join("");
}

function shortSeconds(value: number): string {
  return value < 1 ? `${(value * 1000).toPrecision(3)} ms` : `${value.toPrecision(3)} s`;
}
