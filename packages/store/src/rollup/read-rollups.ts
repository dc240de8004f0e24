/** Answers from the rollups: what is closed and what is open, added up. */
import type { Database } from "better-sqlite3";
import type { TakenBack } from "./add-sheet.ts";
import { type Answer, createAnswer } from "./answer.ts";
import type { AnswerCells } from "./answer-cells.ts";
import { bestZone, eachSheet, readDays, withinReach } from "./asked-span.ts";
import type { OpenBlock } from "./block-columns.ts";
import { createByteWriter } from "./bytes.ts";
import { readLedgerSheets } from "./ledger-summaries.ts";
import { createNames, numbersOfFilter } from "./names.ts";
import {
  dayOfQuarterHour,
  LEVEL_EVERYTHING,
  LEVEL_QUARTER_HOUR_MARGINS,
  LEVEL_QUARTER_HOURS,
  levelOfZone,
  marginLevelOfZone,
  projectOfSheet,
  UTC_ZONE_ID,
} from "./places.ts";
import { createBucketFinder, planRollupReads } from "./read-plan.ts";
import { type RollupStatements, rollupStatementsOf } from "./rollup-statements.ts";
import { encodeSheet } from "./sheet.ts";
import type { RollupDimensions, RollupGroup, RollupQuestion, SparseHistogram } from "./types.ts";

/**
 * Sums, extremes and histograms by bucket and group; exact at any moment. Groups whose every asked number is 0 are left
 * out.
 * @throws RangeError for fewer than two edges, or edges that do not ascend.
 */
export function readRollups(database: Database, question: RollupQuestion): RollupGroup[] {
  const [answer] = readRollupViews(database, question, [question]);
  if (answer === undefined) return [];
  const { keys, cells, shown } = answer;
  const byBucket = shown.sort((a, b) => (cells.buckets[a] ?? 0) - (cells.buckets[b] ?? 0));
  return byBucket.map((cell) => ({
    bucket: cells.buckets[cell] ?? 0,
    key: keys[cells.groups[cell] ?? 0] ?? [],
    sums: cells.sums.map((sums) => sums[cell] ?? 0),
    extremes: cells.min.map((each, i) => {
      const [min = Infinity, max = -Infinity] = [each[cell], cells.max[i]?.[cell]];
      return min <= max ? { min, max } : undefined;
    }),
    histograms: cells.histograms.map((histograms) => histograms[cell] ?? NO_VALUES),
  }));
}

const NO_VALUES: SparseHistogram = Object.freeze({ count: 0, buckets: new Map<number, number>() });

/** An answer in columns. */
export interface RollupCells {
  /** Names of each group, in the order of `groupBy`. */
  readonly keys: readonly (readonly string[])[];
  readonly cells: AnswerCells;
  /** The cells of which any asked number is not 0, in no order. */
  readonly shown: number[];
}

/** What is asked of the same time and facts: there may be several of these, and what they share is read once. */
export type RollupView = Pick<RollupQuestion, "groupBy" | "sums" | "extremes" | "histograms" | "histogramScale">;

/** As {@link readRollups}, without an object for each group: for answers of a hundred thousand of them. */
export function readRollupViews(
  database: Database,
  asked: Omit<RollupQuestion, keyof RollupView>,
  views: readonly RollupView[],
): RollupCells[] {
  requireAscending(asked.edges);
  const question = { ...asked, edges: withinReach(asked.edges) };
  if (database.inTransaction) return read(database, question, views);
  return database.transaction(() => read(database, question, views)).deferred();
}

function requireAscending(edges: readonly number[]): void {
  const isAscending = edges.every((edge, i) => Number.isSafeInteger(edge) && (i === 0 || edge > (edges[i - 1] ?? 0)));
  if (edges.length < 2 || !isAscending) {
    throw new RangeError("Rollups are asked by ascending quarter hours, at least two of them.");
  }
}

