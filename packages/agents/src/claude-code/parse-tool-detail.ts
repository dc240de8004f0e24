/** The member `toolUseResult` of a line: what a tool says about its own run, beside the text for the model. */
import { createKeyTable, type JsonCursor } from "../jsonl/skim.ts";
import { MAX_ID_BYTES, MAX_PATH_BYTES } from "./limits.ts";
import type { ToolUseDetail } from "./record.ts";

const DETAIL_KEYS = createKeyTable([
  "type",
  "filePath",
  "notebook_path",
  "structuredPatch",
  "agentId",
  "agentType",
  "status",
]);
const HUNK_KEYS = createKeyTable(["lines"]);

/** Reads the detail; undefined when it is a bare text or a list. */
export function parseToolDetail(json: JsonCursor): ToolUseDetail | undefined {
  if (!json.enterObject()) return undefined;
  const detail: ToolUseDetail = {
    type: undefined,
    filePath: undefined,
    patch: undefined,
    agentId: undefined,
    agentType: undefined,
    status: undefined,
  };
  for (let key = json.nextKey(DETAIL_KEYS); key !== undefined; key = json.nextKey(DETAIL_KEYS)) {
    if (key === "type") detail.type = json.readString(MAX_ID_BYTES);
    else if (key === "filePath" || key === "notebook_path") detail.filePath = json.readString(MAX_PATH_BYTES);
    else if (key === "structuredPatch") detail.patch = countPatch(json);
    else if (key === "agentId") detail.agentId = json.readString(MAX_ID_BYTES);
    else if (key === "agentType") detail.agentType = json.readString(MAX_ID_BYTES);
    else if (key === "status") detail.status = json.readString(MAX_ID_BYTES);
    else json.skip();
  }
  return detail;
}

/** Counts the lines that begin with `+` and `-` in the hunks of a unified diff. */
function countPatch(json: JsonCursor): ToolUseDetail["patch"] {
  if (!json.enterArray()) return undefined;
  const count = { added: 0, removed: 0 };
  while (json.nextItem()) {
    if (!json.enterObject()) continue;
    for (let key = json.nextKey(HUNK_KEYS); key !== undefined; key = json.nextKey(HUNK_KEYS)) {
      if (key !== "lines" || !json.enterArray()) {
        if (key === "") json.skip();
        continue;
      }
      while (json.nextItem()) {
        const sign = json.firstByteOfString();
        if (sign === PLUS) count.added += 1;
        else if (sign === MINUS) count.removed += 1;
        json.skip();
      }
    }
  }
  return count;
}

const PLUS = 0x2b;
const MINUS = 0x2d;
