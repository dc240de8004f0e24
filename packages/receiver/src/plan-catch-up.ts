/** Which transcripts have to be read, and from where. Pure. */
import type { TranscriptFile } from "@moai-metrics/agents";
import type { TranscriptMark } from "@moai-metrics/store";

/** One file to read. */
export interface PlannedRead {
  readonly file: TranscriptFile;
  /** Where to go on; undefined to start at the first byte. */
  readonly fromBytes: number | undefined;
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
export function planCatchUp(files: readonly TranscriptFile[], marks: ReadonlyMap<string, TranscriptMark>): CatchUpPlan {
  const reads: PlannedRead[] = [];
  let totalBytes = 0;
  for (const file of files) {
    const mark = marks.get(file.path);
    if (mark !== undefined && isUnchanged(file, mark)) continue;
    const fromBytes = mark !== undefined && hasOnlyGrown(file, mark) ? mark.offsetBytes : undefined;
    reads.push({ file, fromBytes });
    totalBytes += file.sizeBytes - (fromBytes ?? 0);
  }
  return { reads, unchangedFiles: files.length - reads.length, totalBytes };
}

function isUnchanged(file: TranscriptFile, mark: TranscriptMark): boolean {
  return (
    file.sizeBytes === mark.sizeBytes && file.modifiedAtMillis === mark.modifiedAtMillis && file.inode === mark.inode
  );
}

function hasOnlyGrown(file: TranscriptFile, mark: TranscriptMark): boolean {
  return file.inode === mark.inode && file.sizeBytes > mark.sizeBytes && file.sizeBytes >= mark.offsetBytes;
}
