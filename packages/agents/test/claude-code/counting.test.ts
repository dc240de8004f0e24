import { quarterHourOf } from "@moai-metrics/model";
import { describe, expect, it } from "vitest";
import type { ReadOptions } from "../../src/index.ts";
import { readFile, readTree, temporaryFolder, writeTranscript } from "../support/reading.ts";
import { prompt, reply, START, USAGE } from "../support/records.ts";

function callsOf(records: readonly unknown[]) {
  return Object.values(readFile(writeTranscript(records)).merged.modelCalls);
}

describe("counting model calls", () => {
  it("counts a reply of several lines once, with the greatest usage and the last time", () => {
    const calls = callsOf([
      reply(1, { message: { usage: { ...USAGE, output_tokens: 1 } } }),
      reply(2),
      reply(3, { message: { usage: { ...USAGE, output_tokens: 3 } } }),
    ]);
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({ usage: { output: 7 }, endedAtMillis: START + 3000 });
  });

  it("hands a reply of several lines out as one fact", () => {
    const { facts } = readFile(writeTranscript([reply(1), reply(2), reply(3)]));
    expect(facts.filter((fact) => fact.kind === "model_call")).toHaveLength(1);
  });

  it("keeps ids that are handed out again an hour later apart, in one read as in two", () => {
    const factsOf = (options?: ReadOptions) =>
      readFile(writeTranscript([reply(1), reply(2), reply(3600), reply(3601)]), undefined, options).facts;
    for (const facts of [factsOf(), factsOf({ chunkBytes: 1 })]) {
      const quarterHours = facts.flatMap((fact) =>
        fact.kind === "model_call" ? [quarterHourOf(fact.endedAtMillis)] : [],
      );
      expect(new Set(quarterHours)).toEqual(new Set([quarterHourOf(START), quarterHourOf(START + 3_600_000)]));
    }
    expect(factsOf().filter((fact) => fact.kind === "model_call")).toHaveLength(2);
  });

  it("leaves lines of one reply on both sides of a quarter hour's edge for the ledger to join", () => {
    const { facts } = readFile(writeTranscript([reply(895), reply(905), reply(899)]));
    expect(facts.flatMap((fact) => (fact.kind === "model_call" ? [fact.endedAtMillis] : []))).toEqual([
      START + 895_000,
      START + 905_000,
      START + 899_000,
    ]);
  });

  it("takes the same of several lines as the ledger does, whatever the order", () => {
    const usage = { ...USAGE, server_tool_use: { web_search_requests: 3 } };
    const lines = [
      reply(1, { message: { model: "a" } }),
      reply(2, { message: { model: "b", usage } }),
      reply(3, { message: { usage: { ...USAGE, speed: "fast" } } }),
    ];
    for (const order of [lines, lines.toReversed()]) {
      const calls = callsOf(order);
      expect(calls).toMatchObject([{ model: "claude-sonnet-4-5", speed: "fast", endedAtMillis: START + 3000 }]);
      expect(calls[0]?.webSearches).toBeUndefined();
    }
  });

  it("does not let a count that cannot be meant spoil the other lines of its reply, or the file", () => {
    const poison = { ...USAGE, input_tokens: Number.MAX_SAFE_INTEGER };
    const lines = [reply(1), reply(2, { message: { usage: poison } }), reply(3), reply(4, { message: { id: "m2" } })];
    for (const order of [lines, lines.toReversed()]) {
      const { facts, failure } = readFile(writeTranscript(order));
      const calls = facts.filter((fact) => fact.kind === "model_call");
      const inputs = (id: string) => calls.filter((call) => call.responseId === id).map((call) => call.usage?.input);
      expect(new Set(inputs("msg_1"))).toEqual(new Set([10, Number.MAX_SAFE_INTEGER]));
      expect(inputs("m2")).toEqual([10]);
      expect(failure).toBeUndefined();
    }
  });

  it("keeps two requests that answered with the same message id apart, for the ledger to judge", () => {
    const { facts } = readFile(writeTranscript([reply(1), reply(2, { line: { requestId: "req_2" } })]));
    expect(facts.filter((fact) => fact.kind === "model_call").map((fact) => fact.requestId)).toEqual([
      "req_1",
      "req_2",
    ]);
  });

  it("falls back to the message id alone, then to the line's id", () => {
    const calls = callsOf([
      reply(1, { line: { requestId: undefined } }),
      reply(2, { message: { id: undefined }, line: { requestId: undefined } }),
      reply(3, { message: { id: "" } }),
    ]);
    expect(calls.map(({ requestId, responseId }) => [requestId, responseId])).toEqual([
      [undefined, "msg_1"],
      [undefined, "uuid:assistant-2"],
      ["req_1", undefined],
    ]);
  });

  it("counts a reply that nothing identifies as skipped", () => {
    const nameless = reply(1, { message: { id: undefined }, line: { requestId: undefined, uuid: undefined } });
    expect(readFile(writeTranscript([nameless])).skipped).toEqual({ "reply without an id": 1 });
  });

  it("marks every side line as a replay of lower rank", () => {
    const [call] = callsOf([reply(1, { line: { isSidechain: true, agentId: "a1" } })]);
    expect(call).toMatchObject({ isReplay: true, witness: "transcriptSidechain", taskId: "agent:a1" });
  });

  it("drops what a side conversation repeats under another request id", () => {
    const folder = temporaryFolder();
    writeTranscript([prompt(0, "hi"), reply(1)], "session-1", folder);
    const replay = reply(50, { line: { isSidechain: true, agentId: "btw", requestId: "req_btw" } });
    writeTranscript([replay], "session-1/subagents/agent-btw", folder);
    const calls = Object.values(readTree(folder).merged.modelCalls);
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({ requestId: "req_1", taskId: "prompt:p1" });
  });

  it("gives a copied line to the session that made the request", () => {
    const copied = { sessionId: "fork", forkedFrom: { sessionId: "origin", messageUuid: "u0" } };
    const { merged } = readFile(
      writeTranscript(
        [
          reply(1, { line: copied }),
          reply(2, { message: { id: "msg_2" }, line: { ...copied, requestSessionId: "requester" } }),
          reply(3, { message: { id: "msg_3" }, line: { sessionId: undefined } }),
        ],
        "from-the-name",
      ),
    );
    expect(Object.values(merged.modelCalls).map((call) => call.sessionId)).toEqual([
      "origin",
      "requester",
      "from-the-name",
    ]);
  });

  it("takes the split of cache writes where the sum is missing, and the sum where it is greater", () => {
    const split = { ephemeral_5m_input_tokens: 30, ephemeral_1h_input_tokens: 10 };
    const calls = callsOf([
      reply(1, { message: { id: "a", usage: { cache_creation_input_tokens: 0, cache_creation: split } } }),
      reply(2, { message: { id: "b", usage: { cache_creation_input_tokens: 100, cache_creation: split } } }),
      reply(3, { message: { id: "c", usage: { cache_creation_input_tokens: 9 } } }),
    ]);
    expect(calls.map(({ usage }) => [usage?.cacheWrite5m, usage?.cacheWrite1h])).toEqual([
      [30, 10],
      [90, 10],
      [9, 0],
    ]);
  });

  it("notes fast mode, web searches and the model as given", () => {
    const usage = { ...USAGE, speed: "fast", server_tool_use: { web_search_requests: 3 } };
    const [call] = callsOf([reply(1, { message: { model: "claude-opus-4-6[1m]", usage } })]);
    expect(call).toMatchObject({ speed: "fast", webSearches: 3, model: "claude-opus-4-6[1m]" });
  });

  it("counts an API failure as an error without usage", () => {
    const failed = (seconds: number, line: Record<string, unknown>) =>
      reply(seconds, { message: { id: "x", model: "<synthetic>", usage: { input_tokens: 0 } }, line });
    const calls = callsOf([
      failed(1, { isApiErrorMessage: true, error: "rate_limit" }),
      failed(2, {
        isApiErrorMessage: true,
        error: "Something went wrong, see https://x",
        apiError: "max_output_tokens",
      }),
      failed(3, { isApiErrorMessage: true }),
      failed(4, {}),
    ]);
    expect(calls.map((call) => call.errorType)).toEqual(["rate_limit", "max_output_tokens", "api_error", "api_error"]);
    expect(calls.every((call) => call.usage === undefined && call.model === undefined)).toBe(true);
    expect(calls[0]?.responseId).toBe("uuid:assistant-1");
  });

  it("passes over a filler line that says it is no error", () => {
    const filler = reply(1, { message: { model: "<synthetic>" }, line: { isApiErrorMessage: false } });
    const { merged, skipped } = readFile(writeTranscript([prompt(0, "hi"), filler]));
    expect(merged.modelCalls).toEqual({});
    expect(merged.tasks["prompt:p1"]?.outcome).toBeUndefined();
    expect(skipped).toEqual({});
  });

  it("counts a failure that nothing identifies, and a reply without usage, as skipped", () => {
    const failure = reply(1, { line: { isApiErrorMessage: true, uuid: undefined } });
    const { merged, skipped } = readFile(writeTranscript([failure, reply(2, { message: { usage: undefined } })]));
    expect(merged.modelCalls).toEqual({});
    expect(skipped).toEqual({ "error without an id": 1, "reply without usage": 1 });
  });
});
