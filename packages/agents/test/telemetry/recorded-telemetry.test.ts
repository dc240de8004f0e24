import { addTokens, type Fact, type ModelCallFact, NO_TOKENS } from "@moai-metrics/model";
import { describe, expect, it } from "vitest";
import { createTelemetryMapper, type LogRecord } from "../../src/index.ts";
import { recordedLogs, recordedSpans } from "../support/otlp-json.ts";

const mapper = () => createTelemetryMapper({ load: () => undefined });

function callsOf(facts: readonly Fact[]): ModelCallFact[] {
  return facts.filter((fact) => fact.kind === "model_call");
}

function totalsOf(facts: readonly Fact[]): readonly number[] {
  const total = callsOf(facts).reduce((sum, { usage }) => addTokens(sum, usage ?? NO_TOKENS), NO_TOKENS);
  return [total.input, total.cacheRead, total.cacheWrite5m + total.cacheWrite1h, total.output, total.reasoning];
}

const agentsOf = (facts: readonly Fact[]) =>
  new Set(facts.flatMap((fact) => (fact.kind === "task" && fact.agent !== undefined ? [fact.agent] : [])));

describe("the logs of a recorded run", () => {
  it.each([
    ["claude-code-otlp/plain-logs.json", 2, [2400, 1600, 200, 690, 0]],
    ["claude-code-otlp/subagent-logs.json", 7, [8400, 5600, 700, 2415, 0]],
    ["codex-otlp/logs.json", 2, [800, 1600, 0, 690, 90]],
    ["gemini-cli-otlp/logs.json", 2, [800, 1600, 0, 690, 90]],
  ] as const)("%s tell the true calls and tokens", (name, calls, totals) => {
    const { facts } = mapper().mapLogs(recordedLogs(name));
    expect(new Set(callsOf(facts).map(({ requestId }) => requestId)).size).toBe(calls);
    expect(callsOf(facts)).toHaveLength(calls);
    expect(totalsOf(facts)).toEqual(totals);
  });

  it("of Claude Code have the cost that it reports, the duration, and the prompt of the main agent only", () => {
    const { facts } = mapper().mapLogs(recordedLogs("claude-code-otlp/subagent-logs.json"));
    expect(callsOf(facts)[0]).toMatchObject({
      requestId: "req_2",
      durationMillis: 32,
      reportedCostNanoUsd: 9_480_000,
      taskId: "prompt:3ac1fe85-7319-498c-b275-f5bdba803ee9",
    });
    expect(callsOf(facts).filter(({ taskId }) => taskId !== undefined)).toHaveLength(2);
  });

  it("tell how tool calls ended, and keep nothing of what they did", () => {
    const { facts } = mapper().mapLogs(recordedLogs("claude-code-otlp/subagent-logs.json"));
    const tools = facts.filter((fact) => fact.kind === "tool_call");
    expect(tools.map(({ callId, tool, isSuccess }) => [callId, tool, isSuccess])).toEqual([
      ["toolu_3", "Write", true],
      ["toolu_4", "Edit", true],
      ["toolu_5", "Bash", true],
      ["toolu_6", "Bash", false],
      ["toolu_2", "Agent", true],
    ]);
    expect(JSON.stringify(facts)).not.toMatch(/MAKE-ERROR|exit 3|made\.txt/);
    const codex = mapper().mapLogs(recordedLogs("codex-otlp/logs.json")).facts;
    expect(codex.find((fact) => fact.kind === "tool_call")).toMatchObject({
      callId: "call_2",
      tool: "exec_command",
      isSuccess: true,
    });
    expect(JSON.stringify(codex)).not.toMatch(/echo hello|Chunk ID/);
  });
});

