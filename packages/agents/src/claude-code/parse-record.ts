/** Reads a line into a {@link TranscriptRecord}, in one pass over its bytes. */
import { createJsonCursor, createKeyTable, createTextSlot, type JsonCursor, type JsonFailure } from "../jsonl/skim.ts";
import { parseTimestamp } from "../jsonl/timestamp.ts";
import { MAX_ID_BYTES, MAX_PATH_BYTES } from "./limits.ts";
import { createMessageParser } from "./parse-message.ts";
import { parseToolDetail } from "./parse-tool-detail.ts";
import { emptyRecord, type TranscriptRecord } from "./record.ts";
import { recordUseOf } from "./record-types.ts";

/** A line that is not a record. */
type UnreadableLine = JsonFailure | "not an object" | "no type";

/** Reads lines. */
export interface RecordParser {
  /** The record, or why there is none. Ranges in the record point into `buffer`. */
  parse(buffer: Buffer, start: number, end: number): TranscriptRecord | UnreadableLine;
}

const LINE_KEYS = createKeyTable([
  "type",
  "timestamp",
  "uuid",
  "sessionId",
  "requestSessionId",
  "forkedFrom",
  "promptId",
  "agentId",
  "attributionAgent",
  "cwd",
  "gitBranch",
  "version",
  "requestId",
  "subtype",
  "isSidechain",
  "isMeta",
  "isCompactSummary",
  "isVirtual",
  "isApiErrorMessage",
  "error",
  "apiError",
  "message",
  "toolUseResult",
  "userType",
  // Not wanted, but in every line: known keys are found faster.
  "parentUuid",
  "entrypoint",
  "sourceToolAssistantUUID",
  "permissionMode",
]);

const NO_BYTES = Buffer.alloc(0);

/**
 * What the lines of a session have in common stands at their ends, behind `userType`. The same bytes up to the end of
 * a line mean the same members, so these are read once and then only compared.
 */
interface CommonEnd {
  /** From the value of `userType` to the end of the line. */
  readonly bytes: Uint8Array;
  readonly cwd: string | undefined;
  readonly sessionId: string | undefined;
  readonly version: string | undefined;
  readonly gitBranch: string | undefined;
}

/** An end is common if it holds these in this order, and of other members only such as are not read. */
const COMMON_MEMBERS = ["cwd", "sessionId", "version", "gitBranch"] as const;
const MAX_COMMON_END_BYTES = 4096;

const FORK_KEYS = createKeyTable(["sessionId", "messageUuid"]);

