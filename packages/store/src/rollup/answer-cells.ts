/**
 * Numbers of an answer by bucket and group, in columns: there may be a hundred thousand of these cells, and an object
 * for each of them would take longer to make than all the rest.
 */
import { DenseHistogram } from "./histogram.ts";
import type { HistogramScale } from "./types.ts";

/** Buckets that are looked up together: memory is taken for the stretches that are used. */
const PAGE = 1024;
/** Most answers have a bucket or a few, and some have a thousand groups. */
const FIRST_PAGE = 16;
/** Short pages of many groups share an array. */
const SHARED_PLACES = 4096;
const FIRST_CAPACITY = 64;
const GROWTH = 4;
const NO_PLACES = new Int32Array(0);

/** A class, because what it does lies on the path of every number. */
export class AnswerCells {
  /** Number of cells, numbered from 0 in the order in which they were first met. */
  count = 0;
  /** Group and bucket of each cell. */
  groups: Int32Array = new Int32Array(FIRST_CAPACITY);
  buckets: Int32Array = new Int32Array(FIRST_CAPACITY);
  /** Per asked sum, by cell. */
  readonly sums: Float64Array[];
  /** Per asked distribution, by cell; Infinity and -Infinity where there is no value. */
  readonly min: Float64Array[];
  readonly max: Float64Array[];
  /** Per asked distribution, by cell. */
  readonly histograms: (DenseHistogram | undefined)[][];
  /** By group and page: one more than the number of the cell, 0 for none. */
  private readonly places: (Int32Array | undefined)[][] = [];
  /** What is left of the array that short pages share. */
  private sharedPlaces: Int32Array = NO_PLACES;
  private readonly scale: HistogramScale;

  /** Of each how many are asked for. */
  constructor(sums: number, extremes: number, histograms: number, scale: HistogramScale = 5) {
    this.scale = scale;
    const columns = (length: number, empty: number): Float64Array[] =>
      Array.from({ length }, () => new Float64Array(FIRST_CAPACITY).fill(empty));
    this.sums = columns(sums, 0);
    this.min = columns(extremes, Infinity);
    this.max = columns(extremes, -Infinity);
    this.histograms = Array.from({ length: histograms }, () => []);
  }

  /** The cell of a group and a bucket, made when it is not there yet. */
  at(group: number, bucket: number): number {
    let pages = this.places[group];
    if (pages === undefined) {
      pages = [];
      this.places[group] = pages;
    }
    const number = Math.floor(bucket / PAGE);
    const place = bucket % PAGE;
    let page = pages[number];
    if (page === undefined || place >= page.length) {
      page = widened(page ?? NO_PLACES, this.takePlaces(place));
      pages[number] = page;
    }
    const known = page[place] as number;
    if (known !== 0) return known - 1;
    const cell = this.count;
    if (cell === this.groups.length) this.grow();
    this.count = cell + 1;
    this.groups[cell] = group;
    this.buckets[cell] = bucket;
    page[place] = cell + 1;
    return cell;
  }

  /** Adds a cell of other cells with the same columns; a histogram is taken over, when there is none yet. */
  addCell(to: number, cells: AnswerCells, from: number): void {
    for (let i = 0; i < this.sums.length; i++) {
      const sums = this.sums[i] as Float64Array;
      sums[to] = (sums[to] as number) + ((cells.sums[i] as Float64Array)[from] as number);
    }
    for (let i = 0; i < this.min.length; i++) {
      const min = (cells.min[i] as Float64Array)[from] as number;
      const max = (cells.max[i] as Float64Array)[from] as number;
      if (min > max) continue;
      this.include(i, to, min);
      this.include(i, to, max);
    }
    for (let i = 0; i < this.histograms.length; i++) {
      const histograms = this.histograms[i] as (DenseHistogram | undefined)[];
      const added = cells.histograms[i]?.[from];
      if (added === undefined) continue;
      if (histograms[to] === undefined) histograms[to] = added;
      else histograms[to].addAll(added);
    }
  }

  /** Widens the extremes of a cell to hold a value. */
  include(extremes: number, cell: number, value: number): void {
    const min = this.min[extremes] as Float64Array;
    const max = this.max[extremes] as Float64Array;
    if (value < (min[cell] as number)) min[cell] = value;
    if (value > (max[cell] as number)) max[cell] = value;
  }

  histogramAt(histograms: number, cell: number): DenseHistogram {
    const column = this.histograms[histograms] as (DenseHistogram | undefined)[];
    let histogram = column[cell];
    if (histogram === undefined) {
      histogram = new DenseHistogram(this.scale);
      column[cell] = histogram;
    }
    return histogram;
  }

  /** Whether every number of a cell is 0. */
  isEmpty(cell: number): boolean {
    for (let i = 0; i < this.sums.length; i++) if ((this.sums[i] as Float64Array)[cell] !== 0) return false;
    for (const min of this.min) if (min[cell] !== Infinity) return false;
    for (const histograms of this.histograms) if ((histograms[cell]?.count ?? 0) > 0) return false;
    return true;
  }

  /** An empty page that reaches a place. */
  private takePlaces(place: number): Int32Array {
    let length = FIRST_PAGE;
    while (length <= place) length *= GROWTH;
    if (length >= PAGE) return new Int32Array(PAGE);
    if (this.sharedPlaces.length < length) this.sharedPlaces = new Int32Array(SHARED_PLACES);
    const page = this.sharedPlaces.subarray(0, length);
    this.sharedPlaces = this.sharedPlaces.subarray(length);
    return page;
  }

  private grow(): void {
    const capacity = this.count * GROWTH;
    this.groups = widened(this.groups, new Int32Array(capacity));
    this.buckets = widened(this.buckets, new Int32Array(capacity));
    for (const [columns, empty] of [
      [this.sums, 0],
      [this.min, Infinity],
      [this.max, -Infinity],
    ] as const) {
      for (const [i, column] of columns.entries()) {
        const wider = new Float64Array(capacity);
        columns[i] = widened(column, empty === 0 ? wider : wider.fill(empty, this.count));
      }
    }
  }
}

function widened<Numbers extends Int32Array | Float64Array>(numbers: Numbers, wider: Numbers): Numbers {
  wider.set(numbers);
  return wider;
}
