/** An answer that is being added up: from closed blocks and open sheets to numbers by group and bucket. */
import { addBlockExtremes, addBlockHistograms, addBlockSums, placeBlock } from "./add-block.ts";
import { createDayAdder } from "./add-day.ts";
import { createSheetAdder, type TakenBack } from "./add-sheet.ts";
import { AnswerCells } from "./answer-cells.ts";
import { createAnswerGroups, type DimensionFilter } from "./answer-groups.ts";
import { askedColumns } from "./asked-columns.ts";
import type { OpenBlock } from "./block-columns.ts";
import type { Margin } from "./margins.ts";
import type { RollupQuestion } from "./types.ts";

export interface Answer {
  /** Columns that a block must bring. */
  readonly columns: readonly number[];
  /** The same when only extremes are added. */
  readonly extremeColumns: readonly number[];
  /** The same when only histograms are added. */
  readonly histogramColumns: readonly number[];
  readonly cells: AnswerCells;
  /** String numbers of each group. */
  readonly groupIds: readonly (readonly number[])[];
  /** Adds a block; slot `i` belongs to bucket `buckets[i]`. */
  addBlock(block: OpenBlock, buckets: Int32Array): void;
  /** The same with a block of margins. */
  addMargins(block: OpenBlock, buckets: Int32Array, margin: Margin): void;
  /** Adds a row of a whole day of that margin, or of all cells; undefined where more than sums is asked for. */
  readonly addDay: ((data: Uint8Array, bucket: number, margin: Margin | "cells") => void) | undefined;
  addBlockExtremes(block: OpenBlock, buckets: Int32Array): void;
  addBlockHistograms(block: OpenBlock, buckets: Int32Array): void;
  addSheet(data: Uint8Array, quarterHour: number, projectId: number, bucket: number): void;
  addSheetExtremes(data: Uint8Array, projectId: number, bucket: number): void;
  /** Where a value was taken back that is as little or as great as the extremes found. */
  staleExtremes(): readonly TakenBack[];
  /** Forgets the extremes of some buckets. */
  forgetExtremes(buckets: ReadonlySet<number>): void;
}

/** @param filter the question's filter, with string numbers instead of names. */
export function createAnswer(question: RollupQuestion, filter: DimensionFilter): Answer {
  const asked = askedColumns(question);
  const { sumPlaces, extremePlaces, histogramPlaces } = asked;
  const cells = new AnswerCells(
    sumPlaces.length,
    extremePlaces.length,
    histogramPlaces.length,
    question.histogramScale,
  );
  const groups = createAnswerGroups(question.groupBy, filter);
  const sheets = createSheetAdder(asked, groups, cells);

  const addDay = createDayAdder(asked, cells);
  const hasOnlySums = asked.extremePlaces.length + asked.histogramPlaces.length === 0;

  const add = (open: OpenBlock, cellGroups: Int32Array, buckets: Int32Array): void => {
    const placed = placeBlock(open, cellGroups, buckets, cells);
    addBlockSums(placed, asked, cells);
    addBlockHistograms(placed, asked, cells);
    addBlockExtremes(placed, asked, cells);
  };

  return {
    columns: asked.all,
    extremeColumns: asked.ofExtremes,
    histogramColumns: asked.ofHistograms,
    cells,
    groupIds: groups.ids,
    addBlock: (open, buckets) => add(open, groups.ofBlock(open.keys), buckets),
    addMargins: (open, buckets, margin) => add(open, groups.ofMargins(open.keys, margin), buckets),
    addDay: hasOnlySums
      ? (data, bucket, margin) =>
          addDay(data, bucket, (keys) => (margin === "cells" ? groups.ofBlock(keys) : groups.ofMargins(keys, margin)))
      : undefined,
    addBlockExtremes(open, buckets) {
      addBlockExtremes(placeBlock(open, groups.ofBlock(open.keys), buckets, cells), asked, cells);
    },
    addBlockHistograms(open, buckets) {
      addBlockHistograms(placeBlock(open, groups.ofBlock(open.keys), buckets, cells), asked, cells);
    },
    addSheet: sheets.add,
    addSheetExtremes: sheets.addExtremes,
    staleExtremes: sheets.staleExtremes,
    forgetExtremes(buckets) {
      for (let cell = 0; cell < cells.count; cell++) {
        if (!buckets.has(cells.buckets[cell] as number)) continue;
        for (const min of cells.min) min[cell] = Infinity;
        for (const max of cells.max) max[cell] = -Infinity;
      }
    },
  };
}
