/** Millions of points that come in the opposite order of the one in which they are wanted. */

/** `[value, millis]`. */
export type Datapoint = readonly [number, number];

/** Points, sixteen bytes each. */
export interface PointStack {
  push(value: number, millis: number): void;
  /** Takes all of them out, the last one first. */
  lastFirst(): Generator<Datapoint>;
}

/** An array that grows is copied, and for a while there are both; a block that is full is left as it is. */
const BLOCK_NUMBERS = 8_192;

export function createPointStack(): PointStack {
  const blocks: Float64Array[] = [];
  let length = 0;
  return {
    push(value, millis) {
      const place = (2 * length) % BLOCK_NUMBERS;
      if (place === 0) blocks.push(new Float64Array(BLOCK_NUMBERS));
      const block = blocks.at(-1) as Float64Array;
      block[place] = value;
      block[place + 1] = millis;
      length += 1;
    },
    *lastFirst() {
      for (const block of blocks.toReversed()) {
        const numbers = (2 * length) % BLOCK_NUMBERS || BLOCK_NUMBERS;
        for (let place = numbers - 2; place >= 0; place -= 2) {
          yield [block[place] as number, block[place + 1] as number];
          length -= 1;
        }
        // Gives the memory back at once: the garbage collector is in no hurry with what lies outside of its heap.
        (block.buffer as ArrayBuffer).transfer(0);
      }
    },
  };
}
