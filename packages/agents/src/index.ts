export { createClaudeCodeTranscripts } from "./claude-code/index.ts";
export type {
  AgentEnvironment,
  ReadOptions,
  TranscriptChunk,
  TranscriptDiscovery,
  TranscriptFile,
  TranscriptFinder,
  TranscriptPosition,
  TranscriptSource,
} from "./contract.ts";
export { createSpanMapper, type SpanMapper, type SpanMapperOptions } from "./genai/span-mapper.ts";
export type { SpanRecord } from "./genai/span-record.ts";
