/** What the mappers of one rollout share. */
import type { FactCollector } from "../transcript/fact-collector.ts";
import type { TranscriptLines } from "../transcript/read-transcript.ts";
import type { ReadingState } from "./reading-state.ts";

/** What mapping needs beside the records. */
export interface MapperOptions {
  readonly state: ReadingState;
  readonly facts: FactCollector;
  readonly readLine: TranscriptLines["readLine"];
  /** Counts something that gives no fact. */
  readonly skip: (reason: string) => void;
}
