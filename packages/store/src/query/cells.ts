/** What was collected, by bucket and group. There may be a hundred thousand cells, so they are kept in columns. */
import { AnswerCells } from "../rollup/answer-cells.ts";
import type { RollupCells } from "../rollup/read-rollups.ts";
import type { RollupSum } from "../rollup/types.ts";
import type { FactValue } from "./measures.ts";
import type { ValueSet } from "./quantile.ts";

/** What is wanted of each group. */
export interface Want {
  readonly sums: readonly RollupSum[];
  /** Some of these of which only the total is asked: a reader may add all of it to the first. Default: none. */
  readonly together?: readonly RollupSum[];
  /** Values whose least and greatest are wanted. */
  readonly extremes: readonly FactValue[];
  /** Values whose percentiles are wanted. */
  readonly quantiles: readonly FactValue[];
}

/** One group of one bucket. */
export interface Cell {
  readonly bucket: number;
  /** Number of the group; cells of one group have the same. */
  readonly group: number;
  readonly key: readonly string[];
  sum(name: RollupSum): number;
  values(value: FactValue): ValueSet;
}

/** A cell that a reader adds to. */
export interface WritableCell {
  addSum(name: RollupSum, value: number): void;
  addExtremes(value: FactValue, min: number, max: number): void;
  addValue(value: FactValue, exact: number): void;
}

/** Where readers put what they found. */
export interface CellSink {
  of(bucket: number, key: readonly string[]): WritableCell;
}

interface Cells extends CellSink {
  /** Adds an answer of the rollups, whose bucket 0 is bucket `firstBucket` here. */
  addRollups(rollups: RollupCells, firstBucket: number): void;
  all(): readonly Cell[];
}

interface Columns {
  readonly numbers: AnswerCells;
  readonly keys: readonly (readonly string[])[];
  readonly sumPlaces: ReadonlyMap<RollupSum, number>;
  readonly extremePlaces: ReadonlyMap<FactValue, number>;
  readonly quantilePlaces: ReadonlyMap<FactValue, number>;
  /** Per wanted quantile, values that are known one by one, by cell. */
  readonly exact: readonly (number[] | undefined)[][];
}

export function createCells(want: Want): Cells {
  const numbers = new AnswerCells(want.sums.length, want.extremes.length, want.quantiles.length);
  const keys: (readonly string[])[] = [];
  const groups = new Map<string, number>();
  const columns: Columns = {
    numbers,
    keys,
    sumPlaces: placesOf(want.sums),
    extremePlaces: placesOf(want.extremes),
    quantilePlaces: placesOf(want.quantiles),
    exact: want.quantiles.map(() => []),
  };

  const groupOf = (key: readonly string[]): number => {
    const name = key.length === 0 ? "" : JSON.stringify(key);
    let group = groups.get(name);
    if (group === undefined) {
      group = keys.length;
      keys.push(key);
      groups.set(name, group);
    }
    return group;
  };

  return {
    of: (bucket, key) => new ColumnCell(columns, numbers.at(groupOf(key), bucket)),
    addRollups({ keys: rollupKeys, cells, shown }, firstBucket) {
      const ownGroups = rollupKeys.map(groupOf);
      for (const from of shown) {
        const to = numbers.at(ownGroups[cells.groups[from] ?? 0] ?? 0, firstBucket + (cells.buckets[from] ?? 0));
        numbers.addCell(to, cells, from);
      }
    },
    all: () => Array.from({ length: numbers.count }, (_, cell) => new ColumnCell(columns, cell)),
  };
}

function placesOf<Name>(names: readonly Name[]): ReadonlyMap<Name, number> {
  return new Map(names.map((name, place) => [name, place]));
}

/** A cell as an object: made when it is looked at, and with nothing of its own. */
class ColumnCell implements Cell, WritableCell {
  private readonly columns: Columns;
  private readonly cell: number;

  constructor(columns: Columns, cell: number) {
    this.columns = columns;
    this.cell = cell;
  }

  get bucket(): number {
    return this.columns.numbers.buckets[this.cell] as number;
  }

  get group(): number {
    return this.columns.numbers.groups[this.cell] as number;
  }

  get key(): readonly string[] {
    return this.columns.keys[this.group] as readonly string[];
  }

  sum(name: RollupSum): number {
    return this.columns.numbers.sums[this.columns.sumPlaces.get(name) ?? -1]?.[this.cell] ?? 0;
  }

  values(value: FactValue): ValueSet {
    const { numbers, extremePlaces, quantilePlaces, exact } = this.columns;
    const extremePlace = extremePlaces.get(value) ?? -1;
    const quantilePlace = quantilePlaces.get(value) ?? -1;
    const min = numbers.min[extremePlace]?.[this.cell] ?? Infinity;
    const max = numbers.max[extremePlace]?.[this.cell] ?? -Infinity;
    return {
      exact: exact[quantilePlace]?.[this.cell] ?? NO_VALUES,
      histogram: numbers.histograms[quantilePlace]?.[this.cell],
      extremes: min <= max ? { min, max } : undefined,
    };
  }

  addSum(name: RollupSum, value: number): void {
    const sums = this.columns.numbers.sums[this.columns.sumPlaces.get(name) ?? -1];
    if (sums !== undefined) sums[this.cell] = (sums[this.cell] as number) + value;
  }

  addExtremes(value: FactValue, min: number, max: number): void {
    const place = this.columns.extremePlaces.get(value);
    if (place === undefined) return;
    this.columns.numbers.include(place, this.cell, min);
    this.columns.numbers.include(place, this.cell, max);
  }

  addValue(value: FactValue, exact: number): void {
    const column = this.columns.exact[this.columns.quantilePlaces.get(value) ?? -1];
    if (column === undefined) return;
    const known = column[this.cell];
    if (known === undefined) column[this.cell] = [exact];
    else known.push(exact);
  }
}

const NO_VALUES: readonly number[] = Object.freeze([]);
