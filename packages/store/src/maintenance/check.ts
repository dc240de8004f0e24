/** Proof that a file holds what it should. */
import type { Database } from "better-sqlite3";
import { checkTotals } from "../read/totals-check.ts";
import { checkRollups } from "../rollup/check.ts";
import { chunksOfDay, createChunkCache } from "../series/chunk/rows.ts";
import { readSeriesState } from "../series/maintenance/state.ts";
import { readSummaries, summaryHeads } from "../series/summary/rows.ts";
import type { CheckPart, CheckResult } from "./types.ts";
import { checkQuality } from "./unsound-quality.ts";
import { readWatermarkMillis } from "./watermark.ts";
import { checkWitnesses } from "./witnesses.ts";

const MAX_LISTED = 100;

/** Reads the whole file, verifies every checksum, and computes every rollup anew from the ledger. Nothing is changed. */
export function checkStore(database: Database, onPart?: (name: CheckPart["name"]) => void): CheckResult {
  const parts: CheckPart[] = [];
  const examine = (name: CheckPart["name"], find: () => string[]): void => {
    onPart?.(name);
    const problems = findOrTell(find);
    parts.push({ name, problems: problems.slice(0, MAX_LISTED), unlisted: Math.max(0, problems.length - MAX_LISTED) });
  };
  examine("pages", () => integrityProblems(database));
  examine("points", () => pointProblems(database));
  examine("totals", () =>
    checkTotals(database, readWatermarkMillis(database)).map(
      ({ owner, key, column, total, ledger }) => `${owner} ${key}: ${column} is ${total}, its calls say ${ledger}`,
    ),
  );
  examine("witnesses", () => checkWitnesses(database));
  examine("quality", () => checkQuality(database));
  examine("rollups", () =>
    checkRollups(database).map(
      ({ quarterHour, dimensions, column, rollup, ledger }) =>
        `quarter hour ${quarterHour}, ${dimensions}: ${column} is ${rollup}, the ledger says ${ledger}`,
    ),
  );
  return { isSound: parts.every(({ problems }) => problems.length === 0), parts };
}

/** A page so damaged that reading it fails is a finding, not a reason to stop. */
function findOrTell(find: () => string[]): string[] {
  try {
    return find();
  } catch (error) {
    if ((error as { code?: string }).code?.startsWith("SQLITE_CORRUPT") !== true) throw error;
    return [(error as Error).message];
  }
}

function integrityProblems(database: Database): string[] {
  const rows = database.pragma(`integrity_check(${MAX_LISTED + 1})`) as { integrity_check: string }[];
  return rows.map(({ integrity_check: text }) => text).filter((text) => text !== "ok");
}

/** Opens every chunk and every row of summaries, which compares their checksums. */
function pointProblems(database: Database): string[] {
  const problems: string[] = [];
  const open = (work: () => unknown): void => {
    try {
      work();
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      problems.push(error.message);
    }
  };
  const { chunkDays, summaryDays } = readSeriesState(database, 0);
  const chunks = createChunkCache(database, 1);
  for (const day of chunkDays) {
    for (const head of chunksOfDay(database, day)) open(() => chunks.open(head, "any series"));
  }
  for (const resolution of ["hour", "day"] as const) {
    for (const day of summaryDays[resolution]) {
      for (const head of summaryHeads(database, resolution, day, day)) {
        open(() => readSummaries(database, resolution, head));
      }
    }
  }
  return problems;
}
