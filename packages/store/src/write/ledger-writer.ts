/**
 * Writes facts: one transaction in which facts are merged with what the ledger knows and the rollups move by the
 * difference.
 */
import type { Fact } from "@moai-metrics/model";
import type { PriceBook } from "@moai-metrics/settings";
import type { Database } from "better-sqlite3";
import type { AdoptedRows } from "../adopt/types.ts";
import { createLiveChanges } from "../live/live-changes.ts";
import { BEFORE_WATERMARK, liesBefore, readWatermarkMillis } from "../maintenance/watermark.ts";
import { readMetricUsage, type ToldSession } from "../metric-usage/told-sessions.ts";
import type { MetricUsageOptions, SessionMetricUsage } from "../metric-usage/types.ts";
import { createRollupChanges } from "../rollup/changes.ts";
import type { PointReader } from "../series/point-reader.ts";
import type { LedgerBatch, LedgerWriteResult } from "../types.ts";
import { createFactChanges } from "./fact-changes.ts";
import { createFileChanges } from "./file-changes.ts";
import { createLogSize } from "./log-size.ts";
import { createModelCallRows } from "./model-call-rows.ts";
import { createPrices } from "./prices.ts";
import { createQualityRows } from "./quality-rows.ts";
import { refusalOf } from "./refuse.ts";
import { createReportCoverage } from "./report-coverage.ts";
import { createSessionRows, hasCallsWithUsage } from "./session-rows.ts";
import { planSilentSessions } from "./silent-sessions.ts";
import { createSpanLinks } from "./span-links.ts";
import { createStrings } from "./strings.ts";
import { createTaskRows } from "./task-rows.ts";
import { createToolCallRows } from "./tool-call-rows.ts";
import { createTranscripts } from "./transcripts.ts";

export interface LedgerWriter {
  /** Merges a batch in one transaction; returns after COMMIT. */
  write(batch: LedgerBatch): LedgerWriteResult;
  /** Counts what metrics told of sessions of which nobody tells calls. Must be called inside a write transaction. */
  countMetrics(told: readonly ToldSession[], points: PointReader, options: MetricUsageOptions): void;
  /** Counts how long sessions took in which nothing happens any more; returns of how many. */
  countSilentSessions(nowMillis: number, silentMillis: number): number;
  /** Merges what another store knows in one transaction; returns after COMMIT. */
  adopt(rows: AdoptedRows): Omit<LedgerWriteResult, "received">;
}

/** What a writer needs besides the file. */
interface LedgerWriterOptions {
  /** The store's secret for hashes of paths. */
  readonly pathKey: Buffer;
  /** What calls cost that do not say so themselves. */
  readonly priceBook: PriceBook;
  /** Milliseconds since 1970: what is recent goes to the live counters, too. */
  readonly now: () => number;
  /** Whether rows are remembered between transactions. */
  readonly remembersRows: boolean;
}

