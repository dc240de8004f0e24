import { appendFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Fact } from "@moai-metrics/model";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { generateTranscripts } from "../../../../bench/transcripts.ts";
import { createClaudeCodeTranscripts, type TranscriptPosition } from "../../src/index.ts";
import { type MergedFacts, mergeFacts } from "../support/merge-facts.ts";
import {
  describeFile,
  FIXTURES,
  readFile,
  temporaryFolder,
  transcriptsIn,
  writeTranscript,
} from "../support/reading.ts";
import { at, prompt, reply, START, toolResult, toolUse } from "../support/records.ts";

const source = createClaudeCodeTranscripts();

/** A session with everything that must be remembered between two reads. */
const BUSY_SESSION = [
  { type: "system", timestamp: at(0), sessionId: "session-1", cwd: "/first", subtype: "informational" },
  prompt(1, "one"),
  toolUse(2, "t1", "Edit", { file_path: "/a.ts", old_string: "a\nb", new_string: "a\nc\nd" }),
  toolUse(3, "t2", "Agent", { subagent_type: "planner" }),
  toolUse(4, "t3", "Write", { file_path: "/새 파일.ts", content: "x\n" }),
  toolResult(5, "t1", "updated"),
  "",
  "{ broken",
  toolResult(700, "t2", "ok", { line: { toolUseResult: { agentId: "a1", status: "completed" } } }),
  { type: "from-the-future", payload: 1 },
  toolResult(701, "t3", "File created successfully"),
  reply(702, { line: { gitBranch: "feature" } }),
  prompt(1500, "<command-name>/init</command-name>", { promptId: "p2" }),
  prompt(1501, "expanded", { promptId: "p2", isMeta: true }),
  reply(1502, { message: { id: "m2", stop_reason: "tool_use" }, line: { requestId: "r2" } }),
  reply(1503, { message: { id: "m2", stop_reason: "tool_use" }, line: { requestId: "r2" } }),
  prompt(1504, "[Request interrupted by user]", { promptId: "p2" }),
  toolResult(5000, "t1", "once more"),
  toolUse(9000, "t2", "Bash"),
  toolResult(9001, "t2", "ok"),
  toolUse(12_000, "t4", "Bash"),
  toolUse(16_000, "t4", "Bash"),
];

function content(records: readonly unknown[]): Buffer {
  return Buffer.from(records.map((line) => `${typeof line === "string" ? line : JSON.stringify(line)}\n`).join(""));
}

/** Reads a file whose bytes arrive in pieces, going on after each. */
function readGrowing(path: string, bytes: Buffer, cuts: readonly number[]): { merged: MergedFacts; skipped: unknown } {
  writeFileSync(path, "");
  const facts: Fact[] = [];
  const skipped: Record<string, number> = {};
  let position = readFile(path).position;
  const edges = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
  for (const [index, edge] of edges.entries()) {
    appendFileSync(path, bytes.subarray(edges[index - 1] ?? 0, edge));
    const result = readFile(path, position);
    expect(result.failure).toBeUndefined();
    facts.push(...result.facts);
    position = result.position;
    for (const [reason, count] of Object.entries(result.skipped)) skipped[reason] = (skipped[reason] ?? 0) + count;
  }
  return { merged: mergeFacts(facts), skipped };
}

