/** What the catch-up driver asks of an agent whose transcripts lie on disk. */
import type { Fact } from "@moai-metrics/model";

/** What a source needs to know about the machine to find its files. */
export interface AgentEnvironment {
  /** The user's home folder, absolute. */
  readonly homeFolder: string;
  /** Environment variables. */
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/** A transcript on disk, as it was when it was discovered. */
export interface TranscriptFile {
  /** Absolute path; folders that are links are resolved, so that one file has one path. */
  readonly path: string;
  readonly inode: number;
  readonly sizeBytes: number;
  /** When it changed, or something beside it that is read with it. */
  readonly modifiedAtMillis: number;
}

/** What a search found. */
export interface TranscriptDiscovery {
  readonly files: readonly TranscriptFile[];
  /** Folders and files that could not be looked at, by reason; a folder that does not exist is not counted. */
  readonly skipped: ReadonlyMap<string, number>;
}

/** Where reading goes on. Both come from a {@link TranscriptChunk} of the same file. */
export interface TranscriptPosition {
  readonly offsetBytes: number;
  readonly state: string;
}

/** A part of a transcript, and the position behind it. Facts and position belong into one transaction. */
export interface TranscriptChunk extends TranscriptPosition {
  readonly facts: readonly Fact[];
  /** What was read and gave no fact, by reason: `unknown record: <type>`, `unreadable line: <why>` and the like. */
  readonly skipped: ReadonlyMap<string, number>;
  /** Bytes taken from the file for this chunk, for progress. */
  readonly bytesRead: number;
  /**
   * The file could not be read: the code of the system's error, such as `EACCES`. The chunk is the last one and moves
   * nothing; a driver that remembers files by size and time must not remember this one.
   */
  readonly failure?: string | undefined;
}

/** How to read a transcript. */
export interface ReadOptions {
  /** Stops behind the current line when aborted; what was read until then is still handed out. */
  readonly signal?: AbortSignal | undefined;
  /** A chunk ends when it has taken this many bytes. Default 4 MiB. */
  readonly chunkBytes?: number | undefined;
  /** A chunk ends when it holds this many facts. Default 2,000. */
  readonly chunkFacts?: number | undefined;
}

/** Where the transcripts of one product lie. Cheap to load, for the many runs in which there is nothing to read. */
export interface TranscriptFinder {
  /** The product as facts name it. */
  readonly product: string;
  /** The product as people name it. */
  readonly label: string;
  /** Every folder where transcripts may lie, existing or not, for "where it looked". */
  roots(environment: AgentEnvironment): string[];
  /** Finds the transcripts under the roots. Never throws. */
  discover(roots: readonly string[]): TranscriptDiscovery;
}

/** Transcripts of one product: where they lie, and what they say. Reads, never writes. */
export interface TranscriptSource extends TranscriptFinder {
  /**
   * Reads a transcript from its start, or from where an earlier read stopped, even in another process: the merged
   * facts are the same as those of one read. Starts over by itself when `from` does not fit the file (it was rewritten
   * or shortened, or `from` is of another version). A last line without a line feed waits for the next read.
   * Never throws for what the file holds.
   */
  read(file: TranscriptFile, from?: TranscriptPosition, options?: ReadOptions): Generator<TranscriptChunk, void, void>;
}
