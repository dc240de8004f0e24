/** Answers from the rollups: what is closed and what is open, added up. */
import type { Database } from "better-sqlite3";
import { type Answer, createAnswer, type TakenBack } from "./answer.ts";
import { type BlockFiles, createBlockFiles } from "./block-files.ts";
import { createByteWriter } from "./bytes.ts";
import { readLedgerSheets } from "./ledger-summaries.ts";
import {
  dayOfQuarterHour,
  LEVEL_EVERYTHING,
  LEVEL_QUARTER_HOURS,
  levelOfZone,
  marginLevelOfZone,
  projectOfSheet,
  QUARTER_HOURS_A_DAY,
  quarterHourOfSheet,
  sheetId,
  UTC_ZONE_ID,
} from "./places.ts";
import { createBucketFinder, planRollupReads } from "./read-plan.ts";
import { encodeSheet } from "./sheet.ts";
import type { RollupDimensions, RollupGroup, RollupQuestion } from "./types.ts";

/** Row numbers leave this much room; an open-ended question means no more. */
const MAX_QUARTER_HOUR = 2 ** 23 - 1;

/**
 * Sums, extremes and histograms by bucket and group; exact at any moment. Groups whose every asked number is 0 are left
 * out.
 * @throws RangeError for fewer than two edges, or edges that do not ascend.
 */
export function readRollups(database: Database, question: RollupQuestion): RollupGroup[] {
  requireAscending(question.edges);
  if (database.inTransaction) return read(database, question);
  return database.transaction(() => read(database, question)).deferred();
}

function requireAscending(edges: readonly number[]): void {
  const isAscending = edges.every((edge, i) => Number.isSafeInteger(edge) && (i === 0 || edge > (edges[i - 1] ?? 0)));
  if (edges.length < 2 || !isAscending) {
    throw new RangeError("Rollups are asked by ascending quarter hours, at least two of them.");
  }
}

function read(database: Database, asked: RollupQuestion): RollupGroup[] {
  const question = { ...asked, edges: withinReach(asked.edges) };
  const names = createNames(database);
  const answer = createAnswer({
    question,
    filter: {
      productId: names.numbersOf(question.filter.products),
      projectId: names.numbersOf(question.filter.projects),
      agentId: names.numbersOf(question.filter.agents),
      modelId: names.numbersOf(question.filter.models),
    },
  });
  const files = createBlockFiles(database);
  const dimensions = dimensionsOf(question);
  const closedDays = readDays(database, UTC_ZONE_ID, question.edges).map(({ first }) => dayOfQuarterHour(first));
  const zoneId = bestZone(database, question);
  const zoneDays = zoneId === undefined ? [] : readDays(database, zoneId, question.edges);
  const { days, quarterHours } = planRollupReads(question.edges, { closedDays, zoneDays });
  const kept = zoneId ?? UTC_ZONE_ID;
  for (const { firstQuarterHour, buckets } of days) {
    const isOnMargin = dimensions.length <= 1;
    const dayLevel = isOnMargin ? marginLevelOfZone(kept) : levelOfZone(kept);
    const block = files.read(dayLevel, firstQuarterHour, answer.columns);
    if (isOnMargin) answer.addMargins(block, buckets, dimensions[0]);
    else answer.addBlock(block, buckets);
  }
  const level = dimensions.length === 0 ? LEVEL_EVERYTHING : LEVEL_QUARTER_HOURS;
  for (const { firstQuarterHour, buckets } of quarterHours) {
    const block = files.read(level, firstQuarterHour, answer.columns);
    answer.addBlock(block, buckets);
  }
  eachSheet(database, question.edges, (data, quarterHour, projectId, bucket) =>
    answer.addSheet(data, quarterHour, projectId, bucket),
  );
  const stale = answer.staleExtremes();
  if (stale.length > 0) readExtremesAgain(database, question.edges, answer, files, stale);
  return answer.groups().map(({ ids, group }) => ({ ...group, key: ids.map(names.nameOf) }));
}

/** Quarter hours beyond what a row number can hold have no facts. */
function withinReach(edges: readonly number[]): readonly number[] {
  return edges.map((edge, i) => Math.min(Math.max(edge, i - edges.length), MAX_QUARTER_HOUR + i));
}

/** The dimensions that a question knows of, by filter or by group. */
function dimensionsOf({ filter, groupBy }: RollupQuestion): (keyof RollupDimensions)[] {
  const known = new Set(groupBy.map((dimension) => `${dimension}Id` as const));
  if (filter.products !== undefined) known.add("productId");
  if (filter.projects !== undefined) known.add("projectId");
  if (filter.agents !== undefined) known.add("agentId");
  if (filter.models !== undefined) known.add("modelId");
  return [...known];
}

