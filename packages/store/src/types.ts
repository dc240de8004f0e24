/** The store's public contract. */
import type { Fact } from "@moai-metrics/model";
import type { PriceConfig } from "@moai-metrics/settings";
import type { MergeOptions, MergeOutcome } from "./adopt/types.ts";
import type { StoredTable } from "./contents/types.ts";
import type { CumulativeReader } from "./cumulative/types.ts";
import type { ExposedCounters } from "./live/exposure-types.ts";
import type { BackupOptions, BackupOutcome } from "./maintenance/back-up.ts";
import type { StoreSettingsOptions } from "./maintenance/settings.ts";
import type {
  CheckPart,
  CheckResult,
  MaintenanceOptions,
  MaintenanceOutcome,
  StoreStats,
} from "./maintenance/types.ts";
import type { MetricUsageOptions } from "./metric-usage/types.ts";
import type { MigrationProgress } from "./migrations/progress.ts";
import type { MetricsQuery } from "./query/types.ts";
import type { LedgerReader } from "./read/types.ts";
import type { RebuildProgress } from "./rollup/types.ts";
import type {
  PointPage,
  PointQuestion,
  StepAnswer,
  StepQuestion,
  SummaryPage,
  SummaryQuestion,
} from "./series/read/types.ts";
import type { PointBatch, PointWriteResult, StoredSeries } from "./series/types.ts";
import type { RepriceOptions, RepriceOutcome } from "./write/reprice/types.ts";

/** How far a transcript file has been read, without what its reader needs to go on. */
export interface TranscriptMark {
  /** Absolute path: the identity of the mark. */
  readonly path: string;
  readonly product: string;
  /** Inode number, to notice a file that was replaced. */
  readonly inode: number;
  readonly sizeBytes: number;
  readonly modifiedAtMillis: number;
  /** Bytes consumed: always just behind a line feed. */
  readonly offsetBytes: number;
}

/** How far a transcript file has been read, and how to go on. */
export interface TranscriptCursor extends TranscriptMark {
  /** What the reader needs to go on, as JSON; opaque to the store. */
  readonly state: string;
}

/** What was read in all files of a product and not stored, counted by reason. */
export interface SkipCount {
  readonly product: string;
  /** `unknown record: <type>`, `unreadable line: <why>` and the like. */
  readonly reason: string;
  readonly count: number;
}

/** What was read in one file and not stored. */
export interface FileSkipCount extends SkipCount {
  readonly path: string;
}

/** What is to be remembered of a span. */
export interface SpanLink {
  /** A hash of its ids. */
  readonly key: number;
  /** Opaque to the store. */
  readonly state: string;
}

/** What is written together or not at all. */
export interface LedgerBatch {
  readonly facts: readonly Fact[];
  readonly cursors?: readonly TranscriptCursor[] | undefined;
  /** Added to what was skipped in the same files before. */
  readonly skipped?: readonly FileSkipCount[] | undefined;
  /** Paths of files that are read from their start again: what was skipped in them before is forgotten. */
  readonly restarted?: readonly string[] | undefined;
  /** Of the newest 50,000 it is remembered. */
  readonly spanLinks?: readonly SpanLink[] | undefined;
}

/** What a write did. */
export interface LedgerWriteResult {
  /** Facts handed in. */
  readonly received: number;
  /** Rows that are new. */
  readonly inserted: number;
  /** Rows that a witness changed. */
  readonly changed: number;
  /** Facts that could not be stored, by reason. */
  readonly refused: Readonly<Record<string, number>>;
}

/** One difference between the rollups and the ledger. */
export interface RollupDifference {
  readonly quarterHour: number;
  readonly dimensions: string;
  readonly column: string;
  readonly rollup: number;
  readonly ledger: number;
}

