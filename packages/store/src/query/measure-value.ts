/** What a measure needs of the store, and its value in a cell. */
import type { RollupSum } from "../rollup/types.ts";
import type { Cell, Want } from "./cells.ts";
import type { AggregateFunction, MeasureDefinition } from "./measures.ts";
import { quantileOf } from "./quantile.ts";

/** What must be collected to tell a function of a measure. Pure. */
export function planWant(definition: MeasureDefinition, wanted: AggregateFunction): Want {
  if (definition.kind === "total") return { sums: definition.sum, extremes: [], quantiles: [] };
  if (definition.kind === "ratio") return { sums: [...definition.denominator], extremes: [], quantiles: [] };
  const { sum, count, countLess, value } = definition;
  const isExtreme = wanted === "min" || wanted === "max" || wanted === "percentile";
  return {
    sums: [...(isExtreme ? [] : sum), ...count, ...countLess],
    together: isExtreme ? [] : sum,
    extremes: isExtreme ? [value] : [],
    quantiles: wanted === "percentile" ? [value] : [],
  };
}

/** A value, and what it was made from. */
export interface MeasuredValue {
  readonly value: number | undefined;
  readonly count: number;
  readonly relativeError: number;
}

/** The value of a function of a measure in a cell; without a cell, in an empty one. */
export function measure(
  cell: Pick<Cell, "sum" | "values"> | undefined,
  definition: MeasureDefinition,
  wanted: AggregateFunction,
  percentile: number | undefined,
): MeasuredValue {
  if (definition.kind === "total") {
    const total = addUp(cell, definition.sum);
    return exactly(total, total);
  }
  if (definition.kind === "ratio") {
    const all = addUp(cell, definition.denominator);
    return exactly(all === 0 ? undefined : addUp(cell, definition.numerator) / all, all);
  }
  const count = addUp(cell, definition.count) - addUp(cell, definition.countLess);
  switch (wanted) {
    case "sum":
      return exactly(addUp(cell, definition.sum), count);
    case "count":
      return exactly(count, count);
    case "avg":
      return exactly(count === 0 ? undefined : addUp(cell, definition.sum) / count, count);
    case "min":
      return exactly(cell?.values(definition.value).extremes?.min, count);
    case "max":
      return exactly(cell?.values(definition.value).extremes?.max, count);
    case "percentile":
      return cell === undefined
        ? exactly(undefined, 0)
        : { ...quantileOf(cell.values(definition.value), percentile ?? 0), count };
  }
}

function addUp(cell: Pick<Cell, "sum"> | undefined, names: readonly RollupSum[]): number {
  let total = 0;
  if (cell !== undefined) for (let i = 0; i < names.length; i++) total += cell.sum(names[i] as RollupSum);
  return total;
}

function exactly(value: number | undefined, count: number): MeasuredValue {
  return { value, count, relativeError: 0 };
}

/** Whether a value was made from anything; groups of other facts leave empty ones behind. */
export function hasFacts({ value, count }: MeasuredValue): boolean {
  return count !== 0 || (value ?? 0) !== 0;
}
