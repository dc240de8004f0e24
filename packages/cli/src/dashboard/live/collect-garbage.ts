/** Collects a thread's garbage as soon as it is worth it. */
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** V8 by itself waits for eight megabytes in each thread, and never gives all of them back. */
const WORTHWHILE_BYTES = 3_000_000;

/**
 * Creates the collection of this thread. Calling it looks how much was left behind since it was created or collected last,
 * and takes some ten milliseconds where that is much.
 */
export function createGarbageCollection(): () => void {
  let collect: (() => void) | undefined;
  let leftBytes = usedBytes();
  return () => {
    if (usedBytes() - leftBytes < WORTHWHILE_BYTES) return;
    collect ??= exposedCollector();
    collect();
    leftBytes = usedBytes();
  };
}

function usedBytes(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}

/** Contexts that are made after the flag was set have V8's own function. */
function exposedCollector(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
}
