/** An answer that is being added up: numbers by group and bucket. */
import {
  type Block,
  type BlockKeys,
  cellAt,
  decodeExtremes,
  decodeHistograms,
  decodeKeys,
  decodeSums,
  extremesColumn,
  FIRST_BUCKET,
  histogramColumn,
  KEYS_COLUMN,
  sumColumn,
} from "./block.ts";
import { bucketOf, DenseHistogram } from "./histogram.ts";
import { dimensionsOfMargin, type Margin } from "./margins.ts";
import { QUARTER_HOURS_A_DAY } from "./places.ts";
import { visitSheet } from "./sheet.ts";
import { DISTRIBUTION_PLACES, SUM_PLACES, VALUE_SUM_PLACES } from "./sums.ts";
import type { RollupDimensions, RollupGroup, RollupQuestion, SparseHistogram } from "./types.ts";

/** What is asked, with string numbers instead of names. */
export interface AnswerShape {
  readonly question: RollupQuestion;
  /** Per dimension, the numbers that pass; undefined: all pass. */
  readonly filter: Readonly<Record<keyof RollupDimensions, ReadonlySet<number> | undefined>>;
}

/** A value that was taken back: the extremes of its bucket may be stale. */
export interface TakenBack {
  readonly quarterHour: number;
  readonly bucket: number;
}

export interface Answer {
  /** Columns that a block must bring. */
  readonly columns: readonly number[];
  /** The same when only extremes are added. */
  readonly extremeColumns: readonly number[];
  /** Adds a block; slot `i` belongs to bucket `buckets[i]`. */
  addBlock(block: Block, buckets: Int32Array): void;
  /** The same with a block of margins. */
  addMargins(block: Block, buckets: Int32Array, margin: Margin): void;
  addBlockExtremes(block: Block, buckets: Int32Array): void;
  addSheet(data: Uint8Array, quarterHour: number, projectId: number, bucket: number): void;
  addSheetExtremes(data: Uint8Array, projectId: number, bucket: number): void;
  /** Where a value was taken back that is as little or as great as the extremes found. */
  staleExtremes(): TakenBack[];
  /** Forgets the extremes of a bucket. */
  forgetExtremes(bucket: number): void;
  /** The groups, by string numbers. */
  groups(): { readonly ids: readonly number[]; readonly group: Omit<RollupGroup, "key"> }[];
}

const MAX_PAGE = 1024;

const DIMENSION_FIELDS = { product: "productId", project: "projectId", agent: "agentId", model: "modelId" } as const;

