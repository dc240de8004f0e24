/** What maintenance, checks and figures of a store tell. */

/** What is being done. */
export type MaintenanceJob = "rollups" | "series" | "ledger" | "shrink" | "reserve";

/** How to run maintenance. */
export interface MaintenanceOptions {
  /** The clock, milliseconds UTC. */
  readonly nowMillis: number;
  /** Stop after this long and go on next time; undefined for no limit. */
  readonly maxMillis?: number | undefined;
  /** Also when it is not due, and give back every free page. Deletes nothing that a run in time would not. */
  readonly isThorough?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called after each step. */
  readonly onProgress?: ((progress: MaintenanceProgress) => void) | undefined;
}

/** What maintenance is doing. */
export interface MaintenanceProgress {
  readonly job: MaintenanceJob;
  readonly steps: number;
}

/** What maintenance did. */
export interface MaintenanceOutcome {
  /**
   * `done`; `not due`: it was done less than a day ago and rollups have not fallen behind; `elsewhere`: another process is at it; `unfinished`: the time
   * was up, it was stopped, or others wrote all the time, and the next run goes on.
   */
  readonly state: "done" | "not due" | "elsewhere" | "unfinished";
  /** Rows deleted, by table. */
  readonly deleted: Readonly<Record<string, number>>;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  readonly steps: number;
  /** How long the longest step took, in milliseconds; others had to wait for a part of it at most. */
  readonly longestStepMillis: number;
  /** The oldest whole UTC day that the ledger holds, in days since 1970-01-01; undefined when it holds everything. */
  readonly watermarkDay: number | undefined;
}

/** One part of the check. */
export interface CheckPart {
  /**
   * `pages`: SQLite's own structure; `points`: checksums of compressed points and sums; `totals`: those of tasks and
   * sessions equal their calls; `witnesses`: what each said belongs to its call, and reports of hooks count where no call
   * covers them; `quality`: scores are what their counts say; `rollups`: equal the ledger.
   */
  readonly name: "pages" | "points" | "totals" | "witnesses" | "quality" | "rollups";
  /** What does not hold; empty when everything does. */
  readonly problems: readonly string[];
  /** How many more problems there are than are listed. */
  readonly unlisted: number;
}

/** The result of a check. */
export interface CheckResult {
  readonly isSound: boolean;
  readonly parts: readonly CheckPart[];
}

/** What one table takes, with its indexes. */
export interface TableStats {
  readonly table: string;
  readonly rows: number;
  /** Bytes of its pages and those of its indexes. */
  readonly bytes: number;
}

/** A part of the file: what belongs together. */
export interface TierStats {
  readonly tier: "ledger" | "rollups" | "series" | "other";
  readonly rows: number;
  readonly bytes: number;
  readonly tables: readonly TableStats[];
}

/** The figures of a store. Bytes are of pages, so that they add up to the file. */
export interface StoreStats {
  readonly path: string;
  readonly schemaVersion: number;
  readonly fileBytes: number;
  readonly walBytes: number;
  /** Pages inside the file that hold nothing, in bytes. */
  readonly freeBytes: number;
  readonly reserveBytes: number;
  /** Free room on the disk; undefined where the file system does not tell. */
  readonly diskFreeBytes: number | undefined;
  readonly tiers: readonly TierStats[];
  /** Bytes of the table of calls and of its aliases per call; undefined without calls. */
  readonly bytesPerModelCall: number | undefined;
  /** Single points, plain and compressed. */
  readonly points: number;
  /** Bytes of plain and compressed points per point; undefined without points. */
  readonly bytesPerPoint: number | undefined;
  /** The oldest UTC day of each tier, as `2026-11-22`; undefined where a tier is empty. */
  readonly oldestDays: Readonly<
    Record<
      "ledger" | "rollups" | "plainPoints" | "compressedPoints" | "hourlyPoints" | "dailyPoints",
      string | undefined
    >
  >;
  /** The oldest whole UTC day that the ledger holds; undefined when nothing was ever deleted. */
  readonly watermarkDay: string | undefined;
  /** When maintenance was last complete; undefined before the first time. */
  readonly lastMaintenanceMillis: number | undefined;
}