/** An open store. One handle is for one thread; several processes may have the same file open. */
export interface Store {
  /** Absolute path of the file. */
  readonly path: string;
  /**
   * What the user should know about the file, in one line. Set when a newer version wrote it: then it can be read, and
   * every write throws StoreError `newer_version`.
   */
  readonly notice: string | undefined;
  /** Answers; every call sees one consistent state. */
  readonly ledger: LedgerReader;
  /** Every question about metrics, with filters, groups and pages. */
  readonly query: MetricsQuery;
  /** The catalogue's metrics as cumulative series, counted up from the first fact. */
  readonly cumulative: CumulativeReader;
  /** The catalogue's metrics as counters that never fall, of facts that were written while they happened. */
  readonly exposed: ExposedCounters;
  /**
   * Another number than at an earlier look through this handle: someone else has written since (SQLite's
   * `data_version`). Takes microseconds.
   */
  dataVersion(): number;
  /**
   * Answers several questions from one state of the file, whatever others write meanwhile; returns what `read` does.
   * Nothing may be written through this handle until then, and the file's log grows as long as it takes.
   */
  inOneState<T>(read: () => Promise<T>): Promise<T>;
  /**
   * Merges facts into the ledger in one transaction and moves the rollups with them; returns after COMMIT.
   * Writing the same facts again changes nothing.
   * @throws StoreError `busy`, `full`, `read_only` or `closed`.
   */
  write(batch: LedgerBatch): LedgerWriteResult;
  /**
   * Stores OpenTelemetry data points in one transaction; the same point again changes nothing.
   * @param usage which of them tell tokens of sessions: as long as nobody tells the calls of such a session, its usage is
   * what they say. Default: none.
   */
  writePoints(batch: PointBatch, usage?: MetricUsageOptions): PointWriteResult;
  /** Every series of a metric with its points, oldest first. */
  points(metric: string): StoredSeries[];
  /**
   * Single points of a metric, in order of time, page by page, whether they are compressed or not.
   * @throws RangeError for a limit or cursor that cannot be; StoreError `damaged` that names chunk and metric.
   */
  pointPage(question: PointQuestion): PointPage;
  /** Hourly or daily points of a metric, page by page. @throws as `pointPage`, also for an edge inside an hour or day. */
  pointSummaries(question: SummaryQuestion): SummaryPage;
  /** Points summed up by steps, from the coarsest tier that gives the exact answer. @throws RangeError without a step. */
  pointSteps(question: StepQuestion): StepAnswer;
  /** Closes tasks that have been silent for `silentMillis` as `unknown`; returns how many. */
  closeSilentTasks(nowMillis: number, silentMillis?: number): number;
  /**
   * Counts in the live counters how long sessions took that were silent for `silentMillis` and did not say that they had
   * ended; returns how many. Each session is counted once, also when it goes on later.
   */
  countSilentSessions(nowMillis: number, silentMillis?: number): number;
  /** How far each transcript has been read, by path. */
  transcripts(product: string): Map<string, TranscriptMark>;
  /** What the reader of a transcript needs to go on; undefined for a transcript that was never read. */
  readingState(path: string): string | undefined;
  /** What is remembered of a span, by its key. */
  spanState(key: number): string | undefined;
  /** What was skipped in the files read so far, by product and reason. */
  skipped(): SkipCount[];
  /** Differences between the rollups and the ledger; empty when they agree, as they always must. */
  checkRollups(): RollupDifference[];
  /**
   * Cleans up when a day has passed since the last time: folds rollups, lets old data go, gives room back. Others read
   * and write between its small steps; of several processes one does it.
   * @throws StoreError `full`, `newer_version`, `read_only`.
   */
  maintain(options: MaintenanceOptions): Promise<MaintenanceOutcome>;
  /** How large everything is, and how old. Reads every page. */
  stats(): StoreStats;
  /** Every table and column that the file has, with what it holds. */
  contents(): StoredTable[];
  /** Proof that the file is whole and the rollups equal the ledger. Reads everything. */
  check(onPart?: (name: CheckPart["name"]) => void): CheckResult;
  /** Writes a checked copy of the state that the file has now, while others write. */
  backUp(options: BackupOptions): Promise<BackupOutcome>;
  /**
   * Keeps whole days of a zone from now on (of sixteen zones at most), so that questions in its days are answered at
   * once; UTC is always kept. In a store of millions of facts that takes some seconds the first time, newest days first
   * and in short transactions; until then answers are as right, and slower.
   * @param timeZone an IANA name such as `Asia/Seoul`.
   * @param maxMillis stops after this long; {@link Store.maintain} goes on. 0 only notes the zone.
   * @returns how many days are left to add up.
   * @throws RangeError when the zone is not known.
   */
  keepZone(timeZone: string, maxMillis?: number): number;
  /**
   * Folds the rollups of days that are over, and of a day that is not when much of it is open; to be called when much
   * history was written at once.
   * @returns the number of days left.
   */
  foldRollups(nowMillis: number, maxDays?: number): number;
  /**
   * Makes the rollups anew from the ledger, a day at a time, while others write and this thread does other things in
   * between; returns the number of days.
   */
  rebuildRollups(onProgress?: (progress: RebuildProgress) => void): Promise<number>;
  /**
   * Costs stored calls anew at the prices that this store was opened with, in small transactions in which calls, tasks,
   * sessions and rollups move together. Stopped half-way everything agrees, and doing it again does the rest. Costs
   * that agents reported stay, and so do calls before the watermark, which are counted.
   * @throws StoreError `busy`, `full`, `read_only`, `newer_version`.
   */
  reprice(options: RepriceOptions): Promise<RepriceOutcome>;
  /**
   * Takes over what another store holds, whose file is only read: facts as if their witnesses spoke again, and single
   * data points. Twice is as once, and it makes no difference which of two stores takes over the other.
   * @throws StoreError `not_found`, `cannot_open`, `not_our_file`, `newer_version`, `damaged`, `busy`, `full`, `read_only`.
   */
  merge(options: MergeOptions): Promise<MergeOutcome>;
  /** Closes the file. Safe to call twice. */
  close(): void;
  [Symbol.dispose](): void;
}

/** How to open a store. */
export interface StoreOptions {
  /** Path of the database file; its folder is created (0700) when missing. */
  readonly path: string;
  /** Open for reading only; the file must exist. Default false. */
  readonly readOnly?: boolean | undefined;
  /** How much of the file SQLite keeps in memory. Default 8,000,000; for reading only 16,000,000. */
  readonly cacheBytes?: number | undefined;
  /**
   * Whether writing remembers the rows that it wrote, up to some 100 MB of them, so that it need not look for them again.
   * Default true; a program that stays open, and writes a little at a time, stays small without.
   */
  readonly remembersRows?: boolean | undefined;
  /** How long a write waits for another process, in milliseconds. Default 250. */
  readonly busyTimeoutMillis?: number | undefined;
  /** What is kept, for how long, and how much room it may take. */
  readonly settings?: StoreSettingsOptions | undefined;
  /** Prices of the user, which outrank the list. */
  readonly prices?: readonly PriceConfig[] | undefined;
  /**
   * Tags of sessions that are labels of live counters from the first write on; what was counted before stays where it
   * is. Default: those that the file knows.
   */
  readonly labels?: readonly string[] | undefined;
  /** Milliseconds since 1970; decides which facts are written while they happen. Default `Date.now`. */
  readonly now?: (() => number) | undefined;
  /** Called before each part of bringing an older file up to date, which may take seconds. */
  readonly onMigration?: ((progress: MigrationProgress) => void) | undefined;
}