describe("the spans of a recorded run", () => {
  it("tell the true calls, the subagent's id and its name, whatever their order", () => {
    const spans = recordedSpans("claude-code-otlp/subagent-traces.json");
    for (const ordered of [spans, spans.toReversed()]) {
      const { facts } = mapper().mapSpans(ordered);
      expect(totalsOf(facts)).toEqual([8400, 5600, 700, 2415, 0]);
      expect(callsOf(facts).filter(({ taskId }) => taskId === "agent:af78b6fb22be885ff")).toHaveLength(5);
      expect(agentsOf(facts)).toEqual(new Set(["expert-backend"]));
    }
    // Also when each span comes alone.
    const one = mapper();
    expect(agentsOf(spans.flatMap((span) => one.mapSpans([span]).facts))).toEqual(new Set(["expert-backend"]));
  });

  it("are not counted where they only repeat the log", () => {
    const mapped = mapper().mapSpans(recordedSpans("gemini-cli-otlp/traces.json"));
    expect(mapped.facts).toEqual([]);
    expect([...(mapped.skipped.get("gemini-cli") ?? [])][0]?.[0]).toBe("span that repeats the log");
  });
});

describe("records without an id of the call", () => {
  const event = (second: number, more: Record<string, unknown> = {}): LogRecord => ({
    scopeName: "codex_otel.log_only",
    timeMillis: undefined,
    observedMillis: Date.UTC(2026, 10, 22, 8, 0, second),
    resource: {},
    attributes: {
      "event.name": "codex.sse_event",
      "event.kind": "response.completed",
      "conversation.id": "c1",
      model: "gpt-5-codex",
      input_token_count: "100",
      output_token_count: "10",
      ...more,
    },
  });
  const idsOf = (facts: readonly Fact[]) => callsOf(facts).map(({ requestId }) => requestId);

  it("count each time that they happened, and once when they come again", () => {
    const one = mapper();
    const first = idsOf(one.mapLogs([event(1), event(2)]).facts);
    expect(new Set(first).size).toBe(2);
    expect(idsOf(one.mapLogs([event(2), event(1)]).facts)).toEqual([first[1], first[0]]);
    expect(first).not.toContain(idsOf(one.mapLogs([event(3)]).facts)[0]);
  });

  it("keep their names over a restart, by what was committed", () => {
    const committed = new Map<string, string>();
    const open = () => createTelemetryMapper({ load: (key) => committed.get(key) });
    const before = open().mapLogs([event(1)]);
    for (const { key, state } of before.states) committed.set(key, state);
    expect(before.states).toMatchObject([{ key: "log:codex:c1", product: "codex" }]);
    const after = open();
    const [again, next] = idsOf(after.mapLogs([event(1), event(2)]).facts);
    expect(again).toBe(idsOf(before.facts)[0]);
    expect(next).not.toBe(again);
    // What was not committed is forgotten: the same record is handed out anew.
    after.reset();
    expect(idsOf(after.mapLogs([event(2)]).facts)).toEqual([next]);
  });
});

