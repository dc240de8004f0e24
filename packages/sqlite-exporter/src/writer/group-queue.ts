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
  /** Monotonic clock, milliseconds. */
  readonly now?: (() => number) | undefined;
}

/** Items on their way into the file. */
export interface GroupQueue<Item, Result> {
  /**
   * Resolves when the group of the item is settled.
   *
   * @param maxWaitMillis how long the item waits for company at most; it goes with an earlier one. Default 2.
   */
  add(item: Item, maxWaitMillis?: number): Promise<Result>;
  /** What waits now waits for no company any more. */
  hurry(): void;
  /** Resolves when nothing waits any more. */
  idle(): Promise<void>;
}

/** 2,000 rows are committed in some ten milliseconds: another process that wants the file waits no longer than that. */
const MAX_ROWS = 2000;
const MAX_BYTES = 1_000_000;
/** How long an item waits for company, when it is not said. */
export const GATHER_MILLIS = 2;

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
  dueAtMillis: number;
  resolve(result: Result): void;
}

/** Creates a queue. Groups are committed one after the other, in the order in which items came. */
export function createGroupQueue<Item, Result>(options: GroupQueueOptions<Item, Result>): GroupQueue<Item, Result> {
  const { sizeOf, commit, now = () => performance.now() } = options;
  const limits = { maxRows: options.maxRows ?? MAX_ROWS, maxBytes: options.maxBytes ?? MAX_BYTES };
  let waiting: Waiting<Item, Result>[] = [];
  let running: Promise<void> | undefined;
  let wake: (() => void) | undefined;

  let waitingRows = 0;
  let waitingBytes = 0;

  const isFull = (): boolean => waitingRows >= limits.maxRows || waitingBytes >= limits.maxBytes;

  /** When the first of those that wait is due. */
  let nextDueAt = Number.POSITIVE_INFINITY;

  /** Also lets in what has come while the last group was committed. */
  const gather = (): Promise<void> =>
    new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      let dueAt = Number.POSITIVE_INFINITY;
      wake = () => {
        if (nextDueAt >= dueAt && !isFull()) return;
        dueAt = nextDueAt;
        clearTimeout(timer);
        const left = dueAt - now();
        if (left <= 0 || isFull()) setImmediate(resolve);
        else timer = setTimeout(resolve, left);
      };
      wake();
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
      nextDueAt = waiting.reduce((least, each) => Math.min(least, each.dueAtMillis), Number.POSITIVE_INFINITY);
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
    add: (item, maxWaitMillis = GATHER_MILLIS) =>
      new Promise((resolve) => {
        const size = sizeOf(item);
        const dueAtMillis = now() + maxWaitMillis;
        waiting.push({ item, size, dueAtMillis, resolve });
        nextDueAt = Math.min(nextDueAt, dueAtMillis);
        waitingRows += size.rows;
        waitingBytes += size.bytes;
        wake?.();
        running ??= run();
      }),
    hurry: () => {
      for (const each of waiting) each.dueAtMillis = Number.NEGATIVE_INFINITY;
      if (waiting.length > 0) nextDueAt = Number.NEGATIVE_INFINITY;
      wake?.();
    },
    idle: async () => {
      while (running !== undefined) await running;
    },
  };
}
