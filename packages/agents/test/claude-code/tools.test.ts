import { appendFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readFile, writeTranscript } from "../support/reading.ts";
import { prompt, START, toolResult, toolUse } from "../support/records.ts";

function read(records: readonly unknown[]) {
  return readFile(writeTranscript([prompt(0, "x"), ...records]));
}

function callOf(records: readonly unknown[]) {
  return read(records).merged.toolCalls["t1"];
}

describe("tool calls", () => {
  it("last from the use to the result", () => {
    expect(callOf([toolUse(1, "t1", "Bash"), toolResult(4, "t1", "ok")])).toMatchObject({
      tool: "Bash",
      startedAtMillis: START + 1000,
      endedAtMillis: START + 4000,
      isSuccess: true,
      taskId: "prompt:p1",
    });
  });

  it("belong to the prompt that made them, also when the result comes after the next prompt", () => {
    const call = callOf([
      toolUse(1, "t1", "Bash"),
      prompt(2, "next", { promptId: "p2" }),
      toolResult(4, "t1", "ok", { line: { promptId: "p2" } }),
    ]);
    expect(call?.taskId).toBe("prompt:p1");
  });

  it("are seen while they run, once", () => {
    const path = writeTranscript([prompt(0, "x"), toolUse(1, "t1", "Bash")]);
    const first = readFile(path);
    expect(first.merged.toolCalls["t1"]).toMatchObject({ tool: "Bash", startedAtMillis: START + 1000 });
    expect(first.merged.toolCalls["t1"]?.isSuccess).toBeUndefined();
    expect(readFile(path, first.position).facts).toEqual([]);
  });

  it("whose use is not in the file yield to whoever knows the start", () => {
    expect(callOf([toolResult(4, "t1", "ok")])).toMatchObject({ witness: "inferred", startedAtMillis: START + 4000 });
  });

  it("that were written twice count once, from their first line", () => {
    const { facts } = read([toolUse(1, "t1", "Bash"), toolUse(2, "t1", "Bash"), toolResult(4, "t1", "ok")]);
    const calls = facts.filter((fact) => fact.kind === "tool_call");
    expect(calls).toMatchObject([{ startedAtMillis: START + 1000 }]);
  });

  it.each([
    ["Exit code 3", "tool_error"],
    ["The user doesn't want to proceed with this tool use. The tool use was rejected", "rejected"],
    ["[Request interrupted by user for tool use]", "interrupted"],
    ["Permission to use Bash with command rm has been denied.", "permission_denied"],
    ["Command timed out after 2m 0.0s", "timeout"],
  ])("that failed with %j are of class %s", (text, errorType) => {
    const inText = callOf([toolUse(1, "t1", "Bash"), toolResult(4, "t1", text, { isError: true })]);
    expect(inText).toMatchObject({ isSuccess: false, errorType });
    const parts = [
      { type: "text", text },
      { type: "text", text: "more" },
    ];
    expect(callOf([toolUse(1, "t1", "Bash"), toolResult(4, "t1", parts, { isError: true })])?.errorType).toBe(
      errorType,
    );
  });

  it("do not end a second time when their result is repeated much later, in this read or the next", () => {
    const path = writeTranscript([prompt(0, "x"), toolUse(5, "t1", "Bash"), toolResult(7, "t1", "ok")]);
    const { position } = readFile(path);
    appendFileSync(path, `${JSON.stringify(toolResult(4000, "t1", "ok"))}\n`);
    for (const from of [undefined, position]) {
      const { facts, skipped } = readFile(path, from);
      expect(facts.filter((fact) => fact.kind === "tool_call" && fact.startedAtMillis > START + 5000)).toEqual([]);
      expect(skipped).toEqual({ "tool result of a call that has ended or was forgotten": 1 });
    }
    const unknown = read([toolResult(1, "t9", "ok"), toolResult(4000, "t9", "ok")]);
    expect(unknown.facts.filter((fact) => fact.kind === "tool_call")).toHaveLength(1);
  });

  it("whose ids are handed out again are further calls", () => {
    const startsOf = (records: readonly unknown[]) =>
      read(records).facts.flatMap((fact) =>
        fact.kind === "tool_call" ? [[fact.startedAtMillis - START, fact.isSuccess]] : [],
      );
    const [use, result] = [toolUse(1, "t1", "Bash"), toolResult(2, "t1", "ok")];
    const [laterUse, laterResult] = [toolUse(3600, "t1", "Bash"), toolResult(3601, "t1", "ok")];
    const ended = [
      [1000, true],
      [3_600_000, true],
    ];
    expect(startsOf([use, result, laterUse, laterResult])).toEqual(ended);
    expect(startsOf([use, laterUse, laterResult])).toEqual([[1000, undefined], ended[1]]);
  });

  it("that are forgotten because too many are open keep their names, and their results are no further calls", () => {
    const uses = Array.from({ length: 300 }, (_, i) => toolUse(i, `u${i}`, "Agent"));
    const results = Array.from({ length: 300 }, (_, i) => toolResult(1900 + i, `u${i}`, "ok"));
    const { facts, skipped } = read([...uses, ...results]);
    const calls = facts.filter((fact) => fact.kind === "tool_call");
    expect(calls).toHaveLength(300);
    expect(calls.every((call) => call.tool === "Agent")).toBe(true);
    expect(skipped).toEqual({
      "tool call without a result: too many open": 44,
      "tool result of a call that has ended or was forgotten": 44,
    });
  });

  it("that have ended are remembered in a state that stays small", () => {
    const records = Array.from({ length: 2000 }, (_, i) => [
      toolUse(i, `toolu_01Tc8vXkLQ9m3v7${i}`, "Bash"),
      toolResult(i, `toolu_01Tc8vXkLQ9m3v7${i}`, "ok"),
    ]).flat();
    expect(read(records).position?.state.length).toBeLessThan(4000);
  });

  it("that are never answered are forgotten beyond a bound, and counted", () => {
    const uses = Array.from({ length: 300 }, (_, i) => toolUse(i, `u${i}`, "Bash"));
    const { skipped, position } = read(uses);
    expect(skipped).toEqual({ "tool call without a result: too many open": 44 });
    expect(position?.state.length).toBeLessThan(100_000);
  });
});

