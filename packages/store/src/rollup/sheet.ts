/**
 * Sheets: differences of one quarter hour and project that are not folded into the closed days yet.
 *
 * A sheet keeps the values of distributions themselves, with a signed count each: so a value that is taken back
 * cancels exactly, and least and greatest are exact too.
 */
import { type ByteReader, type ByteWriter, ByteReader as Reader } from "./bytes.ts";
import { addAt, DISTRIBUTION_COUNT, DISTRIBUTION_PLACES, noSums, PLAIN_SUM_PLACES, SUM_PLACES } from "./sums.ts";
import type { Contribution, Distribution, RollupDimensions, RollupSum } from "./types.ts";

/** Differences of one product, agent and model. */
export interface SheetCell {
  readonly productId: number;
  readonly agentId: number;
  readonly modelId: number;
  /** In the order of ROLLUP_SUMS; those that follow from values stay 0. */
  readonly sums: number[];
  /** Per distribution: how many times each value was added, less how many times it was taken back. */
  readonly values: (Map<number, number> | undefined)[];
}

/** By product, agent and model. */
export type Sheet = Map<number | string, SheetCell>;

/** What is told of a sheet while it is read, without building it. */
export interface SheetVisitor {
  /** A cell begins; `false` passes over what is in it. */
  cell(productId: number, agentId: number, modelId: number): boolean;
  sum(place: number, difference: number): void;
  /** Values of a distribution begin; `false` passes over them. */
  values(distribution: number): boolean;
  value(distribution: number, value: number, count: number): void;
}

const NO_VALUES: readonly undefined[] = Array.from({ length: DISTRIBUTION_COUNT }, () => undefined);

function cellOfSheet(sheet: Sheet, productId: number, agentId: number, modelId: number): SheetCell {
  const key = keyOf(productId, agentId, modelId);
  let cell = sheet.get(key);
  if (cell === undefined) {
    cell = {
      productId,
      agentId,
      modelId,
      sums: noSums(),
      values: NO_VALUES.slice(),
    };
    sheet.set(key, cell);
  }
  return cell;
}

/** What a sheet has of a cell. */
export function cellIn(
  sheet: Sheet,
  { productId, agentId, modelId }: Omit<RollupDimensions, "projectId">,
): SheetCell | undefined {
  return sheet.get(keyOf(productId, agentId, modelId));
}

function addValue(cell: SheetCell, distribution: number, value: number, count: number): void {
  let values = cell.values[distribution];
  if (values === undefined) {
    values = new Map();
    cell.values[distribution] = values;
  }
  const sum = (values.get(value) ?? 0) + count;
  if (sum === 0) values.delete(value);
  else values.set(value, sum);
}

/** Adds a contribution, or with -1 takes it back. */
export function addContribution(sheet: Sheet, { dimensions, sums, values }: Contribution, sign: 1 | -1): void {
  const cell = cellOfSheet(sheet, dimensions.productId, dimensions.agentId, dimensions.modelId);
  if (sums.calls === undefined) {
    for (const name in sums) addAt(cell.sums, SUM_PLACES[name as RollupSum], sign, sums[name as RollupSum]);
  } else {
    addCallSums(cell.sums, sums, sign);
  }
  for (const name in values) {
    const value = values[name as Distribution];
    if (value !== undefined) addValue(cell, DISTRIBUTION_PLACES[name as Distribution], value, sign);
  }
}

