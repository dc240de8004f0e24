/** Millions of points that come in the opposite order of the one in which they are wanted. */

/** `[value, millis]`. */
export type Datapoint = readonly [number, number];

/** Points, eight bytes each where their values are whole numbers of 32 bits, else twelve. */
export interface PointStack {
  push(value: number, millis: number): void;
  /** Takes all of them out, the last one first. */
  lastFirst(): Generator<Datapoint>;
}

/** An array that grows is copied, and for a while there are both; a block that is full is left as it is. */
const BLOCK_POINTS = 4_096;

interface PointBlock {
  length: number;
  readonly values: Uint32Array | Float64Array;
  readonly firstMillis: number;
  /** How long before the first point each of them lies. */
  readonly distances: Uint32Array;
}

export function createPointStack(): PointStack {
  const blocks: PointBlock[] = [];
  return {
    push(value, millis) {
      let block = blocks.at(-1);
      if (block === undefined || !hasRoomFor(block, value, millis)) {
        block = {
          length: 0,
          values: isWord(value) ? new Uint32Array(BLOCK_POINTS) : new Float64Array(BLOCK_POINTS),
          firstMillis: millis,
          distances: new Uint32Array(BLOCK_POINTS),
        };
        blocks.push(block);
      }
      block.values[block.length] = value;
      block.distances[block.length] = block.firstMillis - millis;
      block.length += 1;
    },
    *lastFirst() {
      for (let block = blocks.pop(); block !== undefined; block = blocks.pop()) {
        const { values, firstMillis, distances } = block;
        for (let i = block.length - 1; i >= 0; i--) yield [values[i] as number, firstMillis - (distances[i] as number)];
        // Gives the memory back at once: the garbage collector is in no hurry with what lies outside of its heap.
        for (const { buffer } of [values, distances]) (buffer as ArrayBuffer).transfer(0);
      }
    },
  };
}

function hasRoomFor({ length, values, firstMillis }: PointBlock, value: number, millis: number): boolean {
  if (length === BLOCK_POINTS || !isWord(firstMillis - millis)) return false;
  return isWord(value) || values instanceof Float64Array;
}

/** Whether 32 bits hold it. */
function isWord(value: number): boolean {
  return value >>> 0 === value;
}
