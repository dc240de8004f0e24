/** Opens a store. */

import { statSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { createPriceBook } from "@moai-metrics/settings";
import type { Database } from "better-sqlite3";
import { mergeSteps } from "./adopt/merge-stores.ts";
import { readContents } from "./contents/read-contents.ts";
import { createCumulativeReader } from "./cumulative/cumulative-reader.ts";
import { StoreError } from "./errors.ts";
import { createExposedCounters } from "./live/exposed-counters.ts";
import type { ExposedCounters, ExposureQuestion } from "./live/exposure-types.ts";
import { saveLiveLabels } from "./live/session-labels.ts";
import { backUp } from "./maintenance/back-up.ts";
import { checkStore } from "./maintenance/check.ts";
import { createSpaceGuard, type SpaceGuard } from "./maintenance/disk-space.ts";
import { NOT_DUE, planScope, runMaintenance } from "./maintenance/run.ts";
import { resolveStoreSettings } from "./maintenance/settings.ts";
import { readStats } from "./maintenance/stats.ts";
import { toldSessions } from "./metric-usage/told-sessions.ts";
import type { MetricUsageOptions } from "./metric-usage/types.ts";
import { SCHEMA_VERSION } from "./migrations/index.ts";
import { openDatabase } from "./open-database.ts";
import { createMetricsQuery } from "./query/metrics-query.ts";
import { createLedgerReader } from "./read/ledger-reader.ts";
import { checkRollups } from "./rollup/check.ts";
import { foldClosedDays } from "./rollup/folding.ts";
import { keepZone } from "./rollup/keep-zones.ts";
import { rebuildSteps } from "./rollup/rebuild.ts";
import { createPointReader, type PointReader, readPoints } from "./series/point-reader.ts";
import { createPointWriter } from "./series/point-writer.ts";
import { readSteps } from "./series/read/steps.ts";
import type { PointBatch, PointWriteResult } from "./series/types.ts";
import { toStoreError } from "./sqlite-errors.ts";
import type { Store, StoreOptions } from "./types.ts";
import { planSilentTasks, SILENT_MILLIS } from "./write/close-silent-tasks.ts";
import { createLedgerWriter } from "./write/ledger-writer.ts";
import { repriceSteps } from "./write/reprice/reprice.ts";
import { planSilentSessions } from "./write/silent-sessions.ts";
import { createSpanLinks, type SpanLinks } from "./write/span-links.ts";
import { createTranscripts } from "./write/transcripts.ts";

const PATH_KEY_BYTES = 32;

/**
 * Opens the store in a file, which is created when missing and migrated when old.
 *
 * @throws StoreError with a message that names the file and what to do.
 */
export function openStore(options: StoreOptions): Store {
  const { database, path, isReadOnly, isNewer, notice } = openDatabase(options);
  // Most commands find nothing new to write, so the writers wait until there is something.
  let writers: Writers | undefined;
  const transcripts = createTranscripts(database);
  let spanLinks: SpanLinks | undefined;

  const settings = resolveStoreSettings(options.settings);
  const space = createSpaceGuard(path, settings);
  const schemaVersion = database.prepare<[], number>("PRAGMA user_version").pluck();
  const dataVersion = database.prepare<[], number>("PRAGMA data_version").pluck();

  const inode = statSync(path).ino;
  const guarded = <T>(attempted: "read" | "write", work: () => T): T => {
    if (!database.open) throw new StoreError("closed", `The store ${path} is closed. Open it again to use it.`);
    // Writing to a file that was deleted would succeed, and be lost.
    if (attempted === "write" && statSync(path, { throwIfNoEntry: false })?.ino !== inode) {
      throw new StoreError("not_found", `${path} was deleted or replaced while it was open. Open it again to go on.`);
    }
    if (attempted === "write" && !isReadOnly) {
      requireRoom(space, path);
      requireSameSchema(schemaVersion.get(), path);
    }
    try {
      return work();
    } catch (error) {
      throw toStoreError(error, path, attempted);
    }
  };
  const requireWritable = (): void => {
    if (isNewer) throw new StoreError("newer_version", notice ?? `${path} belongs to a newer moai-metrics.`);
    if (isReadOnly) {
      throw new StoreError("read_only", `The store ${path} was opened for reading only. Open it without readOnly.`);
    }
  };
  const requireWriters = (): Writers => {
    requireWritable();
    writers ??= createWriters(database, options);
    return writers;
  };
  let points: PointReader | undefined;
  const requirePoints = (): PointReader => {
    points ??= createPointReader(database);
    return points;
  };
  let exposed: ExposedCounters | undefined;
  const requireExposed = (question?: ExposureQuestion): ExposedCounters => {
    if (question?.delivery !== "looked_at") requireWritable();
    exposed ??= createExposedCounters(database);
    return exposed;
  };
  const writePoints = (batch: PointBatch, usage: MetricUsageOptions | undefined): PointWriteResult => {
    const { ledger, points: pointWriter } = requireWriters();
    const told = usage === undefined ? [] : toldSessions(batch, usage.tellings);
    if (usage === undefined || told.length === 0) return pointWriter.write(batch);
    const writeBoth = database.transaction((): PointWriteResult => {
      const result = pointWriter.write(batch);
      if (result.inserted > 0) ledger.countMetrics(told, requirePoints(), usage);
      return result;
    });
    try {
      return writeBoth.immediate();
    } catch (error) {
      // What they remember of rows was rolled back.
      writers = undefined;
      throw error;
    }
  };
  const reader = createLedgerReader(database);
  const query = createMetricsQuery(database);
  const cumulative = createCumulativeReader(database);

  const store: Store = {
    path,
    notice,
    ledger: guardAll(reader, (work) => guarded("read", work)),
    query: guardAll(query, (work) => guarded("read", work)),
    cumulative: {
      state: (question) => guarded("read", () => cumulative.state(question)),
      history: (question) => guarded("read", () => cumulative.history(question)),
    },
    exposed: {
      expose: (question) =>
        guarded(question.delivery === "looked_at" ? "read" : "write", () => requireExposed(question).expose(question)),
      confirm: (reader) => guarded("write", () => requireExposed().confirm(reader)),
    },
    dataVersion: () => guarded("read", () => dataVersion.get() ?? 0),
    inOneState: async (read) => {
      guarded("read", () => database.exec("BEGIN"));
      try {
        return await read();
      } finally {
        if (database.inTransaction) guarded("read", () => database.exec("COMMIT"));
      }
    },
    write: (batch) => guarded("write", () => requireWriters().ledger.write(batch)),
    writePoints: (batch, usage) => guarded("write", () => writePoints(batch, usage)),
    points: (metric) => guarded("read", () => readPoints(requirePoints(), metric)),
    pointPage: (question) => guarded("read", () => requirePoints().points(question)),
    pointSummaries: (question) => guarded("read", () => requirePoints().summaries(question)),
    pointSteps: (question) => guarded("read", () => readSteps(requirePoints(), question)),
    closeSilentTasks: (nowMillis, silentMillis = SILENT_MILLIS) =>
      guarded("write", () => {
        const facts = planSilentTasks(database, nowMillis, silentMillis);
        if (facts.length === 0) return 0;
        requireWriters().ledger.write({ facts });
        return facts.length;
      }),
    countSilentSessions: (nowMillis, silentMillis = SILENT_MILLIS) =>
      guarded("write", () => {
        if (planSilentSessions(database, nowMillis, silentMillis).length === 0) return 0;
        return requireWriters().ledger.countSilentSessions(nowMillis, silentMillis);
      }),
    transcripts: (product) => guarded("read", () => transcripts.marks(product)),
    readingState: (path) => guarded("read", () => transcripts.readingState(path)),
    spanState: (key) =>
      guarded("read", () => {
        spanLinks ??= createSpanLinks(database);
        return spanLinks.stateOf(key);
      }),
    skipped: () => guarded("read", () => transcripts.skipped()),
    checkRollups: () => guarded("read", () => checkRollups(database)),
    maintain: async (run) => {
      if (guarded("read", () => planScope(database, run)) === undefined) return NOT_DUE;
      requireWritable();
      return runMaintenance(path, settings, run);
    },
    stats: () => guarded("read", () => readStats(database, path)),
    contents: () => guarded("read", () => readContents(database)),
    check: (onPart) => guarded("read", () => checkStore(database, onPart)),
    backUp: (backup) => guarded("read", () => backUp(path, backup)),
    keepZone: (timeZone, maxMillis) =>
      guarded("write", () => {
        requireWritable();
        return keepZone(database, timeZone, maxMillis);
      }),
    foldRollups: (nowMillis, maxDays) =>
      guarded("write", () => {
        requireWritable();
        return foldClosedDays(database, nowMillis, maxDays);
      }),
    rebuildRollups: async (onProgress) => {
      requireWritable();
      const steps = rebuildSteps(database);
      for (let days = 0; ; ) {
        const { done, value } = guarded("write", () => steps.next());
        if (done === true) return days;
        days = value.daysTotal;
        onProgress?.(value);
        await nextTurn();
      }
    },
    reprice: async (run) => {
      if (run.isDryRun !== true) requireWritable();
      const steps = repriceSteps(database, createPriceBook(options.prices), run);
      for (;;) {
        const { done, value } = guarded(run.isDryRun ? "read" : "write", () => steps.next());
        // What they remember of rows is out of date now.
        writers = undefined;
        if (done === true) return value;
        run.onProgress?.(value);
        await nextTurn();
      }
    },
    merge: async (run) => {
      requireWritable();
      const steps = mergeSteps(
        {
          path,
          pathKey: guarded("write", () => requirePathKey(database)),
          adopt: (rows) => guarded("write", () => requireWriters().ledger.adopt(rows)),
          writePoints: (batch) => guarded("write", () => requireWriters().points.write(batch)),
        },
        run,
      );
      for (;;) {
        const { done, value } = steps.next();
        if (done === true) return value;
        run.onProgress?.(value);
        await nextTurn();
      }
    },
    close: () => {
      if (database.open) database.close();
    },
    [Symbol.dispose]: () => store.close(),
  };
  return Object.freeze(store);
}

/** A newer version may bring the file up to date while this one has it open; writing the old way would damage it. */
function requireSameSchema(version: number | undefined, path: string): void {
  if (version === SCHEMA_VERSION) return;
  throw new StoreError(
    "newer_version",
    `${path} was brought to schema ${version} by a newer moai-metrics while it was open; this one knows ` +
      `${SCHEMA_VERSION}. Nothing was written. Upgrade moai-metrics and start again.`,
  );
}

/** @throws StoreError `full` while there is too little room; as soon as there is enough again, writing goes on. */
function requireRoom(space: SpaceGuard, path: string): void {
  const missingBytes = space.missingBytes();
  if (missingBytes === undefined) return;
  const megabytes = (missingBytes / 1_000_000).toFixed(1);
  throw new StoreError(
    "full",
    `The disk that holds ${path} is nearly full: ${megabytes} MB must be freed before anything is written. ` +
      'Free some space, or run "moai-metrics db vacuum".',
  );
}

/** The same questions, each of them asked inside `guard`. */
function guardAll<Questions extends object>(questions: Questions, guard: <T>(work: () => T) => T): Questions {
  const entries = Object.entries(questions) as [string, (...question: never[]) => unknown][];
  return Object.fromEntries(
    entries.map(([name, ask]) => [name, (...question: never[]) => guard(() => ask(...question))]),
  ) as Questions;
}

interface Writers {
  readonly ledger: ReturnType<typeof createLedgerWriter>;
  readonly points: ReturnType<typeof createPointWriter>;
}

function createWriters(
  database: Database,
  { prices, labels, now = Date.now, remembersRows = true }: StoreOptions,
): Writers {
  if (labels !== undefined) saveLiveLabels(database, labels);
  return {
    ledger: createLedgerWriter(database, {
      ...{ pathKey: requirePathKey(database), priceBook: createPriceBook(prices), now, remembersRows },
    }),
    points: createPointWriter(database),
  };
}

/** The secret under which paths are hashed: made once per store, never leaves it. */
function requirePathKey(database: Database): Buffer {
  const select = database.prepare<[], Buffer>("SELECT value FROM meta WHERE key = 'path_key'").pluck();
  const known = select.get();
  if (known !== undefined) return known;
  database
    .prepare(`INSERT INTO meta (key, value) VALUES ('path_key', randomblob(${PATH_KEY_BYTES})) ON CONFLICT DO NOTHING`)
    .run();
  const made = select.get();
  if (made === undefined) throw new Error(`The store ${database.name} has no key for paths.`);
  return made;
}