export function createAnswer({ question, filter }: AnswerShape): Answer {
  const bucketCount = question.edges.length - 1;
  const sumPlaces = question.sums.map((name) => SUM_PLACES[name]);
  const extremePlaces = question.extremes.map((name) => DISTRIBUTION_PLACES[name]);
  const histogramPlaces = question.histograms.map((name) => DISTRIBUTION_PLACES[name]);
  const groupFields = question.groupBy.map((dimension) => DIMENSION_FIELDS[dimension]);
  const sumIndexes = indexesOf(sumPlaces);
  const extremeIndexes = indexesOf(extremePlaces);
  const histogramIndexes = indexesOf(histogramPlaces);
  const pageSize = Math.min(MAX_PAGE, bucketCount);
  const groups = new Map<string, Group>();
  const groupsByCell = new Map<number | string, Group | undefined>();
  const scratch = new Float64Array(QUARTER_HOURS_A_DAY);
  const takenBack: (TakenBack & { readonly group: Group; readonly index: number; readonly value: number })[] = [];

  const passes = (dimensions: RollupDimensions): boolean =>
    (filter.productId?.has(dimensions.productId) ?? true) &&
    (filter.projectId?.has(dimensions.projectId) ?? true) &&
    (filter.agentId?.has(dimensions.agentId) ?? true) &&
    (filter.modelId?.has(dimensions.modelId) ?? true);

  const groupOf = (dimensions: RollupDimensions): Group | undefined => {
    if (!passes(dimensions)) return undefined;
    const ids = groupFields.map((field) => dimensions[field]);
    const key = ids.join("|");
    let group = groups.get(key);
    if (group === undefined) {
      group = createGroup(ids);
      groups.set(key, group);
    }
    return group;
  };

  const createGroup = (ids: readonly number[]): Group => ({
    ids,
    sums: createPages(bucketCount, pageSize, sumPlaces.length, 0),
    min: createPages(bucketCount, pageSize, extremePlaces.length, Infinity),
    max: createPages(bucketCount, pageSize, extremePlaces.length, -Infinity),
    histograms: histogramPlaces.map(() => new Map()),
  });

  /** The group of each cell of a block. */
  const groupsOf = (keys: BlockKeys): (Group | undefined)[] => {
    const found: (Group | undefined)[] = [];
    for (let cell = 0; cell < keys.cellCount; cell++) {
      const key = shortKeyOf(keys.ids, cell) ?? cellAt(keys, cell).key;
      let group = groupsByCell.get(key);
      if (group === undefined && !groupsByCell.has(key)) {
        group = groupOf(cellAt(keys, cell));
        groupsByCell.set(key, group);
      }
      found.push(group);
    }
    return found;
  };

  /** Goes through the entries of a column that are asked for. */
  const eachEntry = (
    keys: BlockKeys,
    has: Uint8Array,
    cellGroups: readonly (Group | undefined)[],
    visit: (group: Group, firstEntry: number, behindEntry: number, firstValue: number) => void,
  ): void => {
    let next = 0;
    for (let cell = 0; cell < cellGroups.length; cell++) {
      if (has[cell] === 0) continue;
      const first = keys.starts[cell] as number;
      const behind = keys.starts[cell + 1] as number;
      const group = cellGroups[cell];
      if (group !== undefined) visit(group, first, behind, next);
      next += behind - first;
    }
  };

  const addSums = (block: Block, keys: BlockKeys, cellGroups: readonly (Group | undefined)[], buckets: Int32Array) => {
    for (const [index, place] of sumPlaces.entries()) {
      const column = decodeSums(block, keys, place);
      if (column === undefined) continue;
      const { values } = column;
      eachEntry(keys, column.has, cellGroups, (group, first, behind, firstValue) => {
        const { sums } = group;
        values.read(firstValue, firstValue + behind - first, scratch);
        for (let entry = first; entry < behind; entry++) {
          const bucket = buckets[keys.slots[entry] as number] as number;
          if (bucket < 0) continue;
          const page = sums.page(bucket);
          const at = (bucket % pageSize) * sums.width + index;
          page[at] = (page[at] as number) + (scratch[entry - first] as number);
        }
      });
    }
  };

  const addHistograms = (
    block: Block,
    keys: BlockKeys,
    cellGroups: readonly (Group | undefined)[],
    buckets: Int32Array,
  ): void => {
    for (const [index, distribution] of histogramPlaces.entries()) {
      const column = decodeHistograms(block, keys, distribution);
      if (column === undefined) continue;
      const { lengths, firsts, total, entriesInUse } = column;
      const distances = column.distances.bytes ?? column.distances.readAll(total - entriesInUse);
      const counts = column.counts.bytes ?? column.counts.readAll(total);
      const firstOf = firsts.bytes ?? firsts.readAll(entriesInUse);
      let value = 0;
      let used = 0;
      let place = 0;
      const skipTo = (target: number): void => {
        for (; value < target; value++) {
          const length = lengths[value] as number;
          place += length;
          if (length > 0) used += 1;
        }
      };
      eachEntry(keys, column.has, cellGroups, (group, first, behind, firstValue) => {
        const histograms = group.histograms[index] as Map<number, DenseHistogram>;
        skipTo(firstValue);
        for (let entry = first; entry < behind; entry++) {
          const bucket = buckets[keys.slots[entry] as number] as number;
          const length = lengths[value] as number;
          if (bucket >= 0 && length > 0) {
            const begin = FIRST_BUCKET + (firstOf[used] as number);
            histogramOf(histograms, bucket).addEntry(begin, distances, place - used, counts, place, length);
          }
          skipTo(value + 1);
        }
      });
    }
  };

  const addExtremes = (
    block: Block,
    keys: BlockKeys,
    cellGroups: readonly (Group | undefined)[],
    buckets: Int32Array,
  ): void => {
    for (const [index, distribution] of extremePlaces.entries()) {
      const column = decodeExtremes(block, keys, distribution);
      if (column === undefined) continue;
      eachEntry(keys, column.has, cellGroups, (group, first, behind, firstValue) => {
        for (let entry = first; entry < behind; entry++) {
          const bucket = buckets[keys.slots[entry] as number] as number;
          const low = column.min[firstValue + entry - first] as number;
          if (bucket < 0 || low === Infinity) continue;
          include(group, bucket, index, low);
          include(group, bucket, index, column.max[firstValue + entry - first] as number);
        }
      });
    }
  };

  const addColumns = (
    block: Block,
    keys: BlockKeys,
    cellGroups: readonly (Group | undefined)[],
    buckets: Int32Array,
  ): void => {
    addSums(block, keys, cellGroups, buckets);
    addHistograms(block, keys, cellGroups, buckets);
    addExtremes(block, keys, cellGroups, buckets);
  };

  const include = (group: Group, bucket: number, index: number, value: number): void => {
    const at = (bucket % pageSize) * group.min.width + index;
    const low = group.min.page(bucket);
    const high = group.max.page(bucket);
    if (value < (low[at] as number)) low[at] = value;
    if (value > (high[at] as number)) high[at] = value;
  };

  const extremeColumns = [
    KEYS_COLUMN,
    ...extremePlaces.flatMap((d) => {
      const place = VALUE_SUM_PLACES[d] ?? 0;
      return [extremesColumn(d), sumColumn(place), sumColumn(place + 1)];
    }),
  ];

  return {
    columns: [...new Set([...extremeColumns, ...sumPlaces.map(sumColumn), ...histogramPlaces.map(histogramColumn)])],
    extremeColumns,
    addBlock(block, buckets) {
      const keys = decodeKeys(block);
      addColumns(block, keys, groupsOf(keys), buckets);
    },
    addMargins(block, buckets, margin) {
      const keys = decodeKeys(block);
      const cellGroups = Array.from({ length: keys.cellCount }, (_, cell) => {
        const dimensions = dimensionsOfMargin(margin, keys.ids, cell);
        return dimensions === undefined ? undefined : groupOf(dimensions);
      });
      addColumns(block, keys, cellGroups, buckets);
    },
    addBlockExtremes(block, buckets) {
      const keys = decodeKeys(block);
      const cellGroups = groupsOf(keys);
      addExtremes(block, keys, cellGroups, buckets);
    },
    addSheet(data, quarterHour, projectId, bucket) {
      let group: Group | undefined;
      const addSum = (place: number, difference: number): void => {
        const index = sumIndexes[place];
        if (group === undefined || index === undefined) return;
        const at = (bucket % pageSize) * group.sums.width + index;
        const page = group.sums.page(bucket);
        page[at] = (page[at] as number) + difference;
      };
      visitSheet(data, {
        cell(productId, agentId, modelId) {
          group = groupOf({ productId, projectId, agentId, modelId });
          return group !== undefined;
        },
        sum: addSum,
        value(distribution, value, count) {
          if (group === undefined) return;
          const place = VALUE_SUM_PLACES[distribution] as number;
          addSum(place, value * count);
          addSum(place + 1, count);
          const histogram = histogramIndexes[distribution];
          if (histogram !== undefined) {
            histogramOf(group.histograms[histogram] as Map<number, DenseHistogram>, bucket).add(bucketOf(value), count);
          }
          const index = extremeIndexes[distribution];
          if (index === undefined) return;
          if (count > 0) include(group, bucket, index, value);
          else takenBack.push({ quarterHour, bucket, group, index, value });
        },
      });
    },
    addSheetExtremes(data, projectId, bucket) {
      let group: Group | undefined;
      visitSheet(data, {
        cell(productId, agentId, modelId) {
          group = groupOf({ productId, projectId, agentId, modelId });
          return group !== undefined;
        },
        sum: () => undefined,
        value(distribution, value, count) {
          const index = extremeIndexes[distribution];
          if (group !== undefined && index !== undefined && count > 0) include(group, bucket, index, value);
        },
      });
    },
    staleExtremes() {
      const stale = takenBack.some(({ group, bucket, index, value }) => {
        const at = (bucket % pageSize) * group.min.width + index;
        return value <= (group.min.page(bucket)[at] as number) || value >= (group.max.page(bucket)[at] as number);
      });
      return stale ? takenBack : [];
    },
    forgetExtremes(bucket) {
      for (const group of groups.values()) {
        const from = (bucket % pageSize) * group.min.width;
        group.min.page(bucket).fill(Infinity, from, from + group.min.width);
        group.max.page(bucket).fill(-Infinity, from, from + group.max.width);
      }
    },
    groups() {
      const found: { ids: readonly number[]; group: Omit<RollupGroup, "key"> }[] = [];
      for (let bucket = 0; bucket < bucketCount; bucket++) {
        for (const group of groups.values()) {
          const entry = toGroup(group, bucket);
          if (entry !== undefined) found.push({ ids: group.ids, group: entry });
        }
      }
      return found;
    },
  };

  function toGroup(group: Group, bucket: number): Omit<RollupGroup, "key"> | undefined {
    const sums: number[] = [];
    const extremes: RollupGroup["extremes"][number][] = [];
    const histograms: SparseHistogram[] = [];
    let isEmpty = true;
    for (let i = 0; i < sumPlaces.length; i++) {
      const sum = group.sums.get(bucket, i);
      sums.push(sum);
      if (sum !== 0) isEmpty = false;
    }
    for (let i = 0; i < extremePlaces.length; i++) {
      const min = group.min.get(bucket, i);
      const max = group.max.get(bucket, i);
      extremes.push(min <= max ? { min, max } : undefined);
      if (min <= max) isEmpty = false;
    }
    for (const byBucket of group.histograms) {
      const histogram = byBucket.get(bucket) ?? NO_VALUES;
      histograms.push(histogram);
      if (histogram.count > 0) isEmpty = false;
    }
    return isEmpty ? undefined : { bucket, sums, extremes, histograms };
  }
}

