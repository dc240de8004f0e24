/**
 * Writes facts: one transaction in which facts are merged with what the ledger knows and the rollups move by the
 * difference.
 */
import type { Fact } from "@moai-metrics/model";
import type { PriceBook } from "@moai-metrics/settings";
import type { Database } from "better-sqlite3";
import { createLiveChanges } from "../live/live-changes.ts";
import { BEFORE_WATERMARK, liesBefore, readWatermarkMillis } from "../maintenance/watermark.ts";
import { createRollupChanges } from "../rollup/changes.ts";
import type { LedgerBatch, LedgerWriteResult } from "../types.ts";
import { createFactChanges } from "./fact-changes.ts";
import { createFileChanges } from "./file-changes.ts";
import { createLogSize } from "./log-size.ts";
import { createModelCallRows } from "./model-call-rows.ts";
import { createPrices } from "./prices.ts";
import { createQualityRows } from "./quality-rows.ts";
import { refusalOf } from "./refuse.ts";
import { createReportCoverage } from "./report-coverage.ts";
import { createSessionRows } from "./session-rows.ts";
import { createStrings } from "./strings.ts";
import { createTaskRows } from "./task-rows.ts";
import { createToolCallRows } from "./tool-call-rows.ts";
import { createTranscripts } from "./transcripts.ts";

export interface LedgerWriter {
  /** Merges a batch in one transaction; returns after COMMIT. */
  write(batch: LedgerBatch): LedgerWriteResult;
}

/**
 * @param pathKey the store's secret for hashes of paths.
 * @param priceBook what calls cost that do not say so themselves.
 * @param now milliseconds since 1970: what is recent goes to the live counters, too.
 */
export function createLedgerWriter(
  database: Database,
  pathKey: Buffer,
  priceBook: PriceBook,
  now: () => number,
): LedgerWriter {
  const strings = createStrings(database);
  const prices = createPrices(database);
  const live = createLiveChanges(database, now);
  const changes = createFactChanges(createRollupChanges(database), live);
  const sessions = createSessionRows(database, strings);
  const tasks = createTaskRows(database, strings, sessions, changes);
  const coverage = createReportCoverage(database, sessions, tasks);
  const calls = createModelCallRows(database, {
    strings,
    sessions,
    tasks,
    changes,
    coverage,
    prices,
    priceBook,
  });
  const tools = createToolCallRows(database, strings, sessions, tasks, changes);
  const files = createFileChanges(database, sessions, tasks, live, pathKey);
  const quality = createQualityRows(database, strings);
  const transcripts = createTranscripts(database);
  const log = createLogSize(database);

  /** Counts the commits of other connections: what we remember of rows may be out of date after one. */
  let seenDataVersion: number | undefined;
  const dataVersionNow = database.prepare<[], number>("PRAGMA data_version").pluck();
  const forgetRows = (): void => {
    sessions.forget();
    tasks.forget();
    calls.forget();
    tools.forget();
    files.forget();
    coverage.forget();
    changes.discard();
  };

  const mergeAll = (facts: readonly Fact[]): LedgerWriteResult => {
    const refused: Record<string, number> = {};
    const refuse = (reason: string, count = 1): void => {
      refused[reason] = (refused[reason] ?? 0) + count;
    };
    const fileChanges = { inserted: 0, changed: 0, same: 0 };
    const measurements = { inserted: 0, changed: 0, same: 0 };
    const watermarkMillis = readWatermarkMillis(database);
    for (const fact of facts) {
      const refusal = refusalOf(fact) ?? (liesBefore(fact, watermarkMillis) ? BEFORE_WATERMARK : undefined);
      if (refusal !== undefined) refuse(refusal);
      else if (fact.kind === "session") sessions.merge(fact);
      else if (fact.kind === "task") tasks.merge(fact);
      else if (fact.kind === "model_call") calls.merge(fact);
      else if (fact.kind === "tool_call") tools.merge(fact);
      else if (fact.kind === "file_change") fileChanges[files.add(fact)] += 1;
      else measurements[quality.merge(fact)] += 1;
    }
    for (const session of sessions.settle()) {
      tasks.includeSession(session);
      calls.includeSession(session);
      tools.includeSession(session);
    }
    for (const task of tasks.settle()) {
      calls.includeTask(task);
      tools.includeTask(task);
    }
    // Calls refer to tasks and sessions, so those are written last, when all of them are known.
    const callsWritten = [calls.flush(), tools.flush()];
    coverage.settle(watermarkMillis);
    const written = [fileChanges, measurements, ...callsWritten, tasks.flush(), sessions.flush()];
    files.flush();
    changes.apply(watermarkMillis);
    const collisions = written.reduce((sum, counts) => sum + ("refused" in counts ? Number(counts.refused) : 0), 0);
    if (collisions > 0) refuse("key collision", collisions);
    return {
      received: facts.length,
      inserted: written.reduce((sum, { inserted }) => sum + inserted, 0),
      changed: written.reduce((sum, { changed }) => sum + changed, 0),
      refused,
    };
  };

  const writeBatch = database.transaction((batch: LedgerBatch): LedgerWriteResult => {
    const dataVersion = dataVersionNow.get();
    if (dataVersion !== seenDataVersion) forgetRows();
    seenDataVersion = dataVersion;
    const result = mergeAll(batch.facts);
    for (const path of batch.restarted ?? []) transcripts.forgetSkipped(path);
    for (const cursor of batch.cursors ?? []) transcripts.save(cursor);
    for (const skip of batch.skipped ?? []) transcripts.addSkipped(skip);
    return result;
  });

  return {
    write(batch) {
      try {
        log.prepareFor(batch.facts.length);
        return writeBatch.immediate(batch);
      } catch (error) {
        forgetRows();
        strings.forget();
        prices.forget();
        throw error;
      }
    },
  };
}