/** Creates a parser. It remembers values that repeat from line to line, so use one for many files. */
export function createRecordParser(): RecordParser {
  const json = createJsonCursor();
  let line: Buffer = NO_BYTES;
  const message = createMessageParser();
  const slot = {
    type: createTextSlot(),
    sessionId: createTextSlot(),
    promptId: createTextSlot(),
    agentId: createTextSlot(),
    attributionAgent: createTextSlot(),
    cwd: createTextSlot(),
    gitBranch: createTextSlot(),
    version: createTextSlot(),
    requestId: createTextSlot(),
  };
  let commonEnd: CommonEnd | undefined;

  const readTimestamp = (): number | undefined => {
    const isText = json.isAtString();
    json.skip();
    return isText ? parseTimestamp(line, json.valueStart, json.valueEnd) : undefined;
  };

  const readMember = (record: TranscriptRecord, key: string): void => {
    switch (key) {
      case "timestamp":
        record.atMillis = readTimestamp();
        break;
      case "uuid":
        record.uuid = json.readString(MAX_ID_BYTES);
        break;
      case "sessionId":
        record.sessionId = json.readRepeated(slot.sessionId, MAX_ID_BYTES);
        break;
      case "requestSessionId":
        record.requestSessionId = json.readString(MAX_ID_BYTES);
        break;
      case "forkedFrom":
        readFork(json, record);
        break;
      case "promptId":
        record.promptId = json.readRepeated(slot.promptId, MAX_ID_BYTES);
        break;
      case "agentId":
        record.agentId = json.readRepeated(slot.agentId, MAX_ID_BYTES);
        break;
      case "attributionAgent":
        record.attributionAgent = json.readRepeated(slot.attributionAgent, MAX_ID_BYTES);
        break;
      case "cwd":
        record.cwd = json.readRepeated(slot.cwd, MAX_PATH_BYTES);
        break;
      case "gitBranch":
        record.gitBranch = json.readRepeated(slot.gitBranch, MAX_ID_BYTES);
        break;
      case "version":
        record.version = json.readRepeated(slot.version, MAX_ID_BYTES);
        break;
      case "requestId":
        record.requestId = json.readRepeated(slot.requestId, MAX_ID_BYTES);
        break;
      case "subtype":
        record.subtype = json.readString(MAX_ID_BYTES);
        break;
      case "isSidechain":
        record.isSidechain = json.readBoolean() ?? false;
        break;
      case "isMeta":
        record.isMeta = json.readBoolean() ?? false;
        break;
      case "isCompactSummary":
        record.isCompactSummary = json.readBoolean() ?? false;
        break;
      case "isVirtual":
        record.isVirtual = json.readBoolean() ?? false;
        break;
      case "isApiErrorMessage":
        record.isApiErrorMessage = json.readBoolean();
        break;
      case "error":
        record.error = json.readString(MAX_ID_BYTES);
        break;
      case "apiError":
        record.apiError = json.readString(MAX_ID_BYTES);
        break;
      case "message":
        record.hasMessage = message.parse(json, record);
        break;
      case "toolUseResult":
        record.hasToolUseResult = true;
        record.toolDetail = parseToolDetail(json);
        break;
      default:
        json.skip();
    }
  };

  const rememberEnd = (rest: Uint8Array, { cwd, sessionId, version, gitBranch }: TranscriptRecord): void => {
    if (rest.length <= MAX_COMMON_END_BYTES) {
      commonEnd = { bytes: new Uint8Array(rest), cwd, sessionId, version, gitBranch };
    }
  };

  const parse = (buffer: Buffer, start: number, end: number): TranscriptRecord | UnreadableLine => {
    line = buffer;
    json.open(buffer, start, end);
    if (!json.enterObject()) return json.failure === "unexpected end" ? json.failure : "not an object";
    const record = emptyRecord();
    let rest: Uint8Array | undefined;
    let commonMembers = 0;
    for (let key = json.nextKey(LINE_KEYS); key !== undefined; key = json.nextKey(LINE_KEYS)) {
      if (key === "userType") {
        if (commonEnd !== undefined && json.isRest(commonEnd.bytes)) {
          takeMembers(record, commonEnd);
          return record.type === undefined ? "no type" : record;
        }
        rest = json.rest();
        commonMembers = 0;
      } else if (key === COMMON_MEMBERS[commonMembers]) {
        commonMembers += 1;
      } else if (key !== "" && key !== "entrypoint") {
        rest = undefined;
      }
      if (key !== "type") {
        readMember(record, key);
        continue;
      }
      record.type = json.readRepeated(slot.type, MAX_ID_BYTES);
      record.use = record.type === undefined ? "unknown" : recordUseOf(record.type);
      // The rest of a line without use is not looked at, however long it is.
      if (record.type !== undefined && (record.use === "metadata" || record.use === "unknown")) return record;
    }
    json.finish();
    if (json.failure !== undefined) return json.failure;
    if (rest !== undefined && commonMembers === COMMON_MEMBERS.length) rememberEnd(rest, record);
    return record.type === undefined ? "no type" : record;
  };

  return { parse };
}

function takeMembers(record: TranscriptRecord, { cwd, sessionId, version, gitBranch }: CommonEnd): void {
  record.cwd = cwd;
  record.sessionId = sessionId;
  record.version = version;
  record.gitBranch = gitBranch;
}

function readFork(json: JsonCursor, record: TranscriptRecord): void {
  if (!json.enterObject()) return;
  for (let key = json.nextKey(FORK_KEYS); key !== undefined; key = json.nextKey(FORK_KEYS)) {
    if (key === "sessionId") record.forkedFromSessionId = json.readString(MAX_ID_BYTES);
    else if (key === "messageUuid") record.forkedFromUuid = json.readString(MAX_ID_BYTES);
    else json.skip();
  }
}
