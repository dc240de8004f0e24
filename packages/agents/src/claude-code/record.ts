/** One line of a transcript, reduced to the fields that facts are made of. */
import type { RecordUse } from "./record-types.ts";

/** Bytes of the line that the record was read from. */
export interface ByteRange {
  start: number;
  end: number;
}

/** A `tool_use` block. */
export interface ToolUse {
  readonly id: string;
  readonly name: string | undefined;
}

/** A `tool_result` block. */
export interface ToolResult {
  readonly id: string;
  readonly isError: boolean;
  /** Its first text, undecoded. */
  readonly text: ByteRange;
}

/** Token counts as the line gives them. */
export interface LineUsage {
  input: number | undefined;
  output: number | undefined;
  cacheRead: number | undefined;
  cacheWrite: number | undefined;
  cacheWrite5m: number | undefined;
  cacheWrite1h: number | undefined;
  webSearches: number | undefined;
  isFast: boolean;
}

/** The member `toolUseResult`, where it is an object. */
export interface ToolUseDetail {
  /** `create` or `update`, from the Write tool. */
  type: string | undefined;
  filePath: string | undefined;
  /** Lines counted in `structuredPatch`. */
  patch: { added: number; removed: number } | undefined;
  /** The run of a subagent. */
  agentId: string | undefined;
  agentType: string | undefined;
  status: string | undefined;
}

/** A line. Absent and ill-typed fields are undefined, absent flags false. */
export interface TranscriptRecord {
  use: RecordUse;
  type: string | undefined;
  /** Milliseconds since the Unix epoch; undefined when it is missing or cannot be right. */
  atMillis: number | undefined;
  uuid: string | undefined;
  sessionId: string | undefined;
  requestSessionId: string | undefined;
  forkedFromSessionId: string | undefined;
  forkedFromUuid: string | undefined;
  promptId: string | undefined;
  agentId: string | undefined;
  attributionAgent: string | undefined;
  cwd: string | undefined;
  gitBranch: string | undefined;
  version: string | undefined;
  requestId: string | undefined;
  subtype: string | undefined;
  isSidechain: boolean;
  isMeta: boolean;
  isCompactSummary: boolean;
  isVirtual: boolean;
  /** Undefined where the line does not say. */
  isApiErrorMessage: boolean | undefined;
  error: string | undefined;
  apiError: string | undefined;
  hasMessage: boolean;
  messageId: string | undefined;
  model: string | undefined;
  stopReason: string | undefined;
  usage: LineUsage | undefined;
  toolUses: ToolUse[];
  toolResults: ToolResult[];
  /** The first text of the message, undecoded; empty when it has none. */
  text: ByteRange;
  /** Text blocks in the message. */
  textBlocks: number;
  /** Blocks that were not looked at because the message has too many. */
  blocksLeftOut: number;
  hasToolUseResult: boolean;
  toolDetail: ToolUseDetail | undefined;
}

/** A record of nothing, to be filled. */
export function emptyRecord(): TranscriptRecord {
  return {
    use: "unknown",
    type: undefined,
    atMillis: undefined,
    uuid: undefined,
    sessionId: undefined,
    requestSessionId: undefined,
    forkedFromSessionId: undefined,
    forkedFromUuid: undefined,
    promptId: undefined,
    agentId: undefined,
    attributionAgent: undefined,
    cwd: undefined,
    gitBranch: undefined,
    version: undefined,
    requestId: undefined,
    subtype: undefined,
    isSidechain: false,
    isMeta: false,
    isCompactSummary: false,
    isVirtual: false,
    isApiErrorMessage: undefined,
    error: undefined,
    apiError: undefined,
    hasMessage: false,
    messageId: undefined,
    model: undefined,
    stopReason: undefined,
    usage: undefined,
    toolUses: [],
    toolResults: [],
    text: { start: 0, end: 0 },
    textBlocks: 0,
    blocksLeftOut: 0,
    hasToolUseResult: false,
    toolDetail: undefined,
  };
}