describe("reading in several goes", () => {
  it("gives the same facts and counts as one read, wherever the bytes are cut", () => {
    const bytes = content(BUSY_SESSION);
    const path = writeTranscript([]);
    writeFileSync(path, bytes);
    const whole = readFile(path);
    expect(Object.keys(whole.merged.tasks)).toEqual(["prompt:p1", "agent:a1", "prompt:p2"]);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 4 }), (cuts) => {
        expect(readGrowing(path, bytes, cuts)).toEqual({ merged: whole.merged, skipped: whole.skipped });
      }),
      { numRuns: 150 },
    );
  });

  it.each(transcriptsIn(FIXTURES))("holds for the recording %s at every byte", (recorded) => {
    const bytes = readFileSync(recorded);
    const folder = temporaryFolder();
    cpSync(dirname(recorded), folder, { recursive: true });
    const path = join(folder, basename(recorded));
    const whole = readFile(path);
    for (let cut = 0; cut < bytes.length; cut += 61) {
      expect(readGrowing(path, bytes, [cut]).merged).toEqual(whole.merged);
    }
  });

  it("gives the same facts and counts whatever the size of a chunk", () => {
    const folder = temporaryFolder();
    const tree = generateTranscripts(folder, { totalBytes: 400_000, sessionBytes: 200_000, seed: 7 });
    expect(tree.sessions).toBeGreaterThan(1);
    for (const path of transcriptsIn(folder)) {
      const whole = readFile(path);
      const small = readFile(path, undefined, { chunkBytes: 1, chunkFacts: 3 });
      expect(small.chunks).toBeGreaterThan(10);
      expect(small.merged).toEqual(whole.merged);
      expect(small.skipped).toEqual(whole.skipped);
    }
  });

  it("leaves a last line alone until its line feed has come", () => {
    const path = writeTranscript([prompt(0, "x")]);
    const line = JSON.stringify(reply(1));
    appendFileSync(path, line);
    const first = readFile(path);
    expect(first.merged.modelCalls).toEqual({});
    expect(first.skipped).toEqual({});
    appendFileSync(path, "\n");
    expect(Object.keys(readFile(path, first.position).merged.modelCalls)).toEqual(["msg_1"]);
  });

  it("hands out nothing when nothing is new", () => {
    const path = writeTranscript(BUSY_SESSION);
    const first = readFile(path);
    expect(readFile(path, first.position)).toMatchObject({ chunks: 0, facts: [], position: first.position });
  });

  it("keeps no content and no file path in its state", () => {
    const path = writeTranscript([
      prompt(0, "my secret prompt"),
      toolUse(1, "t1", "Write", { file_path: "/home/devusr/shop/secret.ts", content: "secret" }),
      toolUse(2, "t2", "Edit", { file_path: "/home/devusr/shop/secret.ts", old_string: "secret", new_string: "x" }),
    ]);
    const state = readFile(path).position?.state ?? "";
    expect(state).toContain("t2");
    expect(state).not.toContain("secret");
  });

  it("starts over when the file was rewritten, shortened, or the state is not ours", () => {
    const path = writeTranscript([prompt(0, "x"), reply(1)]);
    const { position } = readFile(path);
    if (position === undefined) throw new Error("the first read gave no position");
    const whole = readFile(path).merged;
    const space = position.state.indexOf(" ");
    const check = position.state.slice(0, space);
    const older = position.state.replace('"version":3', '"version":2');
    expect(older).not.toBe(position.state);
    for (const state of [
      "",
      "null",
      "{}",
      '{"version":3}',
      `${check} null`,
      `${check} {"version":3}`,
      `1${older}`,
      older,
    ]) {
      expect(readFile(path, { ...position, state }).merged).toEqual(whole);
    }
    const written = JSON.parse(position.state.slice(space)) as Record<string, unknown>;
    const wrong = [
      { turn: { taskId: 7 } },
      { subagent: { taskId: "agent:a" } },
      { endedTools: ["t1"] },
      { command: { taskId: "a", sessionId: "b", startedAtMillis: "c" } },
      { projects: [[1, 2]] },
      { openTools: [{ callId: 1 }] },
      { openTools: [{ callId: "a", sessionId: "b", startedAtMillis: 1, line: { offsetBytes: "x", lengthBytes: 1 } }] },
    ];
    for (const change of wrong) {
      expect(
        readFile(path, { ...position, state: `${check} ${JSON.stringify({ ...written, ...change })}` }).merged,
      ).toEqual(whole);
    }
    for (const offsetBytes of [-1, 0.5, position.offsetBytes + 1, position.offsetBytes - 1]) {
      expect(readFile(path, { ...position, offsetBytes }).merged).toEqual(whole);
    }
    writeFileSync(path, content([prompt(0, "another"), reply(2, { message: { id: "other" } }), reply(3)]));
    expect(Object.keys(readFile(path, position).merged.modelCalls)).toEqual(["other", "msg_1"]);
    writeFileSync(path, content([reply(4, { message: { id: "short" } })]));
    expect(Object.keys(readFile(path, position).merged.modelCalls)).toEqual(["short"]);
  });

  it("counts an input that cannot be read again", () => {
    const path = writeTranscript([prompt(0, "x"), toolUse(1, "t1", "Edit", { file_path: "/a" })]);
    const { position } = readFile(path);
    for (const lengthBytes of [3, 1e12, 1e6]) {
      const state = (position?.state ?? "").replace(/"lengthBytes":\d+/, `"lengthBytes":${lengthBytes}`);
      const more = `${path}.more.jsonl`;
      cpSync(path, more);
      appendFileSync(more, content([toolResult(2, "t1", "updated")]));
      const result = readFile(more, { offsetBytes: position?.offsetBytes ?? 0, state });
      expect(result.skipped).toEqual({ "tool input that cannot be read again": 1, "file change without a path": 1 });
      expect(result.merged.toolCalls["t1"]).toMatchObject({ isSuccess: true, startedAtMillis: START + 1000 });
    }
  });

  it("stops behind the current line when aborted, and goes on later", () => {
    const path = writeTranscript(BUSY_SESSION);
    const whole = readFile(path).merged;
    const stop = new AbortController();
    stop.abort();
    expect(readFile(path, undefined, { signal: stop.signal })).toMatchObject({ chunks: 0, facts: [] });
    const later = new AbortController();
    const facts: Fact[] = [];
    let position: TranscriptPosition | undefined;
    let chunks = 0;
    for (const chunk of source.read(describeFile(path), undefined, { signal: later.signal, chunkBytes: 1 })) {
      facts.push(...chunk.facts);
      position = chunk;
      chunks += 1;
      if (chunks === 4) later.abort();
    }
    expect(chunks).toBe(4);
    facts.push(...readFile(path, position).facts);
    expect(mergeFacts(facts)).toEqual(whole);
  });

  it("reads several files at the same time", () => {
    const paths = [writeTranscript(BUSY_SESSION), writeTranscript(BUSY_SESSION), writeTranscript(BUSY_SESSION)];
    const reads = paths.map((path) => ({
      chunks: source.read(describeFile(path), undefined, { chunkBytes: 1 }),
      facts: [] as Fact[],
    }));
    for (let running = reads; running.length > 0; ) {
      running = running.filter(({ chunks, facts }) => {
        const { done, value } = chunks.next();
        facts.push(...(value?.facts ?? []));
        return !done;
      });
    }
    for (const { facts } of reads) expect(mergeFacts(facts)).toEqual(readFile(paths[0]!).merged);
  });

  it("names a file that cannot be read, and moves nothing", () => {
    const folder = temporaryFolder();
    const missing = readFile(join(folder, "gone.jsonl"));
    expect(missing).toMatchObject({ failure: "ENOENT", skipped: { "unreadable file: ENOENT": 1 }, facts: [] });
    expect(missing.position?.offsetBytes).toBe(0);
    const asFolder = join(folder, "folder.jsonl");
    mkdirSync(asFolder);
    const from = { offsetBytes: 0, state: "{}" };
    expect(readFile(asFolder, from)).toMatchObject({ failure: "EISDIR", position: from });
  });
});