function read(
  database: Database,
  question: Omit<RollupQuestion, keyof RollupView>,
  views: readonly RollupView[],
): RollupCells[] {
  const { edges, filter, isReadOnce } = question;
  const statements = rollupStatementsOf(database);
  statements.blocks.begin({ isReadOnce });
  const numbers = numbersOfFilter(statements, filter);
  const answers = views.map((view) => {
    const asked = { ...question, ...view };
    return {
      answer: createAnswer(asked, numbers),
      dimensions: dimensionsOf(asked),
      hasHistograms: view.histograms.length > 0,
    };
  });
  readClosed(statements, question, answers);
  eachSheet(statements, edges, (data, quarterHour, projectId, bucket) => {
    for (const { answer } of answers) answer.addSheet(data, quarterHour, projectId, bucket);
  });
  const nameOf = createNames(statements);
  return answers.map(({ answer }) => {
    const stale = answer.staleExtremes();
    if (stale.length > 0) readExtremesAgain(database, edges, answer, stale);
    const { cells, groupIds } = answer;
    return { keys: groupIds.map((ids) => ids.map(nameOf)), cells, shown: shownCells(cells) };
  });
}

/** An answer, and the dimensions that its question knows of. */
interface DimensionedAnswer {
  readonly answer: Answer;
  readonly dimensions: readonly (keyof RollupDimensions)[];
  readonly hasHistograms: boolean;
}

function readClosed(
  statements: RollupStatements,
  question: Omit<RollupQuestion, keyof RollupView>,
  answers: readonly DimensionedAnswer[],
): void {
  const { edges } = question;
  const closedDays = readDays(statements, UTC_ZONE_ID, edges).map(({ first }) => dayOfQuarterHour(first));
  const zoneId = bestZone(statements, question);
  const zoneDays = zoneId === undefined ? [] : readDays(statements, zoneId, edges);
  const { days, quarterHours } = planRollupReads(edges, { closedDays, zoneDays });
  const kept = zoneId ?? UTC_ZONE_ID;
  const onMargin = together(answers.filter(({ dimensions }) => dimensions.length <= 1));
  const onCells = together(answers.filter(({ dimensions }) => dimensions.length > 1));
  const [only, another] = answers;
  for (const { firstQuarterHour, buckets } of days) {
    if (
      only !== undefined &&
      another === undefined &&
      addDay(statements, kept, firstQuarterHour, buckets[0] ?? -1, only)
    )
      continue;
    readFor(statements, marginLevelOfZone(kept), firstQuarterHour, onMargin, (block, { answer, dimensions }) =>
      answer.addMargins(block, buckets, dimensions[0]),
    );
    readFor(statements, levelOfZone(kept), firstQuarterHour, onCells, (block, { answer }) =>
      answer.addBlock(block, buckets),
    );
  }
  const onEverything = answers.filter(({ dimensions }) => dimensions.length === 0);
  const onTotals = answers.filter(({ dimensions }) => dimensions.length === 1);
  const everything = together(onEverything);
  const totals = together(onTotals);
  const totalsAndRest = together([...onTotals, ...onCells.answers]);
  // Margins of quarter hours have no histograms.
  const histograms = histogramsOf(onTotals);
  for (const { firstQuarterHour, buckets } of quarterHours) {
    const isRead = (level: number, some: Together): boolean =>
      readFor(statements, level, firstQuarterHour, some, (block, { answer, dimensions }) =>
        level === LEVEL_QUARTER_HOUR_MARGINS
          ? answer.addMargins(block, buckets, dimensions[0])
          : answer.addBlock(block, buckets),
      );
    isRead(LEVEL_EVERYTHING, everything);
    if (!isRead(LEVEL_QUARTER_HOUR_MARGINS, totals)) {
      isRead(LEVEL_QUARTER_HOURS, totalsAndRest);
      continue;
    }
    isRead(LEVEL_QUARTER_HOURS, onCells);
    readFor(statements, LEVEL_QUARTER_HOURS, firstQuarterHour, histograms, (block, { answer }) =>
      answer.addBlockHistograms(block, buckets),
    );
  }
}

