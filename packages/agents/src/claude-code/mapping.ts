/** What the mappers of one transcript share. */
import type { Witness } from "@moai-metrics/model";
import type { FactCollector } from "../transcript/fact-collector.ts";
import type { LineRange } from "../transcript/read-transcript.ts";
import type { AgentMeta } from "./agent-meta.ts";
import type { TranscriptPlace } from "./paths.ts";
import type { ReadingState } from "./reading-state.ts";
import type { TranscriptRecord } from "./record.ts";

/** What mapping needs beside the records. */
export interface MapperOptions {
  readonly place: TranscriptPlace;
  readonly meta: AgentMeta | undefined;
  readonly state: ReadingState;
  readonly facts: FactCollector;
  readonly lines: LineAccess;
  /** Counts something that gives no fact. */
  readonly skip: (reason: string, count?: number) => void;
}

/** Lines of the transcript that were read before. */
export interface LineAccess {
  /** The bytes of a line; undefined when they cannot be read. */
  readLine(line: LineRange): Buffer | undefined;
  /** The subagent that a tool call started, from the side files of the session. */
  agentIdOf(toolUseId: string): string | undefined;
}

/** A record with what it belongs to. */
export interface Sighting {
  readonly record: TranscriptRecord;
  readonly atMillis: number;
  readonly sessionId: string;
  /** Of facts that a copy of the line could also give. */
  readonly witness: Witness;
  /** The task that the line is part of. */
  readonly taskId: string | undefined;
}
