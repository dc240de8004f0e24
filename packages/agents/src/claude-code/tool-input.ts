/**
 * The input of a tool call, read back from its line when the result has come. Inputs hold content, so nothing of
 * them is kept between the call and its result but where the line is.
 */
import { createJsonCursor, createKeyTable, type JsonCursor } from "../jsonl/skim.ts";
import { MAX_ID_BYTES, MAX_PATH_BYTES } from "./limits.ts";
import { countChangedLines, type LineChange } from "./line-diff.ts";

/** Tools whose input matters once they succeeded. */
export type InputTool = "Write" | "Edit" | "MultiEdit" | "NotebookEdit" | "Agent" | "Task";

/** What the input of a call says. */
export interface ToolInput {
  readonly path: string | undefined;
  /** Lines of a Write, as if the file were new; the difference of an edit; undefined for a notebook. */
  readonly lines: LineChange | undefined;
  /** The agent that an Agent or Task call asks for. */
  readonly subagentType: string | undefined;
}

const INPUT_TOOLS: ReadonlySet<string> = new Set<InputTool>([
  "Write",
  "Edit",
  "MultiEdit",
  "NotebookEdit",
  "Agent",
  "Task",
]);

/** Whether the input of this tool may be wanted later. */
export function hasWantedInput(tool: string | undefined): tool is InputTool {
  return tool !== undefined && INPUT_TOOLS.has(tool);
}

/** Whether the tool changes files. */
export function isFileTool(tool: string | undefined): boolean {
  return hasWantedInput(tool) && !isAgentTool(tool);
}

/** Whether the tool runs a subagent; `Task` is the older name. */
export function isAgentTool(tool: string | undefined): boolean {
  return tool === "Agent" || tool === "Task";
}

const LINE_KEYS = createKeyTable(["message"]);
const MESSAGE_KEYS = createKeyTable(["content"]);
const BLOCK_KEYS = createKeyTable(["id", "input"]);
const INPUT_KEYS = createKeyTable([
  "file_path",
  "notebook_path",
  "content",
  "old_string",
  "new_string",
  "edits",
  "subagent_type",
]);
const EDIT_KEYS = createKeyTable(["old_string", "new_string"]);

/** Longest side of an edit whose lines are compared. */
const MAX_EDIT_BYTES = 4 << 20;

/** Finds the input of a call in the bytes of its line; undefined when the line does not hold it (any more). */
export function readToolInput(line: Buffer, toolUseId: string): ToolInput | undefined {
  const json = createJsonCursor();
  json.open(line, 0, line.length);
  if (!json.enterObject()) return undefined;
  let found: ToolInput | undefined;
  for (let key = json.nextKey(LINE_KEYS); key !== undefined; key = json.nextKey(LINE_KEYS)) {
    if (key === "message") found = readMessage(json, toolUseId) ?? found;
    else json.skip();
  }
  return json.failure === undefined ? found : undefined;
}

function readMessage(json: JsonCursor, toolUseId: string): ToolInput | undefined {
  let found: ToolInput | undefined;
  if (!json.enterObject()) return undefined;
  for (let key = json.nextKey(MESSAGE_KEYS); key !== undefined; key = json.nextKey(MESSAGE_KEYS)) {
    if (key !== "content") {
      json.skip();
      continue;
    }
    if (!json.enterArray()) continue;
    while (json.nextItem()) found = readBlock(json, toolUseId) ?? found;
  }
  return found;
}

function readBlock(json: JsonCursor, toolUseId: string): ToolInput | undefined {
  let id: string | undefined;
  let input: ToolInput | undefined;
  if (!json.enterObject()) return undefined;
  for (let key = json.nextKey(BLOCK_KEYS); key !== undefined; key = json.nextKey(BLOCK_KEYS)) {
    if (key === "id") id = json.readString(MAX_ID_BYTES);
    else if (key === "input" && (id === undefined || id === toolUseId)) input = readInput(json);
    else json.skip();
  }
  return id === toolUseId ? input : undefined;
}

/** The sides of an edit. */
interface EditSides {
  oldText: string | undefined;
  newText: string | undefined;
}

function readInput(json: JsonCursor): ToolInput | undefined {
  let path: string | undefined;
  let subagentType: string | undefined;
  let lines: LineChange | undefined;
  const sides: EditSides = { oldText: undefined, newText: undefined };
  if (!json.enterObject()) return undefined;
  for (let key = json.nextKey(INPUT_KEYS); key !== undefined; key = json.nextKey(INPUT_KEYS)) {
    switch (key) {
      case "file_path":
      case "notebook_path":
        path = json.readString(MAX_PATH_BYTES);
        break;
      case "content": {
        const lineFeeds = json.countLineFeeds();
        if (lineFeeds !== undefined) lines = { added: lineFeeds + 1, removed: 0 };
        break;
      }
      case "old_string":
        sides.oldText = json.readString(MAX_EDIT_BYTES);
        break;
      case "new_string":
        sides.newText = json.readString(MAX_EDIT_BYTES);
        break;
      case "edits":
        lines = readEdits(json);
        break;
      case "subagent_type":
        subagentType = json.readString(MAX_ID_BYTES);
        break;
      default:
        json.skip();
    }
  }
  return { path, subagentType, lines: countSides(sides) ?? lines };
}

function readEdits(json: JsonCursor): LineChange {
  let added = 0;
  let removed = 0;
  if (!json.enterArray()) return { added, removed };
  while (json.nextItem()) {
    const change = readEdit(json);
    added += change?.added ?? 0;
    removed += change?.removed ?? 0;
  }
  return { added, removed };
}

function readEdit(json: JsonCursor): LineChange | undefined {
  if (!json.enterObject()) return undefined;
  const sides: EditSides = { oldText: undefined, newText: undefined };
  for (let key = json.nextKey(EDIT_KEYS); key !== undefined; key = json.nextKey(EDIT_KEYS)) {
    if (key === "old_string") sides.oldText = json.readString(MAX_EDIT_BYTES);
    else if (key === "new_string") sides.newText = json.readString(MAX_EDIT_BYTES);
    else json.skip();
  }
  return countSides(sides);
}

function countSides({ oldText, newText }: EditSides): LineChange | undefined {
  return oldText === undefined || newText === undefined ? undefined : countChangedLines(oldText, newText);
}
