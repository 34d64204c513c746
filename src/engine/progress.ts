/** Where a piece of work stands: what it is doing, in words, and the finished share of that step in [0, 1]. */
export type ReportProgress = (step: string, fraction: number) => void;

/** For callers who do not watch. */
export const silent: ReportProgress = () => undefined;