const NO_VALUES: SparseHistogram = Object.freeze({ count: 0, buckets: new Map<number, number>() });

interface Group {
  readonly ids: readonly number[];
  readonly sums: Pages;
  readonly min: Pages;
  readonly max: Pages;
  /** Per asked histogram, by bucket. */
  readonly histograms: readonly Map<number, DenseHistogram>[];
}

/** Rows of numbers by bucket; memory is taken for the stretches of buckets that are used. */
interface Pages {
  /** Numbers per bucket. */
  readonly width: number;
  page(bucket: number): Float64Array;
  get(bucket: number, index: number): number;
}

function createPages(bucketCount: number, pageSize: number, width: number, empty: number): Pages {
  const pages: (Float64Array | undefined)[] = Array.from(
    { length: Math.ceil(bucketCount / pageSize) },
    () => undefined,
  );
  return {
    width,
    page(bucket) {
      const number = Math.floor(bucket / pageSize);
      let page = pages[number];
      if (page === undefined) {
        page = new Float64Array(pageSize * width);
        if (empty !== 0) page.fill(empty);
        pages[number] = page;
      }
      return page;
    },
    get(bucket, index) {
      return pages[Math.floor(bucket / pageSize)]?.[(bucket % pageSize) * width + index] ?? empty;
    },
  };
}

/** Numbers below this leave room for four of them in one. */
const SHORT_ID = 2 ** 13;

/** A cell's numbers as one; undefined when they do not fit. */
function shortKeyOf(ids: Float64Array, cell: number): number | undefined {
  let key = 0;
  for (let i = cell * 4; i < cell * 4 + 4; i++) {
    const id = ids[i] as number;
    if (id >= SHORT_ID) return undefined;
    key = key * SHORT_ID + id;
  }
  return key;
}

function histogramOf(histograms: Map<number, DenseHistogram>, bucket: number): DenseHistogram {
  let histogram = histograms.get(bucket);
  if (histogram === undefined) {
    histogram = new DenseHistogram();
    histograms.set(bucket, histogram);
  }
  return histogram;
}

function indexesOf(places: readonly number[]): (number | undefined)[] {
  const indexes: (number | undefined)[] = [];
  for (const [index, place] of places.entries()) indexes[place] = index;
  return indexes;
}
