/** A progress bar on standard error, for long imports that a person watches. */
import type { CatchUpProgress } from "@moai-metrics/receiver";

/** Draws progress. */
export interface ProgressBar {
  update(progress: CatchUpProgress): void;
  /** Removes the bar from the screen. */
  clear(): void;
}

/** What a bar draws on and tells the time with. */
export interface ProgressOptions {
  readonly write: (text: string) => void;
  readonly columns: number;
  readonly now: () => number;
}

/** Short imports show nothing. */
const DELAY_MILLIS = 400;
const REDRAW_MILLIS = 100;
const BAR_WIDTH = 24;
const ERASE_LINE = "\r\u001b[2K";
const MEGABYTE = 1_000_000;

/** Creates a bar that appears once an import takes noticeably long. */
export function createProgressBar({ write, columns, now }: ProgressOptions): ProgressBar {
  const startedAt = now();
  let drawnAt: number | undefined;
  return {
    update: (progress) => {
      const time = now();
      if (time - (drawnAt ?? startedAt) < (drawnAt === undefined ? DELAY_MILLIS : REDRAW_MILLIS)) return;
      drawnAt = time;
      write(ERASE_LINE + describeProgress(progress, time - startedAt).slice(0, columns - 1));
    },
    clear: () => {
      if (drawnAt !== undefined) write(ERASE_LINE);
    },
  };
}

/** One line of text: bar, share, files, throughput. */
export function describeProgress(progress: CatchUpProgress, elapsedMillis: number): string {
  const { label, filesDone, filesTotal, bytesDone, bytesTotal } = progress;
  // A file may grow while it is read.
  const share = bytesTotal === 0 ? 1 : Math.min(1, bytesDone / bytesTotal);
  const filled = Math.round(share * BAR_WIDTH);
  const bar = "█".repeat(filled) + "░".repeat(BAR_WIDTH - filled);
  const speed = elapsedMillis > 0 ? bytesDone / MEGABYTE / (elapsedMillis / 1000) : 0;
  return `${label} ${bar} ${Math.floor(share * 100)}%  ${filesDone}/${filesTotal} files  ${speed.toFixed(0)} MB/s`;
}
