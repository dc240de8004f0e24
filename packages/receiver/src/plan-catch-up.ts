/** Which transcripts have to be read, and from where. Pure. */
import type { TranscriptFile, TranscriptPosition } from "@moai-metrics/agents";
import type { TranscriptCursor } from "@moai-metrics/store";

/** One file to read. */
export interface PlannedRead {
  readonly file: TranscriptFile;
  /** Where to go on; undefined to start at the first byte. */
  readonly from: TranscriptPosition | undefined;
}

/** What a catch-up will do. */
export interface CatchUpPlan {
  readonly reads: readonly PlannedRead[];
  /** Files that are as they were when they were last read. */
  readonly unchangedFiles: number;
  /** Bytes that the reads will take from disk, as far as known now. */
  readonly totalBytes: number;
}

/**
 * Compares what lies on disk with how far it was read. Transcripts are append-only, so a file that only grew is read
 * from where the last read stopped. A file that was replaced (another inode), shortened, or rewritten at the same
 * size is read again from its start: facts merge, so nothing counts twice.
 */
export function planCatchUp(
  files: readonly TranscriptFile[],
  cursors: ReadonlyMap<string, TranscriptCursor>,
): CatchUpPlan {
  const reads: PlannedRead[] = [];
  let totalBytes = 0;
  for (const file of files) {
    const cursor = cursors.get(file.path);
    if (cursor !== undefined && isUnchanged(file, cursor)) continue;
    const from = cursor !== undefined && hasOnlyGrown(file, cursor) ? cursor : undefined;
    reads.push({ file, from: from && { offsetBytes: from.offsetBytes, state: from.state } });
    totalBytes += file.sizeBytes - (from?.offsetBytes ?? 0);
  }
  return { reads, unchangedFiles: files.length - reads.length, totalBytes };
}

function isUnchanged(file: TranscriptFile, cursor: TranscriptCursor): boolean {
  return (
    file.sizeBytes === cursor.sizeBytes &&
    file.modifiedAtMillis === cursor.modifiedAtMillis &&
    file.inode === cursor.inode
  );
}

function hasOnlyGrown(file: TranscriptFile, cursor: TranscriptCursor): boolean {
  return file.inode === cursor.inode && file.sizeBytes > cursor.sizeBytes && file.sizeBytes >= cursor.offsetBytes;
}
