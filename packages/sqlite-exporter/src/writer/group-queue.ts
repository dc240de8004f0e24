/** Group commit: whatever waits goes into one transaction. */

/** How big one item is. */
export interface ItemSize {
  readonly rows: number;
  /** Roughly, in memory. */
  readonly bytes: number;
}

/** What bounds a group. */
export interface GroupLimits {
  readonly maxRows: number;
  readonly maxBytes: number;
}

/** Options of a queue. */
export interface GroupQueueOptions<Item, Result> extends Partial<GroupLimits> {
  sizeOf(item: Item): ItemSize;
  /** Commits a group; one result per item, in order. Never rejects. */
  commit(items: readonly Item[]): Promise<readonly Result[]>;
  /** How long the first item waits for company, in milliseconds. Default 2. */
  readonly gatherMillis?: number | undefined;
  /** Monotonic clock, milliseconds. */
  readonly now?: (() => number) | undefined;
}

/** Items on their way into the file. */
export interface GroupQueue<Item, Result> {
  /** Resolves when the group of the item is settled. */
  add(item: Item): Promise<Result>;
  /** Resolves when nothing waits any more. */
  idle(): Promise<void>;
}

/** 2,000 rows are committed in some ten milliseconds: another process that wants the file waits no longer than that. */
const MAX_ROWS = 2000;
const MAX_BYTES = 1_000_000;
const GATHER_MILLIS = 2;

/** How many of the first items make one group: at least one, and as many as fit. */
export function planGroup(sizes: readonly ItemSize[], { maxRows, maxBytes }: GroupLimits): number {
  let rows = 0;
  let bytes = 0;
  for (const [index, size] of sizes.entries()) {
    rows += size.rows;
    bytes += size.bytes;
    if (index > 0 && (rows > maxRows || bytes > maxBytes)) return index;
  }
  return sizes.length;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly size: ItemSize;
  readonly sinceMillis: number;
  resolve(result: Result): void;
}

/** Creates a queue. Groups are committed one after the other, in the order in which items came. */
export function createGroupQueue<Item, Result>(options: GroupQueueOptions<Item, Result>): GroupQueue<Item, Result> {
  const { sizeOf, commit, gatherMillis = GATHER_MILLIS, now = () => performance.now() } = options;
  const limits = { maxRows: options.maxRows ?? MAX_ROWS, maxBytes: options.maxBytes ?? MAX_BYTES };
  let waiting: Waiting<Item, Result>[] = [];
  let running: Promise<void> | undefined;
  let wake: (() => void) | undefined;

  let waitingRows = 0;
  let waitingBytes = 0;

  const isFull = (): boolean => waitingRows >= limits.maxRows || waitingBytes >= limits.maxBytes;

  /** Also lets in what has come while the last group was committed. */
  const gather = (): Promise<void> =>
    new Promise((resolve) => {
      const left = gatherMillis - (now() - (waiting[0]?.sinceMillis ?? 0));
      if (left <= 0 || isFull()) {
        setImmediate(resolve);
        return;
      }
      const timer = setTimeout(resolve, left);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const run = async (): Promise<void> => {
    while (waiting.length > 0) {
      await gather();
      wake = undefined;
      const count = planGroup(
        waiting.map(({ size }) => size),
        limits,
      );
      const group = waiting.slice(0, count);
      waiting = waiting.slice(count);
      for (const { size } of group) {
        waitingRows -= size.rows;
        waitingBytes -= size.bytes;
      }
      const results = await commit(group.map(({ item }) => item));
      for (const [index, { resolve }] of group.entries()) resolve(results[index] as Result);
    }
    running = undefined;
  };

  return {
    add: (item) =>
      new Promise((resolve) => {
        const size = sizeOf(item);
        waiting.push({ item, size, sinceMillis: now(), resolve });
        waitingRows += size.rows;
        waitingBytes += size.bytes;
        if (wake !== undefined && isFull()) wake();
        running ??= run();
      }),
    idle: async () => {
      while (running !== undefined) await running;
    },
  };
}
