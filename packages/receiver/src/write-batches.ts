/** Collects the facts of many small files into few transactions. */
import type { TranscriptChunk, TranscriptFile, TranscriptPosition } from "@moai-metrics/agents";
import type { Fact } from "@moai-metrics/model";
import type { FileSkipCount, Store, TranscriptCursor } from "@moai-metrics/store";

/** What the written batches did, added up. */
interface WrittenSums {
  facts: number;
  inserted: number;
  changed: number;
  /** Facts that the store would not take, by reason. */
  readonly refused: Map<string, number>;
}

/** Writes chunks with the positions behind them, many chunks per transaction. */
export interface BatchWriter {
  readonly written: Readonly<WrittenSums>;
  /** Notes that a file is read from its start: what was skipped in it before counts no more. */
  restart(file: TranscriptFile): void;
  /** Adds a chunk of a file; writes when enough facts have come together. */
  add(file: TranscriptFile, chunk: TranscriptChunk): void;
  /**
   * Marks a file as read to its end: it will not be read again until it changes.
   *
   * @param from where reading began, which is also the end when no chunk came.
   */
  finish(file: TranscriptFile, from: TranscriptPosition | undefined): void;
  /** Writes what is left. */
  flush(): void;
}

/** A transaction of this many facts costs little more per fact than a greater one, and bounds memory. */
const FACTS_PER_TRANSACTION = 5_000;

/** Also bounds transactions of files without facts. */
const FILES_PER_TRANSACTION = 1_000;

/** The position in a file that holds nothing to read. */
const START: TranscriptPosition = { offsetBytes: 0, state: "" };

/** Creates the writer of one product's chunks. */
export function createBatchWriter(store: Store, product: string): BatchWriter {
  const written: WrittenSums = { facts: 0, inserted: 0, changed: 0, refused: new Map() };
  let facts: Fact[] = [];
  let cursors = new Map<string, TranscriptCursor>();
  let skipped: FileSkipCount[] = [];
  let restarted: string[] = [];
  let reached: { readonly path: string; readonly position: TranscriptPosition } | undefined;

  const flush = (): void => {
    if (facts.length === 0 && cursors.size === 0) return;
    const result = store.write({ facts, cursors: [...cursors.values()], skipped, restarted });
    written.facts += result.received;
    written.inserted += result.inserted;
    written.changed += result.changed;
    addCounts(written.refused, Object.entries(result.refused));
    facts = [];
    cursors = new Map();
    skipped = [];
    restarted = [];
  };

  const flushWhenFull = (): void => {
    if (facts.length >= FACTS_PER_TRANSACTION || cursors.size >= FILES_PER_TRANSACTION) flush();
  };

  return {
    written,
    restart: (file) => {
      restarted.push(file.path);
    },
    add: (file, chunk) => {
      for (const fact of chunk.facts) facts.push(fact);
      for (const [reason, count] of chunk.skipped) skipped.push({ product, path: file.path, reason, count });
      // A size that is the offset differs from the file's as long as there is more to read: a run that dies now goes
      // on here the next time.
      cursors.set(file.path, cursorOf(product, file, chunk, chunk.offsetBytes));
      reached = { path: file.path, position: { offsetBytes: chunk.offsetBytes, state: chunk.state } };
      flushWhenFull();
    },
    finish: (file, from) => {
      const end = reached?.path === file.path ? reached.position : (from ?? START);
      cursors.set(file.path, cursorOf(product, file, end, file.sizeBytes));
      flushWhenFull();
    },
    flush,
  };
}

function cursorOf(
  product: string,
  file: TranscriptFile,
  { offsetBytes, state }: TranscriptPosition,
  sizeBytes: number,
): TranscriptCursor {
  const { path, inode, modifiedAtMillis } = file;
  return { path, product, inode, sizeBytes, modifiedAtMillis, offsetBytes, state };
}

/** Adds counts by reason to sums by reason. */
export function addCounts(sums: Map<string, number>, counts: Iterable<readonly [string, number]>): void {
  for (const [reason, count] of counts) sums.set(reason, (sums.get(reason) ?? 0) + count);
}