/** Spelled out: a loop over names takes several times as long, and most facts are calls. */
function addCallSums(own: number[], sums: Contribution["sums"], sign: 1 | -1): void {
  addAt(own, SUM_PLACES.calls, sign, sums.calls);
  addAt(own, SUM_PLACES.call_errors, sign, sums.call_errors);
  addAt(own, SUM_PLACES.calls_without_usage, sign, sums.calls_without_usage);
  addAt(own, SUM_PLACES.input, sign, sums.input);
  addAt(own, SUM_PLACES.cache_read, sign, sums.cache_read);
  addAt(own, SUM_PLACES.cache_write_5m, sign, sums.cache_write_5m);
  addAt(own, SUM_PLACES.cache_write_1h, sign, sums.cache_write_1h);
  addAt(own, SUM_PLACES.output, sign, sums.output);
  addAt(own, SUM_PLACES.reasoning, sign, sums.reasoning);
  addAt(own, SUM_PLACES.cost_nano_usd, sign, sums.cost_nano_usd);
  addAt(own, SUM_PLACES.reported_cost_nano_usd, sign, sums.reported_cost_nano_usd);
  addAt(own, SUM_PLACES.unpriced_calls, sign, sums.unpriced_calls);
}

/** The distributions came when there were so many plain sums. Part of the file format. */
const FIRST_VALUES_BIT = 19;

/** The bit of a plain sum in the mask of a cell: those that came later lie above the distributions. */
const sumBit = (i: number): number => 1 << (i < FIRST_VALUES_BIT ? i : i + DISTRIBUTION_COUNT);
const valuesBit = (distribution: number): number => 1 << (FIRST_VALUES_BIT + distribution);

/** Whether anything is left after all that cancelled. */
export function hasDifferences(sheet: Sheet): boolean {
  for (const cell of sheet.values()) if (maskOf(cell) !== 0) return true;
  return false;
}

/** What a cell has differences in, as bits. */
function maskOf({ sums, values }: SheetCell): number {
  let mask = 0;
  for (let bit = 0; bit < PLAIN_SUM_PLACES.length; bit++) {
    if (sums[PLAIN_SUM_PLACES[bit] as number] !== 0) mask |= sumBit(bit);
  }
  for (let d = 0; d < DISTRIBUTION_COUNT; d++) if ((values[d]?.size ?? 0) > 0) mask |= valuesBit(d);
  return mask;
}

/** Writes a sheet; empty when there is no difference left in it. */
export function encodeSheet(sheet: Sheet, writer: ByteWriter): Buffer {
  for (const cell of sheet.values()) {
    const mask = maskOf(cell);
    if (mask === 0) continue;
    writer.varint(cell.productId);
    writer.varint(cell.agentId);
    writer.varint(cell.modelId);
    writer.varint(mask >>> 0);
    for (let i = 0; i < PLAIN_SUM_PLACES.length; i++) {
      const sum = cell.sums[PLAIN_SUM_PLACES[i] as number] ?? 0;
      if (sum !== 0) writer.signed(sum);
    }
    for (let d = 0; d < DISTRIBUTION_COUNT; d++) {
      const values = cell.values[d];
      if (values !== undefined && values.size > 0) encodeValues(values, writer);
    }
  }
  return writer.take();
}

/** Ascending values, each as its distance from the one before; the count follows only where it is not 1. */
function encodeValues(values: ReadonlyMap<number, number>, writer: ByteWriter): void {
  const ascending = ascendingKeys(values);
  writer.varint(ascending.length);
  let previous = 0;
  for (let i = 0; i < ascending.length; i++) {
    const value = ascending[i] as number;
    const count = values.get(value) ?? 0;
    const isOnce = count === 1;
    writer.varint((value - previous) * 2 + (isOnce ? 0 : 1));
    if (!isOnce) writer.signed(count);
    previous = value;
  }
}

/** Up to so many are in order before a sort has begun. */
const FEW_VALUES = 16;

function ascendingKeys(values: ReadonlyMap<number, number>): readonly number[] | Float64Array {
  if (values.size > FEW_VALUES) return Float64Array.from(values.keys()).sort();
  const sorted: number[] = [];
  for (const value of values.keys()) {
    let place = sorted.length;
    for (; place > 0 && (sorted[place - 1] as number) > value; place--) sorted[place] = sorted[place - 1] as number;
    sorted[place] = value;
  }
  return sorted;
}