describe("files and lines", () => {
  const edit = (input: unknown) => toolUse(1, "t1", "Edit", input);
  const patch = [{ lines: ["-a", "+b", "+c", " same"] }, { oldStart: 9, lines: ["+d", "", 7] }, "no hunk"];

  function changesOf(records: readonly unknown[]) {
    const { merged, skipped } = read(records);
    const call = merged.toolCalls["t1"];
    return {
      files: Object.values(merged.fileChanges).map(({ path, change, taskId }) => [change, path, taskId]),
      lines: [call?.linesAdded, call?.linesRemoved],
      skipped,
    };
  }

  it("come from the patch where the tool gives one", () => {
    const detail = { filePath: "/shop/a.ts", oldString: "1", newString: "2", structuredPatch: patch };
    const input = { file_path: "/shop/a.ts", old_string: "1", new_string: "2" };
    expect(changesOf([edit(input), toolResult(2, "t1", "updated", { line: { toolUseResult: detail } })])).toEqual({
      files: [["modified", "/shop/a.ts", "prompt:p1"]],
      lines: [3, 1],
      skipped: {},
    });
  });

  it("come from the input of an edit otherwise, with relative paths made absolute", () => {
    const input = { file_path: "src/a.ts", old_string: "a\nb\nc\nd", new_string: "a\nB\nnew\nc\nD" };
    expect(changesOf([edit(input), toolResult(2, "t1", "updated")])).toEqual({
      files: [["modified", "/home/devusr/shop/src/a.ts", "prompt:p1"]],
      lines: [3, 2],
      skipped: {},
    });
  });

  it("of several edits in one call add up", () => {
    const edits = [
      { old_string: "a", new_string: "b" },
      { old_string: "", new_string: "x\ny" },
      { old_string: 7, new_string: "" },
      "no edit",
    ];
    const use = toolUse(1, "t1", "MultiEdit", { file_path: "/a", edits });
    expect(changesOf([use, toolResult(2, "t1", "ok")]).lines).toEqual([3, 1]);
  });

  it("of edits within edits do not count, however deep they are nested", () => {
    const deep = `${'{"old_string":"a","new_string":"b","edits":['.repeat(50_000)}${"]}".repeat(50_000)}`;
    const use = JSON.stringify(toolUse(1, "t1", "MultiEdit", { file_path: "/a", edits: ["DEEP"] })).replace(
      '"DEEP"',
      deep,
    );
    const { merged, failure } = read([use, toolResult(2, "t1", "ok")]);
    expect(failure).toBeUndefined();
    expect(merged.toolCalls["t1"]).toMatchObject({ linesAdded: 1, linesRemoved: 1 });
  });

  it("of a new file are counted as the vendor counts them: by its line feeds, and one more", () => {
    const use = toolUse(1, "t1", "Write", { file_path: "/a", content: 'say "x\\n"\none\r\ntwo\n' });
    const byText = changesOf([use, toolResult(2, "t1", "File created successfully at: /a")]);
    expect(byText).toEqual({ files: [["created", "/a", "prompt:p1"]], lines: [4, 0], skipped: {} });
    const detail = { type: "create", filePath: "/a", structuredPatch: [] };
    expect(changesOf([use, toolResult(2, "t1", "", { line: { toolUseResult: detail } })])).toEqual(byText);
  });

  it("of a rewritten file are those of its patch, and unknown without one", () => {
    const use = toolUse(1, "t1", "Write", { file_path: "/a", content: "one\ntwo" });
    const detail = { type: "update", filePath: "/a", structuredPatch: patch };
    const patched = changesOf([use, toolResult(2, "t1", "updated", { line: { toolUseResult: detail } })]);
    expect(patched).toMatchObject({ files: [["modified", "/a", "prompt:p1"]], lines: [3, 1] });
    const bare = changesOf([use, toolResult(2, "t1", "The file /a has been updated")]);
    expect(bare).toMatchObject({ files: [["modified", "/a", "prompt:p1"]], lines: [undefined, undefined] });
  });

  it("of a notebook are files without lines", () => {
    const use = toolUse(1, "t1", "NotebookEdit", { notebook_path: "/a.ipynb", new_source: "x" });
    expect(changesOf([use, toolResult(2, "t1", "Updated cell")])).toMatchObject({
      files: [["modified", "/a.ipynb", "prompt:p1"]],
      lines: [undefined, undefined],
    });
  });

  it("are not changed by a call that failed", () => {
    const input = { file_path: "/a", old_string: "1", new_string: "2" };
    expect(changesOf([edit(input), toolResult(2, "t1", "String not found", { isError: true })])).toEqual({
      files: [],
      lines: [undefined, undefined],
      skipped: {},
    });
  });

  it("without a path or a task are counted as skipped", () => {
    expect(changesOf([edit({ old_string: "1", new_string: "2" }), toolResult(2, "t1", "ok")]).skipped).toEqual({
      "file change without a path": 1,
    });
    const side = { isSidechain: true };
    const use = toolUse(1, "t1", "Edit", { file_path: "/a", old_string: "1", new_string: "2" }, side);
    expect(changesOf([use, toolResult(2, "t1", "ok", { line: side })]).skipped).toEqual({
      "file change without a task": 1,
    });
  });

  it("use the detail of a line only when it has one result", () => {
    const results = prompt(
      3,
      [
        { type: "tool_result", tool_use_id: "t1", content: "updated" },
        { type: "tool_result", tool_use_id: "t2", content: "updated" },
      ],
      { toolUseResult: { filePath: "/wrong", structuredPatch: patch } },
    );
    const use = edit({ file_path: "/a", old_string: "1", new_string: "2" });
    expect(changesOf([use, results])).toMatchObject({ files: [["modified", "/a", "prompt:p1"]], lines: [1, 1] });
  });

  it("give up comparing sides that differ in thousands of lines, and count them all", () => {
    const side = (word: string) => Array.from({ length: 3000 }, (_, i) => `${word} ${i}`).join("\n");
    const input = { file_path: "/a", old_string: side("old"), new_string: side("new") };
    expect(changesOf([edit(input), toolResult(2, "t1", "ok")]).lines).toEqual([3000, 3000]);
  });
});