/** Adds a whole day in the quick way; @returns whether it can be. */
function addDay(
  { files, blocks }: RollupStatements,
  zoneId: number,
  firstQuarterHour: number,
  bucket: number,
  { answer, dimensions }: DimensionedAnswer,
): boolean {
  if (answer.addDay === undefined || blocks.areKept) return false;
  const isOnMargin = dimensions.length <= 1;
  const data = files.readDay(isOnMargin ? marginLevelOfZone(zoneId) : levelOfZone(zoneId), firstQuarterHour);
  if (data === undefined) return false;
  answer.addDay(data, bucket, isOnMargin ? dimensions[0] : "cells");
  return true;
}

/** Answers that read the same blocks, and the columns that any of them asks for. */
interface Together {
  readonly answers: readonly DimensionedAnswer[];
  readonly columns: readonly number[];
}

function together(answers: readonly DimensionedAnswer[]): Together {
  return { answers, columns: answers.flatMap(({ answer }) => answer.columns) };
}

/** Those that ask for histograms, with the columns of these alone. */
function histogramsOf(answers: readonly DimensionedAnswer[]): Together {
  const asking = answers.filter(({ hasHistograms }) => hasHistograms);
  return { answers: asking, columns: asking.flatMap(({ answer }) => answer.histogramColumns) };
}

/**
 * Reads a block once for all answers that need it.
 * @returns whether it is there: days that earlier versions closed have no margins of quarter hours.
 */
function readFor(
  { blocks }: RollupStatements,
  level: number,
  firstQuarterHour: number,
  { answers, columns }: Together,
  add: (block: OpenBlock, answer: DimensionedAnswer) => void,
): boolean {
  if (answers.length === 0) return true;
  const isOptional = level === LEVEL_QUARTER_HOUR_MARGINS;
  const block = isOptional
    ? blocks.find(level, firstQuarterHour, columns)
    : blocks.read(level, firstQuarterHour, columns);
  if (block === undefined) return false;
  for (const answer of answers) add(block, answer);
  return true;
}

function shownCells(cells: AnswerCells): number[] {
  const shown: number[] = [];
  for (let cell = 0; cell < cells.count; cell++) if (!cells.isEmpty(cell)) shown.push(cell);
  return shown;
}

/** The dimensions that a question knows of, by filter or by group. */
function dimensionsOf({ filter, groupBy }: Pick<RollupQuestion, "filter" | "groupBy">): (keyof RollupDimensions)[] {
  const known = new Set(groupBy.map((dimension) => `${dimension}Id` as const));
  if (filter.products !== undefined) known.add("productId");
  if (filter.projects !== undefined) known.add("projectId");
  if (filter.agents !== undefined) known.add("agentId");
  if (filter.models !== undefined) known.add("modelId");
  return [...known];
}

/**
 * A closed day keeps extremes, not values: when one of them was taken back, only the ledger knows the next one. Quarter
 * hours in which values were taken back are read from the ledger until they are folded, all others as before.
 */
function readExtremesAgain(
  database: Database,
  edges: readonly number[],
  answer: Answer,
  takenBack: readonly TakenBack[],
): void {
  const statements = rollupStatementsOf(database);
  const stale = new Set(takenBack.map(({ bucket }) => bucket));
  const fromLedger = new Set(takenBack.map(({ quarterHour }) => quarterHour));
  answer.forgetExtremes(stale);
  const { quarterHours } = planRollupReads(edges, {
    closedDays: readDays(statements, UTC_ZONE_ID, edges).map(({ first }) => dayOfQuarterHour(first)),
    zoneDays: [],
  });
  for (const { firstQuarterHour, buckets } of quarterHours) {
    const wanted = buckets.map((bucket, slot) =>
      stale.has(bucket) && !fromLedger.has(firstQuarterHour + slot) ? bucket : -1,
    );
    if (wanted.every((bucket) => bucket < 0)) continue;
    const block = statements.blocks.read(LEVEL_QUARTER_HOURS, firstQuarterHour, answer.extremeColumns);
    answer.addBlockExtremes(block, wanted);
  }
  eachSheet(statements, edges, (data, quarterHour, projectId, bucket) => {
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
