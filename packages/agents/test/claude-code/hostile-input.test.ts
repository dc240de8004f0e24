import { readFileSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FIXTURES, readFile, temporaryFolder, transcriptsIn, writeTranscript } from "../support/reading.ts";
import { prompt, reply, toolResult, toolUse } from "../support/records.ts";

const RECORDINGS = transcriptsIn(FIXTURES).map((path) => readFileSync(path));

function readBytes(bytes: Uint8Array) {
  const path = `${temporaryFolder()}/session-1.jsonl`;
  writeFileSync(path, bytes);
  return readFile(path);
}

function skippedOf(...lines: readonly unknown[]) {
  return readFile(writeTranscript(lines)).skipped;
}

describe("hostile input", () => {
  it("any prefix of a transcript is read without a failure, and never tells more than the whole", () => {
    for (const bytes of RECORDINGS) {
      const whole = Object.keys(readBytes(bytes).merged.modelCalls).length;
      for (let length = 0; length < bytes.length; length += 113) {
        const { failure, merged, skipped } = readBytes(bytes.subarray(0, length));
        expect(failure).toBeUndefined();
        expect(skipped).toEqual({});
        expect(Object.keys(merged.modelCalls).length).toBeLessThanOrEqual(whole);
      }
    }
  });

  it("any change of bytes is read without a failure", () => {
    const change = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), byte: fc.nat(255) });
    fc.assert(
      fc.property(
        fc.constantFrom(...RECORDINGS),
        fc.array(change, { minLength: 1, maxLength: 30 }),
        (bytes, changes) => {
          const mutated = Buffer.from(bytes);
          for (const { at, byte } of changes) mutated[Math.floor(at * (bytes.length - 1))] = byte;
          const { failure, facts } = readBytes(mutated);
          expect(failure).toBeUndefined();
          for (const fact of facts) expect(JSON.stringify(fact)).not.toContain("NaN");
        },
      ),
      { numRuns: 200 },
    );
  });

  it("any value in any member is read without a failure", () => {
    const lines = [prompt(0, "x"), toolUse(1, "t1", "Edit", { file_path: "/a" }), toolResult(2, "t1", "ok"), reply(3)];
    const members = [...new Set(lines.flatMap((line) => Object.keys(line)))];
    const messageMembers = ["id", "model", "content", "stop_reason", "usage"];
    fc.assert(
      fc.property(
        fc.constantFrom(...lines),
        fc.constantFrom(...members),
        fc.constantFrom(...messageMembers),
        fc.jsonValue(),
        (line, member, messageMember, value) => {
          const changed = [
            { ...line, [member]: value },
            { ...line, message: { ...line.message, [messageMember]: value } },
            {
              ...line,
              message: { ...line.message, content: [{ type: value, id: value, input: value, content: value }] },
            },
            { ...line, toolUseResult: { structuredPatch: value, filePath: value, agentId: value, status: value } },
          ];
          expect(readFile(writeTranscript([...lines, ...changed, ...lines])).failure).toBeUndefined();
        },
      ),
      { numRuns: 150 },
    );
  });

  it("unreadable lines are counted by reason, and the lines around them are read", () => {
    const path = writeTranscript([
      prompt(0, "x"),
      "{",
      '{"type":"user"',
      "[1]",
      "42",
      "hello",
      '{"a":1}',
      '{"type":7}',
      '{type:"user"}',
      '{"type" "user"}',
      '{"type":"system"} {"type":"system"}',
      '{"type":"user","uuid":"\\q"}',
      '{"type":,}',
      "\u0000\u0000",
      " ",
      reply(1),
    ]);
    const { skipped, merged } = readFile(path);
    expect(skipped).toEqual({
      "unreadable line: unexpected end": 2,
      "unreadable line: not an object": 3,
      "unreadable line: no type": 2,
      "unreadable line: unexpected character": 3,
      "unreadable line: trailing data": 1,
      "unreadable line: bad string": 1,
    });
    expect(Object.keys(merged.modelCalls)).toEqual(["msg_1"]);
  });

  it.each([
    undefined,
    7,
    "",
    "yesterday",
    "1999-12-31T23:59:59.999Z",
    "2100-01-01T00:00:00.000Z",
    "2026-13-01T00:00:00.000Z",
    "2026-11-20T09:00:00.000",
  ])("a line of the time %j is unreadable", (timestamp) => {
    expect(skippedOf(reply(1, { line: { timestamp } }))).toEqual({ "unreadable line: bad timestamp": 1 });
  });

  it.each([undefined, null, "text", [1]])("a line with the message %j is unreadable", (message) => {
    expect(skippedOf({ ...prompt(0, "x"), message })).toEqual({ "unreadable line: no message": 1 });
  });

  it("unknown types are counted by name, and not without bound", () => {
    expect(skippedOf({ type: "new-thing" }, { type: "new_thing-2" }, { type: "new-thing" })).toEqual({
      "unknown record: new-thing": 2,
      "unknown record: new_thing-2": 1,
    });
    const many = Array.from({ length: 100 }, (_, i) => ({ type: `type-${i}` }));
    const counts = skippedOf(...many);
    expect(Object.keys(counts)).toHaveLength(33);
    expect(counts["unknown record: (more types)"]).toBe(68);
  });

  it.each(["my private words", "Secret", "a".repeat(42), "\u0007", "비밀", "-x", ""])(
    "the unknown type %j is not taken over as a name",
    (type) => {
      expect(skippedOf({ type })).toEqual({ "unknown record: (odd name)": 1 });
    },
  );

  it("hundreds of thousands of blocks in one line are bounded and counted, and the lines after it are read", () => {
    const results = Array.from({ length: 200_000 }, (_, i) => ({
      type: "tool_result",
      tool_use_id: `t${i}`,
      content: "x",
    }));
    const { failure, merged, skipped } = readFile(writeTranscript([prompt(0, results), reply(1)]));
    expect(failure).toBeUndefined();
    expect(Object.keys(merged.toolCalls)).toHaveLength(1000);
    expect(Object.keys(merged.modelCalls)).toEqual(["msg_1"]);
    expect(skipped).toEqual({ "message block beyond the first 1000 of its line": 199_000 });
  });

  it("known metadata is passed over in silence, also when the rest of its line is broken", () => {
    const broken = '{"type":"file-history-snapshot","snapshot":{"a":';
    expect(skippedOf({ type: "queue-operation" }, { type: "summary" }, { type: "api-request-7" }, broken)).toEqual({});
  });

  it("numbers that are none count as nothing", () => {
    const usage =
      '{"input_tokens":1e400,"output_tokens":-5,"cache_read_input_tokens":"9","cache_creation_input_tokens":1.9}';
    const line = JSON.stringify(reply(1, { message: { usage: "USAGE" } })).replace('"USAGE"', usage);
    expect(readFile(writeTranscript([line])).merged.modelCalls["msg_1"]?.usage).toEqual({
      input: 0,
      cacheRead: 0,
      cacheWrite5m: 1,
      cacheWrite1h: 0,
      output: 0,
      reasoning: 0,
    });
  });

  it("keys of the language are keys like others", () => {
    const line = '{"__proto__":{"isMeta":true},"constructor":1,"type":"user"}';
    expect(skippedOf(line)).toEqual({ "unreadable line: bad timestamp": 1 });
    const forged = JSON.stringify(reply(1)).replace('"isSidechain":false', '"__proto__":{"isSidechain":true}');
    expect(readFile(writeTranscript([forged])).merged.modelCalls["msg_1"]?.isReplay).toBeUndefined();
  });

  it("a hundred thousand levels deep is read like any other", () => {
    const depth = 100_000;
    const deep = `${"[".repeat(depth)}${"]".repeat(depth)}`;
    const inContent = JSON.stringify(reply(1, { message: { content: "DEEP" } })).replace('"DEEP"', deep);
    const unclosed = `{"type":"user","x":${'{"a":'.repeat(depth)}`;
    const path = writeTranscript([inContent, unclosed, reply(2, { message: { id: "m2" }, line: { requestId: "r2" } })]);
    const { merged, skipped } = readFile(path);
    expect(Object.keys(merged.modelCalls)).toEqual(["msg_1", "m2"]);
    expect(skipped).toEqual({ "unreadable line: unexpected end": 1 });
  });

  it("ids and paths of absurd length count as absent", () => {
    const huge = "x".repeat(5000);
    const { merged, skipped } = readFile(
      writeTranscript([
        reply(1, { message: { id: huge }, line: { sessionId: huge, cwd: `/${huge}`, gitBranch: huge } }),
        prompt(2, "x", { promptId: huge, uuid: "u2" }),
      ]),
    );
    expect(Object.keys(merged.modelCalls)).toEqual(["req_1"]);
    expect(Object.keys(merged.tasks)).toEqual(["prompt:u2"]);
    expect(merged.sessions["session-1"]?.project).toBe("/home/devusr/shop");
    expect(skipped).toEqual({});
  });

  it("long but possible folders are taken over", () => {
    const cwd = `/${"long/".repeat(200)}`;
    expect(readFile(writeTranscript([prompt(0, "x", { cwd })])).merged.sessions["session-1"]?.project).toBe(cwd);
  });

  it("sessions beyond what one file can mean have no project, and are still seen", () => {
    const lines = Array.from({ length: 70 }, (_, i) => prompt(i, "x", { sessionId: `s${i}`, promptId: `p${i}` }));
    const { merged } = readFile(writeTranscript(lines));
    expect(Object.keys(merged.sessions)).toHaveLength(70);
    expect(merged.sessions["s69"]?.project).toBeUndefined();
  });
});
