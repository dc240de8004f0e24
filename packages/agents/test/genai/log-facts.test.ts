import { describe, expect, it } from "vitest";
import { createSpanMapper, genAiLogFacts, type LogRecord } from "../../src/index.ts";

const RECORD: LogRecord = {
  scopeName: "some-instrumentation",
  eventName: "gen_ai.client.inference.operation.details",
  timeMillis: 1_780_000_005_000,
  observedMillis: undefined,
  traceId: "a".repeat(32),
  spanId: "b".repeat(16),
  attributes: {
    "gen_ai.operation.name": "chat",
    "gen_ai.request.model": "gpt-5.2",
    "gen_ai.usage.input_tokens": 1200,
    "gen_ai.usage.output_tokens": 345,
    "gen_ai.usage.cache_read.input_tokens": 800,
  },
  resource: { "service.name": "shop", "service.instance.id": "one" },
};
const SPAN = {
  traceId: "a".repeat(32),
  spanId: "b".repeat(16),
  parentSpanId: undefined,
  name: "chat gpt-5.2",
  scopeName: RECORD.scopeName,
  startMillis: 1_780_000_000_000,
  endMillis: 1_780_000_005_000,
  isError: false,
  attributes: RECORD.attributes,
  resource: RECORD.resource,
};

describe("log events of the GenAI conventions", () => {
  it("tell a call under the same key as its span", () => {
    const facts = genAiLogFacts(RECORD);
    expect(facts).toHaveLength(2);
    const [fromLog] = facts;
    const [fromSpan] = createSpanMapper().map(SPAN);
    expect(fromLog).toMatchObject({ witness: "log", kind: "model_call", endedAtMillis: 1_780_000_005_000 });
    expect(fromLog).toMatchObject({ usage: { input: 400, cacheRead: 800, output: 345 }, model: "gpt-5.2" });
    const keyOf = (fact: unknown) => {
      const { product, sessionId, requestId, responseId } = fact as Record<string, unknown>;
      return { product, sessionId, requestId, responseId };
    };
    expect(keyOf(fromLog)).toEqual(keyOf(fromSpan));
  });

  it("are known by the attribute event.name, too, and by the time of observation", () => {
    const attributes = { ...RECORD.attributes, "event.name": RECORD.eventName };
    const record = {
      ...RECORD,
      eventName: undefined,
      timeMillis: undefined,
      observedMillis: 1_780_000_005_000,
      attributes,
    };
    expect(genAiLogFacts(record)).toEqual(genAiLogFacts(RECORD));
  });

  it("are known by their response where there is no span", () => {
    const attributes = { ...RECORD.attributes, "gen_ai.response.id": "resp_1" };
    const [call] = genAiLogFacts({ ...RECORD, traceId: undefined, spanId: undefined, attributes });
    expect(call).toMatchObject({ kind: "model_call", responseId: "resp_1", sessionId: "one" });
  });

  it.each([
    ["another event", { eventName: "gen_ai.evaluation.result" }, "event without figures: gen_ai.evaluation.result"],
    ["a log of something else", { eventName: "user logged in: <secret>" }, "log that is not about agents"],
    ["a log without a name", { eventName: undefined }, "log that is not about agents"],
    ["no time", { timeMillis: undefined }, "event without a time"],
    ["no usage", { attributes: {} }, "event without usage"],
    ["neither span nor response", { traceId: undefined }, "event without ids"],
  ])("give no fact with %s", (_what, change, reason) => {
    expect(genAiLogFacts({ ...RECORD, ...change })).toBe(reason);
  });

  it("hold the fact that a process tells of itself, whoever it says it is", () => {
    const fact = {
      kind: "task",
      witness: "transcript",
      product: "shop",
      sessionId: "s",
      taskId: "t",
      agent: "planner",
    };
    const told = (text: unknown) =>
      genAiLogFacts({ ...RECORD, eventName: "moai.fact", attributes: { "moai.fact": text } });
    expect(told(JSON.stringify(fact))).toEqual([{ ...fact, witness: "process" }]);
    for (const text of ["{", "5", "null", '{"a":1}', undefined]) expect(told(text)).toBe("event that holds no fact");
  });

  it("give no fact with a response alone, which may be anyone's", () => {
    const attributes = { ...RECORD.attributes, "gen_ai.response.id": "resp_1" };
    expect(genAiLogFacts({ ...RECORD, spanId: undefined, resource: {}, attributes })).toBe("event without ids");
  });
});
