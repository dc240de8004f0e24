/**
 * Closed blocks of one connection, opened: who asks again, as dashboards do every few seconds, finds them decoded. They
 * hold as long as no closed day is written, which a number in the file tells; another number, and all are forgotten.
 */
import type { Database } from "better-sqlite3";
import { type OpenBlock, openBlock } from "./block-columns.ts";
import type { BlockFiles } from "./block-files.ts";
import type { Block, ColumnBytes } from "./block-keys.ts";
import { createGenerationReader } from "./generation.ts";
import { partId } from "./places.ts";

/** Room for what most questions about 90 busy days look at: 1 to 10 MB, all quarter hours by agent and model 14. */
const MAX_BYTES = 16 * 1024 * 1024;

export interface OpenBlocks {
  /** Whether blocks are kept; what writes keeps none, nor does a question that says so. */
  readonly areKept: boolean;
  /** The state of the closed days that the question sees, where blocks are kept. */
  readonly generation: number | undefined;
  /** To be called for each question, before anything is read for it. */
  begin(question?: { readonly isReadOnce?: boolean | undefined }): void;
  /** The block with the wanted columns, as far as it has them; undefined when it is not there. */
  find(level: number, firstQuarterHour: number, columns: readonly number[]): OpenBlock | undefined;
  /**
   * The same of a block that is closed.
   * @throws RangeError when a row is damaged or missing.
   */
  read(level: number, firstQuarterHour: number, columns: readonly number[]): OpenBlock;
}

interface KeptBlock {
  readonly open: OpenBlock;
  readonly columns: Map<number, ColumnBytes>;
  /** Columns that were looked for; the block may lack some of them. */
  readonly asked: Set<number>;
  /** Bytes of the rows that its columns lie in. */
  rowBytes: number;
  /** What it took when it was last looked at. */
  bytes: number;
}

/** @param maxBytes memory for blocks that are not in use; the one that was opened last is kept whatever it takes. */
export function createOpenBlocks(database: Database, files: BlockFiles, maxBytes: number = MAX_BYTES): OpenBlocks {
  const generationOf = createGenerationReader(database);
  /** By level and first quarter hour; the least recently used first. */
  const kept = new Map<number, KeptBlock>();
  let keptBytes = 0;
  let generation = -1;
  let areKept = database.readonly;

  const forgetAll = (): void => {
    kept.clear();
    keptBytes = 0;
  };

  const keep = (key: number, block: KeptBlock): void => {
    kept.delete(key);
    kept.set(key, block);
    keptBytes -= block.bytes;
    block.bytes = block.rowBytes + block.open.openedBytes;
    keptBytes += block.bytes;
    for (const [oldest, { bytes }] of kept) {
      if (keptBytes <= maxBytes || oldest === key) return;
      kept.delete(oldest);
      keptBytes -= bytes;
    }
  };

  const get = (
    level: number,
    firstQuarterHour: number,
    columns: readonly number[],
    fetch: BlockFiles["find"],
  ): OpenBlock | undefined => {
    // A transaction that writes may be taken back, and its number with it: there nothing is kept.
    if (!areKept) {
      const found = fetch(level, firstQuarterHour, columns);
      return found && openBlock(found);
    }
    const key = partId(level, firstQuarterHour, 0);
    const known = kept.get(key);
    if (known !== undefined) {
      const missing = columns.filter((column) => !known.asked.has(column));
      if (missing.length > 0) {
        const more = fetch(level, firstQuarterHour, missing) ?? NO_COLUMNS;
        for (const [column, data] of more) known.columns.set(column, data);
        known.rowBytes += bytesOfRows(more);
        for (const column of missing) known.asked.add(column);
      }
      keep(key, known);
      return known.open;
    }
    const found = fetch(level, firstQuarterHour, columns);
    if (found === undefined) return undefined;
    const block = new Map(found);
    const open = openBlock(block);
    keep(key, { open, columns: block, asked: new Set(columns), rowBytes: bytesOfRows(block), bytes: 0 });
    return open;
  };

  return {
    get areKept() {
      return areKept;
    },
    get generation() {
      return areKept ? generation : undefined;
    },
    begin({ isReadOnce = false } = {}) {
      areKept = database.readonly && !isReadOnce;
      if (!areKept) return;
      const current = generationOf();
      if (current !== generation) forgetAll();
      generation = current;
    },
    find: (level, firstQuarterHour, columns) => get(level, firstQuarterHour, columns, files.find),
    read(level, firstQuarterHour, columns) {
      // Whoever reads a closed block that is not there must hear of it.
      return get(level, firstQuarterHour, columns, files.read) as OpenBlock;
    },
  };
}

const NO_COLUMNS: Block = new Map();

/** Columns are parts of the rows that they were read from, and keep them in memory. */
function bytesOfRows(block: Block): number {
  let bytes = 0;
  for (const { byteLength } of new Set(Array.from(block.values(), ({ buffer }) => buffer))) bytes += byteLength;
  return bytes;
}
