export { mapHook } from "./claude-code/hooks.ts";
export { createClaudeCodeTranscripts } from "./claude-code/index.ts";
export { createCodexTranscripts } from "./codex/index.ts";
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
export { createGeminiCliTranscripts } from "./gemini-cli/index.ts";
export { type GenAiLog, genAiLogFacts } from "./genai/log-facts.ts";
export { childrenFirst } from "./genai/order-spans.ts";
export type { KeptSpan } from "./genai/span-links.ts";
export { createSpanMapper, type SpanMapper, type SpanMapperOptions } from "./genai/span-mapper.ts";
export type { SpanRecord } from "./genai/span-record.ts";
export { HOOK_FIELDS } from "./hook-fields.ts";
export { mapHookFile } from "./hooks.ts";
export { createTranscriptSources } from "./sources.ts";
export type { LogRecord } from "./telemetry/log-record.ts";
export {
  createTelemetryMapper,
  type MappedTelemetry,
  type TelemetryMapper,
  type TelemetryOptions,
  type TelemetryState,
} from "./telemetry/telemetry-mapper.ts";