/** The zone that the question names, or else the one that has the most days whole. */
function bestZone(database: Database, { edges, timeZone }: RollupQuestion): number | undefined {
  const named = database.prepare<[string], number>("SELECT id FROM rollup_zone WHERE name = ?").pluck();
  if (timeZone !== undefined) return named.get(timeZone);
  const zoneIds = database.prepare<[], number>("SELECT id FROM rollup_zone ORDER BY id").pluck().all();
  const wholeDays = (zoneId: number): number =>
    planRollupReads(edges, { closedDays: [], zoneDays: readDays(database, zoneId, edges) }).days.length;
  const [best] = zoneIds.map((id) => ({ id, days: wholeDays(id) })).sort((a, b) => b.days - a.days || a.id - b.id);
  return best?.id;
}

/** Days of a zone that touch the asked span. */
function readDays(
  database: Database,
  zoneId: number,
  edges: readonly number[],
): { readonly first: number; readonly behind: number }[] {
  // No day of any zone was longer than two: this finds one that began before the span.
  const from = (edges[0] ?? 0) - 2 * QUARTER_HOURS_A_DAY;
  return database
    .prepare<[number, number, number], { first: number; behind: number }>(
      `SELECT first_quarter_hour AS first, first_quarter_hour + quarter_hours AS behind FROM rollup_day
       WHERE zone_id = ? AND first_quarter_hour BETWEEN ? AND ? ORDER BY first_quarter_hour`,
    )
    .all(zoneId, from, edges.at(-1) ?? 0);
}

function eachSheet(
  database: Database,
  edges: readonly number[],
  visit: (data: Uint8Array, quarterHour: number, projectId: number, bucket: number) => void,
): void {
  const bucketOf = createBucketFinder(edges);
  const rows = database
    .prepare<[number, number], [number, Buffer]>(
      "SELECT id, data FROM rollup_sheet WHERE id >= ? AND id < ? ORDER BY id",
    )
    .raw()
    .iterate(sheetId(edges[0] ?? 0, 0), sheetId(edges.at(-1) ?? 0, 0));
  for (const [id, data] of rows) {
    const quarterHour = quarterHourOfSheet(id);
    visit(data, quarterHour, projectOfSheet(id), bucketOf(quarterHour));
  }
}

/**
 * A closed day keeps extremes, not values: when one of them was taken back, only the ledger knows the next one. Quarter
 * hours in which values were taken back are read from the ledger until they are folded, all others as before.
 */
function readExtremesAgain(
  database: Database,
  edges: readonly number[],
  answer: Answer,
  files: BlockFiles,
  takenBack: readonly TakenBack[],
): void {
  const stale = new Set(takenBack.map(({ bucket }) => bucket));
  const fromLedger = new Set(takenBack.map(({ quarterHour }) => quarterHour));
  for (const bucket of stale) answer.forgetExtremes(bucket);
  const { quarterHours } = planRollupReads(edges, {
    closedDays: readDays(database, UTC_ZONE_ID, edges).map(({ first }) => dayOfQuarterHour(first)),
    zoneDays: [],
  });
  for (const { firstQuarterHour, buckets } of quarterHours) {
    const wanted = buckets.map((bucket, slot) =>
      stale.has(bucket) && !fromLedger.has(firstQuarterHour + slot) ? bucket : -1,
    );
    if (wanted.every((bucket) => bucket < 0)) continue;
    const block = files.read(LEVEL_QUARTER_HOURS, firstQuarterHour, answer.extremeColumns);
    answer.addBlockExtremes(block, wanted);
  }
  eachSheet(database, edges, (data, quarterHour, projectId, bucket) => {
    if (stale.has(bucket) && !fromLedger.has(quarterHour)) answer.addSheetExtremes(data, projectId, bucket);
  });
  const writer = createByteWriter();
  const bucketOf = createBucketFinder(edges);
  for (const quarterHour of [...fromLedger].sort((a, b) => a - b)) {
    for (const [id, sheet] of readLedgerSheets(database, quarterHour, quarterHour + 1)) {
      answer.addSheetExtremes(encodeSheet(sheet, writer), projectOfSheet(id), bucketOf(quarterHour));
    }
  }
}

interface Names {
  /** Numbers of names; names that are not known have none. */
  numbersOf(names: readonly string[] | undefined): ReadonlySet<number> | undefined;
  nameOf(id: number): string;
}

function createNames(database: Database): Names {
  const find = database.prepare<[string], number>("SELECT id FROM string WHERE text = ?").pluck();
  const select = database.prepare<[number], string>("SELECT text FROM string WHERE id = ?").pluck();
  const known = new Map<number, string>([[0, ""]]);
  return {
    numbersOf(names) {
      if (names === undefined) return undefined;
      return new Set(names.map((name) => (name === "" ? 0 : (find.get(name) ?? -1))));
    },
    nameOf(id) {
      let name = known.get(id);
      if (name === undefined) {
        name = select.get(id) ?? "";
        known.set(id, name);
      }
      return name;
    },
  };
}
