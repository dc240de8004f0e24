/** Adds open sheets to an answer. */
import type { AnswerCells } from "./answer-cells.ts";
import type { AnswerGroups } from "./answer-groups.ts";
import type { AskedColumns } from "./asked-columns.ts";
import { bucketOf } from "./histogram.ts";
import { visitSheet } from "./sheet.ts";
import { VALUE_SUM_PLACES } from "./sums.ts";

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
  const sumIndexes = indexesOf(asked.sumPlaces);
  const extremeIndexes = indexesOf(asked.extremePlaces);
  const histogramIndexes = indexesOf(asked.histogramPlaces);
  const takenBack: (TakenBack & { readonly cell: number; readonly index: number; readonly value: number })[] = [];
  let cell = -1;

  const addSum = (place: number, difference: number): void => {
    const sums = cells.sums[sumIndexes[place] ?? -1];
    if (sums !== undefined) sums[cell] = (sums[cell] as number) + difference;
  };

  const enterCell = (projectId: number, bucket: number) => {
    return (productId: number, agentId: number, modelId: number): boolean => {
      const group = bucket < 0 ? -1 : groups.groupOf(productId, projectId, agentId, modelId);
      cell = group < 0 ? -1 : cells.at(group, bucket);
      return cell >= 0;
    };
  };

  return {
    add(data, quarterHour, projectId, bucket) {
      visitSheet(data, {
        cell: enterCell(projectId, bucket),
        sum: addSum,
        value(distribution, value, count) {
          const place = VALUE_SUM_PLACES[distribution] ?? 0;
          addSum(place, value * count);
          addSum(place + 1, count);
          const histogram = histogramIndexes[distribution];
          if (histogram !== undefined) cells.histogramAt(histogram, cell).add(bucketOf(value), count);
          const index = extremeIndexes[distribution];
          if (index === undefined) return;
          if (count > 0) cells.include(index, cell, value);
          else takenBack.push({ quarterHour, bucket, cell, index, value });
        },
      });
    },
    addExtremes(data, projectId, bucket) {
      visitSheet(data, {
        cell: enterCell(projectId, bucket),
        sum: () => undefined,
        value(distribution, value, count) {
          const index = extremeIndexes[distribution];
          if (index !== undefined && count > 0) cells.include(index, cell, value);
        },
      });
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

function indexesOf(places: readonly number[]): (number | undefined)[] {
  const indexes: (number | undefined)[] = [];
  for (const [index, place] of places.entries()) indexes[place] = index;
  return indexes;
}
