/** Memory for long imports. */

/**
 * Makes V8 collect garbage sooner. Reading transcripts makes short-lived garbage faster than V8 bothers to collect it:
 * it would rather let the heap grow by hundreds of megabytes. With these limits an import of any size stays small, at
 * no measurable cost in time. Both flags are read by V8 whenever it decides on a heap's growth, so they may be set
 * late; they hold for the rest of the process.
 */
export function limitHeapGrowth(): void {
  const { setFlagsFromString } = process.getBuiltinModule("node:v8");
  setFlagsFromString("--semi-space-growth-factor=1");
  setFlagsFromString("--heap-growing-percent=40");
}

/** V8 lets its young generation grow by as much as survives in it; each round leaves about a megabyte. */
const MAX_ROUNDS = 64;
const OBJECTS_A_ROUND = 20_000;

/**
 * The same once V8's young generation has grown, for what goes through rows, page by page.
 * @param youngBytes how far it grows, a power of two: what fits into it dies there, instead of being copied again and again.
 */
export function limitHeapForRows(youngBytes: number): void {
  const { getHeapSpaceStatistics } = process.getBuiltinModule("node:v8");
  const bytesNow = (): number =>
    getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space")?.space_size ?? Infinity;
  for (let round = 0; round < MAX_ROUNDS && bytesNow() < youngBytes; round++) {
    Array.from({ length: OBJECTS_A_ROUND }, (_, i) => ({ round, i }));
  }
  limitHeapGrowth();
}
