/** Adds open sheets to an answer. */
import type { AnswerCells } from "./answer-cells.ts";
import type { AnswerGroups } from "./answer-groups.ts";
import type { AskedColumns } from "./asked-columns.ts";
import { bucketOf } from "./histogram.ts";
import { type SheetVisitor, visitSheet } from "./sheet.ts";
import { DISTRIBUTION_COUNT, SUM_COUNT, VALUE_SUM_PLACES } from "./sums.ts";

/** A value that was taken back: the extremes of its bucket may be stale. */
export interface TakenBack {
  readonly quarterHour: number;
  readonly bucket: number;
}

/** Sheets of one answer. */
export interface SheetAdder {
  add(data: Uint8Array, quarterHour: number, projectId: number, bucket: number): void;
  addExtremes(data: Uint8Array, projectId: number, bucket: number): void;
  /** What was taken back, when one of it is as little or as great as the extremes found; otherwise nothing. */
  staleExtremes(): readonly TakenBack[];
}

export function createSheetAdder(asked: AskedColumns, groups: AnswerGroups, cells: AnswerCells): SheetAdder {
  const sumIndexes = indexesOf(asked.sumPlaces, SUM_COUNT);
  const extremeIndexes = indexesOf(asked.extremePlaces, DISTRIBUTION_COUNT);
  const histogramIndexes = indexesOf(asked.histogramPlaces, DISTRIBUTION_COUNT);
  const isAsked = VALUE_SUM_PLACES.map(
    (place, d) =>
      Math.max(extremeIndexes[d] ?? NONE, histogramIndexes[d] ?? NONE) > NONE ||
      Math.max(sumIndexes[place] ?? NONE, sumIndexes[place + 1] ?? NONE) > NONE,
  );
  const takenBack: (TakenBack & { readonly cell: number; readonly index: number; readonly value: number })[] = [];
  let quarterHour = 0;
  let projectId = 0;
  let bucket = NONE;
  let cell = NONE;

  const addSum = (place: number, difference: number): void => {
    const index = sumIndexes[place] as number;
    if (index === NONE) return;
    const sums = cells.sums[index] as Float64Array;
    sums[cell] = (sums[cell] as number) + difference;
  };

  const enterCell = (productId: number, agentId: number, modelId: number): boolean => {
    const group = bucket < 0 ? NONE : groups.groupOf(productId, projectId, agentId, modelId);
    cell = group < 0 ? NONE : cells.at(group, bucket);
    return cell >= 0;
  };

  const whole: SheetVisitor = {
    cell: enterCell,
    sum: addSum,
    values: (distribution) => isAsked[distribution] as boolean,
    value(distribution, value, count) {
      const place = VALUE_SUM_PLACES[distribution] as number;
      addSum(place, value * count);
      addSum(place + 1, count);
      const histogram = histogramIndexes[distribution] as number;
      if (histogram !== NONE) cells.histogramAt(histogram, cell).add(bucketOf(value), count);
      const index = extremeIndexes[distribution] as number;
      if (index === NONE) return;
      if (count > 0) cells.include(index, cell, value);
      else takenBack.push({ quarterHour, bucket, cell, index, value });
    },
  };

  const extremesOnly: SheetVisitor = {
    cell: enterCell,
    sum: () => undefined,
    values: (distribution) => extremeIndexes[distribution] !== NONE,
    value(distribution, value, count) {
      if (count > 0) cells.include(extremeIndexes[distribution] as number, cell, value);
    },
  };

  return {
    add(data, ownQuarterHour, ownProjectId, ownBucket) {
      if (!groups.hasProject(ownProjectId)) return;
      quarterHour = ownQuarterHour;
      projectId = ownProjectId;
      bucket = ownBucket;
      visitSheet(data, whole);
    },
    addExtremes(data, ownProjectId, ownBucket) {
      projectId = ownProjectId;
      bucket = ownBucket;
      visitSheet(data, extremesOnly);
    },
    staleExtremes() {
      const isStale = takenBack.some(
        ({ cell: own, index, value }) =>
          value <= (cells.min[index]?.[own] ?? 0) || value >= (cells.max[index]?.[own] ?? 0),
      );
      return isStale ? takenBack : [];
    },
  };
}

/** The index at which each place is asked for. */
function indexesOf(places: readonly number[], count: number): Int32Array {
  const indexes = new Int32Array(count).fill(NONE);
  for (const [index, place] of places.entries()) indexes[place] = index;
  return indexes;
}

const NONE = -1;
