/** The member `message` of a line: the Anthropic API's message, or what the user and the tools said. */
import { createKeyTable, createTextSlot, type JsonCursor } from "../jsonl/skim.ts";
import { MAX_BLOCKS_PER_LINE, MAX_ID_BYTES } from "./limits.ts";
import type { ByteRange, LineUsage, TranscriptRecord } from "./record.ts";

/** Reads messages. */
export interface MessageParser {
  /** Fills in the record; answers whether there was a message. */
  parse(json: JsonCursor, record: TranscriptRecord): boolean;
}

// Some keys are not wanted, but in every line: known keys are found faster.
const MESSAGE_KEYS = createKeyTable([
  "id",
  "model",
  "content",
  "stop_reason",
  "usage",
  "type",
  "role",
  "stop_sequence",
  "stop_details",
]);
const BLOCK_KEYS = createKeyTable(["type", "id", "name", "tool_use_id", "is_error", "content", "text", "input"]);
const PART_KEYS = createKeyTable(["text"]);
const USAGE_KEYS = createKeyTable([
  "input_tokens",
  "output_tokens",
  "cache_read_input_tokens",
  "cache_creation_input_tokens",
  "cache_creation",
  "server_tool_use",
  "speed",
  "service_tier",
  "inference_geo",
  "iterations",
]);
const CACHE_KEYS = createKeyTable(["ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens"]);
const SERVER_TOOL_KEYS = createKeyTable(["web_search_requests", "web_fetch_requests"]);

/** Creates a parser that remembers values that repeat from line to line. */
export function createMessageParser(): MessageParser {
  const slot = {
    id: createTextSlot(),
    model: createTextSlot(),
    stopReason: createTextSlot(),
    blockType: createTextSlot(),
    toolName: createTextSlot(),
    speed: createTextSlot(),
  };

  const readBlock = (json: JsonCursor, record: TranscriptRecord): void => {
    if (!json.enterObject()) return;
    let type: string | undefined;
    let id: string | undefined;
    let name: string | undefined;
    let toolUseId: string | undefined;
    let isError = false;
    const text: ByteRange = { start: 0, end: 0 };
    for (let key = json.nextKey(BLOCK_KEYS); key !== undefined; key = json.nextKey(BLOCK_KEYS)) {
      if (key === "type") type = json.readRepeated(slot.blockType, MAX_ID_BYTES);
      else if (key === "id") id = json.readString(MAX_ID_BYTES);
      else if (key === "name") name = json.readRepeated(slot.toolName, MAX_ID_BYTES);
      else if (key === "tool_use_id") toolUseId = json.readString(MAX_ID_BYTES);
      else if (key === "is_error") isError = json.readBoolean() ?? false;
      else if (key === "content") readText(json, text);
      else if (key === "text") noteText(json, text);
      else json.skip();
    }
    if (type === "tool_use" && id !== undefined) record.toolUses.push({ id, name });
    else if (type === "tool_result" && toolUseId !== undefined)
      record.toolResults.push({ id: toolUseId, isError, text });
    else if (type === "text") {
      record.textBlocks += 1;
      if (record.text.end === 0) record.text = text;
    }
  };

  const readContent = (json: JsonCursor, record: TranscriptRecord): void => {
    if (!json.isAtArray()) {
      noteText(json, record.text);
      return;
    }
    json.enterArray();
    for (let blocks = 0; json.nextItem(); blocks++) {
      if (blocks < MAX_BLOCKS_PER_LINE) {
        readBlock(json, record);
      } else {
        json.skip();
        record.blocksLeftOut += 1;
      }
    }
  };

  const readUsage = (json: JsonCursor): LineUsage | undefined => {
    if (!json.enterObject()) return undefined;
    const usage: LineUsage = {
      input: undefined,
      output: undefined,
      cacheRead: undefined,
      cacheWrite: undefined,
      cacheWrite5m: undefined,
      cacheWrite1h: undefined,
      webSearches: undefined,
      isFast: false,
    };
    for (let key = json.nextKey(USAGE_KEYS); key !== undefined; key = json.nextKey(USAGE_KEYS)) {
      if (key === "input_tokens") usage.input = json.readNumber();
      else if (key === "output_tokens") usage.output = json.readNumber();
      else if (key === "cache_read_input_tokens") usage.cacheRead = json.readNumber();
      else if (key === "cache_creation_input_tokens") usage.cacheWrite = json.readNumber();
      else if (key === "cache_creation") readCacheSplit(json, usage);
      else if (key === "server_tool_use") readServerTools(json, usage);
      else if (key === "speed") usage.isFast = json.readRepeated(slot.speed, MAX_ID_BYTES) === "fast";
      else json.skip();
    }
    return usage;
  };

  const parse = (json: JsonCursor, record: TranscriptRecord): boolean => {
    if (!json.enterObject()) return false;
    for (let key = json.nextKey(MESSAGE_KEYS); key !== undefined; key = json.nextKey(MESSAGE_KEYS)) {
      if (key === "id") record.messageId = json.readRepeated(slot.id, MAX_ID_BYTES);
      else if (key === "model") record.model = json.readRepeated(slot.model, MAX_ID_BYTES);
      else if (key === "content") readContent(json, record);
      else if (key === "stop_reason") record.stopReason = json.readRepeated(slot.stopReason, MAX_ID_BYTES);
      else if (key === "usage") record.usage = readUsage(json);
      else json.skip();
    }
    return true;
  };

  return { parse };
}

/** Notes where the first text is: the value itself, or the first text among its parts. */
function readText(json: JsonCursor, text: ByteRange): void {
  if (!json.isAtArray()) {
    noteText(json, text);
    return;
  }
  json.enterArray();
  while (json.nextItem()) {
    if (!json.enterObject()) continue;
    for (let key = json.nextKey(PART_KEYS); key !== undefined; key = json.nextKey(PART_KEYS)) {
      if (key === "text") noteText(json, text);
      else json.skip();
    }
  }
}

function noteText(json: JsonCursor, text: ByteRange): void {
  const isText = json.isAtString();
  json.skip();
  if (!isText || text.end !== 0) return;
  text.start = json.valueStart;
  text.end = json.valueEnd;
}

function readCacheSplit(json: JsonCursor, usage: LineUsage): void {
  if (!json.enterObject()) return;
  for (let key = json.nextKey(CACHE_KEYS); key !== undefined; key = json.nextKey(CACHE_KEYS)) {
    if (key === "ephemeral_5m_input_tokens") usage.cacheWrite5m = json.readNumber();
    else if (key === "ephemeral_1h_input_tokens") usage.cacheWrite1h = json.readNumber();
    else json.skip();
  }
}

function readServerTools(json: JsonCursor, usage: LineUsage): void {
  if (!json.enterObject()) return;
  for (let key = json.nextKey(SERVER_TOOL_KEYS); key !== undefined; key = json.nextKey(SERVER_TOOL_KEYS)) {
    if (key === "web_search_requests") usage.webSearches = json.readNumber();
    else json.skip();
  }
}