describe("records that cannot be used", () => {
  const record = (
    scopeName: string,
    attributes: Record<string, unknown>,
    more: Partial<LogRecord> = {},
  ): LogRecord => ({
    scopeName,
    timeMillis: Date.UTC(2026, 10, 22),
    observedMillis: undefined,
    resource: {},
    attributes,
    ...more,
  });
  const claude = (attributes: Record<string, unknown>, more?: Partial<LogRecord>) =>
    record("com.anthropic.claude_code.events", attributes, more);
  const codex = (attributes: Record<string, unknown>, more?: Partial<LogRecord>) =>
    record("codex_otel", attributes, more);
  const gemini = (attributes: Record<string, unknown>, more?: Partial<LogRecord>) =>
    record("gemini-cli", attributes, more);

  it.each([
    [claude({}), "claude-code", "event without a session"],
    [claude({ "session.id": "s" }, { timeMillis: undefined }), "claude-code", "event without a time"],
    [claude({ "session.id": "s" }), "claude-code", "log without an event"],
    [claude({ "session.id": "s", "event.name": "auth" }), "claude-code", "event without figures: auth"],
    [claude({ "session.id": "s", "event.name": "api_request" }), "claude-code", "request without an id"],
    [claude({ "session.id": "s", "event.name": "tool_result" }), "claude-code", "tool call without an id"],
    [claude({ "session.id": "s", "event.name": "api_error" }), "claude-code", "error of a task that is not known"],
    [codex({}), "codex", "log without an event"],
    [codex({ "event.name": "codex.sse_event" }), "codex", "event without a conversation"],
    [
      codex({ "event.name": "codex.x", "conversation.id": "c" }, { timeMillis: undefined }),
      "codex",
      "event without a time",
    ],
    [
      codex({ "event.name": "codex.api_request", "conversation.id": "c" }),
      "codex",
      "event without figures: codex.api_request",
    ],
    [
      codex({ "event.name": "codex.sse_event", "conversation.id": "c" }),
      "codex",
      "event without figures: part of a response",
    ],
    [codex({ "event.name": "codex.tool_result", "conversation.id": "c" }), "codex", "tool call without an id"],
    [gemini({}), "gemini-cli", "event without a session"],
    [gemini({ "session.id": "s" }, { timeMillis: undefined }), "gemini-cli", "event without a time"],
    [gemini({ "session.id": "s" }), "gemini-cli", "log without an event"],
    [
      gemini({ "session.id": "s" }, { eventName: "gemini_cli.rewind" }),
      "gemini-cli",
      "event without figures: gemini_cli.rewind",
    ],
    [gemini({ "session.id": "s", "event.name": "gemini_cli.api_response" }), "gemini-cli", "response without usage"],
    [gemini({ "session.id": "s", "event.name": "gemini_cli.tool_call" }), "gemini-cli", "tool call without an id"],
    [gemini({ "session.id": "s", "event.name": "gemini_cli.agent.start" }), "gemini-cli", "agent without an id"],
  ] as const)("are counted by product and reason (%#)", (given, product, reason) => {
    const { facts, skipped } = mapper().mapLogs([given]);
    expect(facts).toEqual([]);
    expect(skipped).toEqual(new Map([[product, new Map([[reason, 1]])]]));
  });

  it("are left to others when no product is known by them", () => {
    const one = mapper();
    const [span] = recordedSpans("gemini-cli-otlp/traces.json").map((each) => ({
      ...each,
      scopeName: "other",
      resource: {},
    }));
    expect(one.ownsLog(record("my-app", { "event.name": "x" }))).toBe(false);
    expect(one.mapLogs([record("my-app", {})]).facts).toEqual([]);
    expect(span === undefined || one.ownsSpan(span)).toBe(false);
  });

  it("still tell a failed request, the end of a subagent and text in place of numbers", () => {
    const { facts } = mapper().mapLogs([
      claude({ "session.id": "s", "event.name": "api_error", query_source: "sdk", "prompt.id": "p", status_code: 529 }),
      claude({
        "session.id": "s",
        "event.name": "api_request",
        client_request_id: "c",
        agent_id: "a",
        input_tokens: "7",
        output_tokens: "3",
        speed: "fast",
      }),
      gemini({
        "session.id": "s",
        "event.name": "gemini_cli.agent.finish",
        agent_id: "a1",
        agent_name: "reviewer",
        terminate_reason: "MAX_TURNS",
        duration_ms: 500,
      }),
      ...["GOAL", "TIMEOUT", "ABORTED", undefined].map((reason, at) =>
        gemini({
          "session.id": "s",
          "event.name": "gemini_cli.agent.finish",
          agent_id: `b${at}`,
          terminate_reason: reason,
        }),
      ),
      gemini({
        "session.id": "s",
        "event.name": "gemini_cli.api_response",
        role: "subagent",
        prompt_id: "a1#3",
        input_token_count: 5,
        output_token_count: 1,
      }),
    ]);
    const tasks = facts.filter((fact) => fact.kind === "task");
    expect(tasks.map(({ taskId, outcome }) => [taskId, outcome?.result, outcome?.errorType])).toEqual([
      ["prompt:p", "failure", "529"],
      ["agent:a1", "failure", "max_turns"],
      ["agent:b0", "success", undefined],
      ["agent:b1", "timeout", undefined],
      ["agent:b2", "cancelled", undefined],
      ["agent:b3", "unknown", undefined],
    ]);
    expect(callsOf(facts)).toMatchObject([
      { requestId: "client:c", taskId: "agent:a", speed: "fast", usage: { input: 7, output: 3 } },
      { taskId: "agent:a1", usage: { input: 5 } },
    ]);
  });
});
