import { createSpanMapper, type SpanRecord } from "@moai-metrics/agents";
import type { Fact, ModelCallFact, TaskFact } from "@moai-metrics/model";
import { describe, expect, it } from "vitest";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const id = (n: number) => n.toString(16).padStart(16, "0");
const key = (n: number) => `span:${TRACE}${id(n)}`;

function span(
  n: number,
  parent: number | undefined,
  attributes: Record<string, unknown>,
  more: Partial<SpanRecord> = {},
): SpanRecord {
  return {
    traceId: TRACE,
    spanId: id(n),
    parentSpanId: parent === undefined ? undefined : id(parent),
    name: "span",
    startMillis: 1000,
    endMillis: 3000,
    isError: false,
    attributes,
    resource: { "service.name": "shop", "service.instance.id": "run-1" },
    ...more,
  };
}

function mapAll(...spans: SpanRecord[]): Fact[] {
  const mapper = createSpanMapper();
  return spans.flatMap((each) => mapper.map(each));
}

const calls = (facts: Fact[]): ModelCallFact[] => facts.filter((fact) => fact.kind === "model_call");
const tasks = (facts: Fact[]): TaskFact[] => facts.filter((fact) => fact.kind === "task");

describe("model calls", () => {
  it.each([
    [
      "g1",
      { "gen_ai.system": "anthropic", "gen_ai.usage.prompt_tokens": 100, "gen_ai.usage.completion_tokens": 20 },
      {},
    ],
    [
      "g2",
      {
        "gen_ai.usage.input_tokens": 100,
        "gen_ai.usage.output_tokens": 20,
        "gen_ai.usage.cache_read.input_tokens": 60,
        "gen_ai.usage.cache_creation.input_tokens": 10,
      },
      { input: 30, cacheRead: 60, cacheWrite5m: 10 },
    ],
    [
      "g3",
      {
        "gen_ai.usage.input_tokens": "100",
        "gen_ai.usage.output_tokens": 20n,
        "gen_ai.usage.cache_read.input_tokens": 60,
        "gen_ai.usage.cache_write.input_tokens": 10,
        "gen_ai.usage.reasoning.output_tokens": 5,
      },
      { input: 30, cacheRead: 60, cacheWrite5m: 10, reasoning: 5 },
    ],
  ])("of generation %s are read", (_generation, attributes, usage) => {
    const [call] = calls(
      mapAll(
        span(1, undefined, {
          "gen_ai.operation.name": "chat",
          "gen_ai.request.model": "asked",
          "gen_ai.response.model": "answered",
          "gen_ai.response.id": "msg_1",
          "gen_ai.conversation.id": "c1",
          ...attributes,
        }),
      ),
    );
    expect(call).toMatchObject({
      witness: "span",
      product: "shop",
      sessionId: "c1",
      requestId: undefined,
      responseId: "msg_1",
      model: "answered",
      endedAtMillis: 3000,
      durationMillis: 2000,
      usage: { input: 100, cacheRead: 0, cacheWrite5m: 0, output: 20, ...usage },
    });
  });

  it("of another library are known by their response id, as the process's own fact of the call is", () => {
    const chat = { "gen_ai.operation.name": "chat", "gen_ai.response.id": "msg_1" };
    const requestIdOf = (attributes: Record<string, unknown>, scopeName: string) =>
      calls(mapAll(span(1, undefined, attributes, { scopeName })))[0]?.requestId;
    expect(requestIdOf(chat, "openai-instrumentation")).toBeUndefined();
    expect(requestIdOf({ "gen_ai.operation.name": "chat" }, "openai-instrumentation")).toBe(key(1));
    expect(requestIdOf(chat, "@moai-metrics/instrumentation")).toBe(key(1));
  });

  it("without usage are unknown, and failed ones carry their error", () => {
    const facts = mapAll(span(1, undefined, { "gen_ai.operation.name": "text_completion" }, { isError: true }));
    expect(calls(facts)).toMatchObject([{ usage: undefined, errorType: "_OTHER", sessionId: "run-1" }]);
  });

  it("are put under the agent run that encloses them, however far away", () => {
    const facts = mapAll(
      span(4, 3, { "gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": 1 }),
      span(3, 2, { "http.method": "POST" }),
      span(5, 2, {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "Read",
        "gen_ai.tool.call.id": "toolu_1",
      }),
      span(2, 1, { "gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "inner" }),
      span(1, undefined, {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": "outer",
        "gen_ai.usage.input_tokens": 1,
      }),
    );
    expect(calls(facts).map((fact) => fact.taskId)).toEqual([undefined, key(2)]);
    expect(new Set(calls(facts).map((fact) => fact.requestId))).toEqual(new Set([key(4)]));
    expect(facts.filter((fact) => fact.kind === "tool_call").at(-1)).toMatchObject({
      taskId: key(2),
      callId: "toolu_1",
    });
    expect(tasks(facts).map((fact) => [fact.taskId, fact.parentTaskId])).toEqual([
      [key(2), undefined],
      [key(1), undefined],
      [key(2), key(1)],
    ]);
  });

  it("inside of others with usage are the only ones counted", () => {
    const facts = mapAll(
      span(3, 2, { "gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": 10 }),
      span(2, 1, {}),
      span(1, undefined, { "gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": 10 }),
    );
    expect(new Set(calls(facts).map((fact) => fact.requestId))).toEqual(new Set([key(3)]));
  });

  it("around others stay sums when they are sent again alone", () => {
    const mapper = createSpanMapper({ maxWaiting: 2 });
    const chat = { "gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": 10, "gen_ai.usage.output_tokens": 1 };
    const inner = span(2, 1, chat);
    const outer = span(1, undefined, chat);
    expect(calls([inner, outer].flatMap((each) => mapper.map(each)))).toHaveLength(1);
    expect(mapper.map(outer)).toEqual([]);
    // Only so many are remembered.
    for (const n of [11, 13, 15]) for (const each of [span(n + 1, n, chat), span(n, undefined, chat)]) mapper.map(each);
    expect(calls([...mapper.map(outer)])).toHaveLength(1);
  });
});

describe("agent runs", () => {
  it.each([
    [{}, false, "success", "inferred"],
    [{}, true, "failure", "reported"],
    [{ "error.type": "TimeoutError" }, true, "timeout", "reported"],
    [{ "error.type": "AbortError" }, true, "cancelled", "reported"],
    [{ "moai.task.result": "failure", "moai.task.result_origin": "reported" }, false, "failure", "reported"],
    [{ "moai.task.result": "cancelled", "moai.task.result_origin": "inferred" }, false, "cancelled", "inferred"],
  ])("with %j and error status %s are %s, %s", (attributes, isError, result, origin) => {
    const [task] = tasks(
      mapAll(span(1, undefined, { "gen_ai.operation.name": "invoke_agent", ...attributes }, { isError })),
    );
    expect(task).toMatchObject({ taskKind: "sdk", outcome: { result, origin, atMillis: 3000 } });
  });

  it("never count the tokens they report", () => {
    const facts = mapAll(
      span(1, undefined, { "gen_ai.operation.name": "invoke_agent", "gen_ai.usage.input_tokens": 99 }),
    );
    expect(calls(facts)).toEqual([]);
  });
});

describe("our own spans", () => {
  it("say themselves to which session, product and task they belong", () => {
    const own = { "session.id": "s", "moai.agent.product": "own", "moai.task.id": key(9) };
    const facts = mapAll(
      span(1, 2, { ...own, "gen_ai.operation.name": "chat" }, { startMillis: 3000 }),
      span(2, undefined, { ...own, "moai.scope.kind": "session", "moai.project": "/p", "moai.branch": "b" }),
    );
    expect(calls(facts)).toMatchObject([{ product: "own", sessionId: "s", taskId: key(9), durationMillis: undefined }]);
    expect(facts.at(-1)).toMatchObject({ kind: "session", project: "/p", branch: "b", hasEnded: true });
  });
});

describe("a session that stays open for long", () => {
  const task = { "moai.scope.kind": "task", "gen_ai.agent.name": "a", "session.id": "s" };
  const session = { "moai.scope.kind": "session", "session.id": "s" };

  it("with more tasks than a call has room for arguments does not throw when it ends", () => {
    const mapper = createSpanMapper({ maxOrphansPerParent: 1_000_000 });
    for (let i = 1; i <= 150_000; i++) mapper.map(span(i, 900_000, task));
    expect(mapper.map(span(900_000, 900_001, session))).toHaveLength(1);
    expect(mapper.map(span(900_001, undefined, { "gen_ai.operation.name": "invoke_agent" }))).toHaveLength(2);
    expect(mapper.forgotten).toBe(0);
  });

  it("keeps nothing of spans that know their task, and a limited number of others", () => {
    const mapper = createSpanMapper({ maxOrphansPerParent: 2 });
    const own = { scopeName: "@moai-metrics/instrumentation" };
    for (let i = 1; i <= 5; i++) mapper.map(span(i, 100, task, own));
    for (let i = 6; i <= 9; i++) mapper.map(span(i, 100, { ...task, "moai.task.parent_id": key(50) }));
    expect(mapper.forgotten).toBe(0);
    for (let i = 10; i <= 14; i++) mapper.map(span(i, 100, task));
    expect(mapper.forgotten).toBe(3);
  });

  it("says later only to which task a fact belongs, and not again what happened", () => {
    const mapper = createSpanMapper();
    const usage = { "gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": 10, "gen_ai.request.model": "m" };
    mapper.map(span(1, 2, usage));
    const facts = mapper.map(span(2, undefined, { "gen_ai.operation.name": "invoke_agent" }));
    expect(facts.at(-1)).toEqual({
      kind: "model_call",
      witness: "span",
      product: "shop",
      sessionId: "run-1",
      requestId: key(1),
      responseId: undefined,
      endedAtMillis: 3000,
      taskId: key(2),
    });
  });
});

describe("names on spans", () => {
  it("count as absent when they are overlong", () => {
    const long = "x".repeat(300);
    const facts = mapAll(
      span(1, undefined, {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": long,
        "session.id": long,
        "gen_ai.tool.call.id": long,
      }),
    );
    expect(facts[0]).toMatchObject({ kind: "tool_call", sessionId: "run-1", callId: key(1), tool: undefined });
    expect(JSON.stringify(facts)).not.toContain(long);
  });
});

describe("spans of other things", () => {
  it("give no facts", () => {
    expect(
      mapAll(span(1, undefined, { "http.method": "GET" }), span(2, undefined, { "gen_ai.operation.name": "plan" })),
    ).toEqual([]);
  });

  it("are forgotten, and counted, when too many parents are awaited", () => {
    const mapper = createSpanMapper({ maxWaiting: 2 });
    for (let i = 1; i <= 4; i++) mapper.map(span(i, 100 + i, { "gen_ai.operation.name": "chat" }));
    expect(mapper.forgotten).toBe(2);
  });

  it("without any name belong to an unknown service and their trace", () => {
    const [call] = calls(mapAll(span(1, undefined, { "gen_ai.operation.name": "chat" }, { resource: {} })));
    expect(call).toMatchObject({ product: "unknown_service", sessionId: `trace:${TRACE}` });
  });
});
