/** What a question asks for, as places in the file and columns of a block. */
import { extremesColumn, histogramColumn, sumColumn } from "./block-columns.ts";
import { KEYS_COLUMN } from "./block-keys.ts";
import { DISTRIBUTION_PLACES, SUM_PLACES, VALUE_SUM_PLACES } from "./sums.ts";
import type { RollupQuestion } from "./types.ts";

/** In the order of the question. */
export interface AskedColumns {
  /** Places of the sums. */
  readonly sumPlaces: readonly number[];
  /** Places of distributions. */
  readonly extremePlaces: readonly number[];
  readonly histogramPlaces: readonly number[];
  /** Columns that a block must bring. */
  readonly all: readonly number[];
  /** The same when only extremes are added. */
  readonly ofExtremes: readonly number[];
  /** The same when only histograms are added. */
  readonly ofHistograms: readonly number[];
}

export function askedColumns(question: Pick<RollupQuestion, "sums" | "extremes" | "histograms">): AskedColumns {
  const sumPlaces = question.sums.map((name) => SUM_PLACES[name]);
  const extremePlaces = question.extremes.map((name) => DISTRIBUTION_PLACES[name]);
  const histogramPlaces = question.histograms.map((name) => DISTRIBUTION_PLACES[name]);
  const ofExtremes = [
    KEYS_COLUMN,
    // Extremes of few values follow from their sum and number.
    ...extremePlaces.flatMap((d) => {
      const place = VALUE_SUM_PLACES[d] ?? 0;
      return [extremesColumn(d), sumColumn(place), sumColumn(place + 1)];
    }),
  ];
  const ofHistograms = [KEYS_COLUMN, ...histogramPlaces.map(histogramColumn)];
  const all = new Set([...ofExtremes, ...sumPlaces.map(sumColumn), ...ofHistograms]);
  return { sumPlaces, extremePlaces, histogramPlaces, all: [...all], ofExtremes, ofHistograms };
}
