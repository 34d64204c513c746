/** How a long step says where it is: what it is doing, and the finished share in [0, 1]. */
export type ReportProgress = (step: string, fraction: number) => void;
