/** Answers from the ledger. */
import type { Database } from "better-sqlite3";
import { readMeasuredProjects, readQuality } from "./quality-reader.ts";
import { readUsage } from "./rollup-reader.ts";
import { readProjects, readRollupState } from "./rollup-state.ts";
import { readSessionActivity, readSessionCounts, readSessions } from "./session-reader.ts";
import { readSpecUsage } from "./spec-usage.ts";
import { readTasks } from "./task-reader.ts";
import { readTelemetryUse } from "./telemetry-reader.ts";
import { readTokenPeaks } from "./token-peaks.ts";
import { readTools } from "./tool-reader.ts";
import type { LedgerReader } from "./types.ts";
import { readWitnesses } from "./witness-reader.ts";

export function createLedgerReader(database: Database): LedgerReader {
  /** Several statements make one answer, so they must see one state of the file. */
  const inOneState = <T>(read: () => T): T => (database.inTransaction ? read() : database.transaction(read).deferred());
  return {
    usage: (question) => readUsage(database, question),
    usageBySpec: (question) => inOneState(() => readSpecUsage(database, question)),
    sessions: (filter) => inOneState(() => readSessions(database, filter)),
    tasks: (filter) => inOneState(() => readTasks(database, filter)),
    tools: (filter) => readTools(database, filter),
    quality: (filter) => readQuality(database, filter),
    measuredProjects: () => readMeasuredProjects(database),
    tokenPeaks: (question) => inOneState(() => readTokenPeaks(database, question)),
    witnesses: (filter) => inOneState(() => readWitnesses(database, filter)),
    telemetryUse: (question) => inOneState(() => readTelemetryUse(database, question)),
    sessionCounts: (periods, filter) => inOneState(() => readSessionCounts(database, periods, filter)),
    sessionActivity: (periods, filter) => inOneState(() => readSessionActivity(database, periods, filter)),
    projects: () => readProjects(database),
    rollupState: () => inOneState(() => readRollupState(database)),
    span() {
      const row = database
        .prepare<[], { first: number | null; last: number | null }>(
          "SELECT min(started_at) AS first, max(ended_at) AS last FROM session WHERE ended_at > 0",
        )
        .get();
      if (row === undefined || row.first === null || row.last === null) return undefined;
      return { startMillis: row.first, endMillis: row.last };
    },
  };
}