export function createLedgerWriter(
  database: Database,
  { pathKey, priceBook, now, remembersRows }: LedgerWriterOptions,
): LedgerWriter {
  const strings = createStrings(database);
  const prices = createPrices(database);
  const live = createLiveChanges(database, now);
  const changes = createFactChanges(createRollupChanges(database), live);
  const sessions = createSessionRows(database, strings, live);
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
    remembersRows,
  });
  const tools = createToolCallRows(database, strings, sessions, tasks, changes, remembersRows);
  const files = createFileChanges(database, sessions, tasks, live, pathKey);
  const quality = createQualityRows(database, strings);
  const transcripts = createTranscripts(database);
  const spanLinks = createSpanLinks(database);
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

  const mergeAll = (
    facts: readonly Fact[],
    adopted: AdoptedRows,
    byMetric: readonly SessionMetricUsage[],
  ): MergedRows => {
    const refused: Record<string, number> = {};
    const refuse = (reason: string, count = 1): void => {
      refused[reason] = (refused[reason] ?? 0) + count;
    };
    const fileChanges = { inserted: 0, changed: 0, same: 0 };
    const measurements = { inserted: 0, changed: 0, same: 0 };
    const watermarkMillis = readWatermarkMillis(database);
    for (let i = 0; i < facts.length; i++) {
      const fact = facts[i] as Fact;
      const refusal = refusalOf(fact) ?? (liesBefore(fact, watermarkMillis) ? BEFORE_WATERMARK : undefined);
      if (refusal !== undefined) refuse(refusal);
      else if (fact.kind === "session") sessions.merge(fact);
      else if (fact.kind === "task") tasks.merge(fact);
      else if (fact.kind === "model_call") calls.merge(fact);
      else if (fact.kind === "tool_call") tools.merge(fact);
      else if (fact.kind === "file_change") fileChanges[files.add(fact)] += 1;
      else measurements[quality.merge(fact)] += 1;
    }
    for (const usage of byMetric) calls.countMetric(usage, watermarkMillis);
    const isOld = (millis: number | undefined): boolean => {
      const isBefore = millis !== undefined && millis < watermarkMillis;
      if (isBefore) refuse(BEFORE_WATERMARK);
      return isBefore;
    };
    for (const session of adopted.sessions ?? []) {
      if (!isOld(session.state.activity.at(-1)?.endMillis)) sessions.adopt(session);
    }
    for (const { product, taskId, state } of adopted.tasks ?? []) {
      if (!isOld(state.lastSeenAtMillis)) tasks.adopt(product, taskId, state);
    }
    for (const call of adopted.calls ?? []) if (!isOld(call.state.base.value.endedAtMillis)) calls.adopt(call);
    for (const { product, state } of adopted.tools ?? []) {
      if (!isOld(state.base.value.startedAtMillis)) tools.adopt(product, state);
    }
    const filesAdopted = (adopted.files ?? [])
      .filter((each) => !isOld(Math.max(...each.files.map(({ atMillis }) => atMillis))))
      .map((each) => files.adopt(each));
    calls.settleMetrics();
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
    const callsWritten = calls.flush();
    const toolsWritten = tools.flush();
    coverage.settle(watermarkMillis);
    const written: Written = {
      files: sumOf([fileChanges, ...filesAdopted]),
      measurements,
      calls: callsWritten,
      tools: toolsWritten,
      tasks: tasks.flush(),
      sessions: sessions.flush(),
    };
    files.flush();
    changes.apply(watermarkMillis);
    const collisions = callsWritten.refused + toolsWritten.refused;
    if (collisions > 0) refuse("key collision", collisions);
    return { written, refused };
  };

  const forgetOutdated = (): void => {
    const dataVersion = dataVersionNow.get();
    if (dataVersion !== seenDataVersion) forgetRows();
    seenDataVersion = dataVersion;
  };

  const writeBatch = database.transaction((batch: LedgerBatch, adopted: AdoptedRows): MergedRows => {
    forgetOutdated();
    const result = mergeAll(batch.facts, adopted, []);
    for (const path of batch.restarted ?? []) transcripts.forgetSkipped(path);
    for (const cursor of batch.cursors ?? []) transcripts.save(cursor);
    for (const skip of batch.skipped ?? []) transcripts.addSkipped(skip);
    spanLinks.save(batch.spanLinks ?? []);
    return result;
  });

  const countSilent = database.transaction((nowMillis: number, silentMillis: number): number => {
    forgetOutdated();
    const silent = planSilentSessions(database, nowMillis, silentMillis);
    for (const { product, sessionId } of silent) sessions.giveUp(sessions.get(product, sessionId), silentMillis);
    sessions.settle();
    sessions.flush();
    changes.apply(readWatermarkMillis(database));
    return silent.length;
  });

  const writeOrForget = (batch: LedgerBatch, adopted: AdoptedRows): MergedRows => {
    try {
      log.prepareFor(batch.facts.length);
      const merged = writeBatch.immediate(batch, adopted);
      if (!remembersRows) forgetRows();
      return merged;
    } catch (error) {
      forgetRows();
      strings.forget();
      prices.forget();
      throw error;
    }
  };

  return {
    write(batch) {
      const { written, refused } = writeOrForget(batch, {});
      return { received: batch.facts.length, ...sumOf(Object.values(written)), refused };
    },
    countMetrics(told, points, { isTracked }) {
      forgetOutdated();
      const open = told.filter(({ product, sessionId }) => {
        const session = sessions.find(product, sessionId);
        return isTracked(session?.state.project?.value) && !(session !== undefined && hasCallsWithUsage(session));
      });
      if (open.length > 0)
        mergeAll(
          [],
          {},
          open.map((each) => readMetricUsage(points, each)),
        );
    },
    countSilentSessions: (nowMillis, silentMillis) => {
      try {
        return countSilent.immediate(nowMillis, silentMillis);
      } catch (error) {
        forgetRows();
        throw error;
      }
    },
    adopt(rows) {
      const { written, refused } = writeOrForget({ facts: rows.measurements ?? [] }, rows);
      // Owners of calls are written, too, but only what was asked for is told of.
      const asked = (Object.keys(rows) as (keyof AdoptedRows)[]).map((kind) => written[kind]);
      return { ...sumOf(asked), refused };
    },
  };
}

interface WrittenRows {
  readonly inserted: number;
  readonly changed: number;
}

type Written = Readonly<Record<keyof AdoptedRows, WrittenRows>>;

interface MergedRows {
  readonly written: Written;
  readonly refused: LedgerWriteResult["refused"];
}

function sumOf(all: readonly WrittenRows[]): WrittenRows {
  return {
    inserted: all.reduce((sum, { inserted }) => sum + inserted, 0),
    changed: all.reduce((sum, { changed }) => sum + changed, 0),
  };
}