/** @throws RangeError when the bytes are no sheet. */
export function visitSheet(data: Uint8Array, visitor: SheetVisitor): void {
  const reader = new Reader(data);
  while (!reader.isAtEnd) {
    const isWanted = visitor.cell(reader.varint(), reader.varint(), reader.varint());
    const mask = reader.varint();
    for (let bit = 0; bit < PLAIN_SUM_PLACES.length; bit++) {
      if ((mask & sumBit(bit)) === 0) continue;
      if (isWanted) visitor.sum(PLAIN_SUM_PLACES[bit] as number, reader.signed());
      else reader.skip(1);
    }
    for (let d = 0; d < DISTRIBUTION_COUNT; d++) {
      if ((mask & valuesBit(d)) === 0) continue;
      const length = reader.varint();
      if (isWanted && visitor.values(d)) visitValues(reader, length, d, visitor);
      else reader.skipPairs(length);
    }
  }
}

function visitValues(reader: ByteReader, length: number, distribution: number, visitor: SheetVisitor): void {
  let value = 0;
  for (let i = 0; i < length; i++) {
    const head = reader.varint();
    const isOnce = head % 2 === 0;
    value += isOnce ? head / 2 : (head - 1) / 2;
    visitor.value(distribution, value, isOnce ? 1 : reader.signed());
  }
}

/** Adds a written sheet to one in memory. */
export function addEncodedSheet(into: Sheet, data: Uint8Array): void {
  let cell: SheetCell | undefined;
  visitSheet(data, {
    cell(productId, agentId, modelId) {
      cell = cellOfSheet(into, productId, agentId, modelId);
      return true;
    },
    sum(place, difference) {
      if (cell !== undefined) cell.sums[place] = (cell.sums[place] ?? 0) + difference;
    },
    values: () => true,
    value(distribution, value, count) {
      if (cell !== undefined) addValue(cell, distribution, value, count);
    },
  });
}

/**
 * Adds a sheet to a written one and writes both. Cells that do not change are copied as they are, because a single
 * fact changes one of many.
 */
export function encodeMerged(changed: Sheet, stored: Uint8Array, writer: ByteWriter): Buffer {
  const reader = new Reader(stored);
  while (!reader.isAtEnd) {
    const start = reader.offset;
    const [productId, agentId, modelId] = [reader.varint(), reader.varint(), reader.varint()];
    const cell = changed.get(keyOf(productId, agentId, modelId));
    skipCell(reader);
    const bytes = stored.subarray(start, reader.offset);
    if (cell === undefined) writer.bytes(bytes);
    else addEncodedSheet(changed, bytes);
  }
  return encodeSheet(changed, writer);
}

function skipCell(reader: ByteReader): void {
  const mask = reader.varint();
  for (let bit = 0; bit < PLAIN_SUM_PLACES.length; bit++) if ((mask & sumBit(bit)) !== 0) reader.skip(1);
  for (let d = 0; d < DISTRIBUTION_COUNT; d++) {
    if ((mask & valuesBit(d)) === 0) continue;
    reader.skipPairs(reader.varint());
  }
}

/** Three of them fit into 30 bits, which V8 finds much faster than longer numbers. */
const SMALL_ID = 2 ** 10;
/** Three of them fit into one number, which is quicker to make than a text. */
const MIDDLE_ID = 2 ** 17;

function keyOf(productId: number, agentId: number, modelId: number): number | string {
  if (productId < SMALL_ID && agentId < SMALL_ID && modelId < SMALL_ID) {
    return (productId * SMALL_ID + agentId) * SMALL_ID + modelId;
  }
  if (productId < MIDDLE_ID && agentId < MIDDLE_ID && modelId < MIDDLE_ID) {
    return -((productId * MIDDLE_ID + agentId) * MIDDLE_ID + modelId);
  }
  return `${productId}|${agentId}|${modelId}`;
}
