import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { instrumentAgent, recordUsage, withSession, withTask, withTool } from "@moai-metrics/instrumentation";
import { openStore } from "@moai-metrics/store";
import { context, trace } from "@opentelemetry/api";
import { describe, expect, it } from "vitest";
import { startMetrics } from "../../src/index.ts";

const RESPONSE_ID = "chatcmpl-1";
const reply = {
  id: RESPONSE_ID,
  object: "chat.completion",
  model: "gpt-4o",
  usage: { prompt_tokens: 100, completion_tokens: 10 },
};

/** What another library's instrumentation does around a call of its SDK. */
async function callTraced(attributes: Record<string, string> = {}, operation = "chat"): Promise<void> {
  const span = trace.getTracer("another-library").startSpan(operation, {
    attributes: {
      "gen_ai.operation.name": operation,
      "gen_ai.request.model": "gpt-4o",
      "gen_ai.usage.input_tokens": 100,
      "gen_ai.usage.output_tokens": 10,
      ...attributes,
    },
  });
  await new Promise((resolve) => setTimeout(resolve, 5));
  span.end();
}

async function recorded(work: () => unknown, environment: Record<string, string> = {}) {
  const storage = mkdtempSync(join(tmpdir(), "foreign-spans-"));
  const handle = startMetrics({ serviceName: "svc", storage, environment });
  await work();
  await handle.shutdown();
  const store = openStore({ path: join(storage, "metrics.db") });
  const sessions = store.ledger.sessions({}).map(({ sessionId, calls, tokens }) => [sessionId, calls, tokens.input]);
  const tasks = store.ledger.tasks({}).map(({ agent, calls }) => [agent, calls]);
  const rows = store.ledger.tasks({});
  const agentOf = new Map(rows.map(({ taskId, agent }) => [taskId, agent]));
  const parents = new Map(
    rows.filter(({ parentTaskId }) => parentTaskId !== "").map((row) => [row.agent, agentOf.get(row.parentTaskId)]),
  );
  const [series] = store.points("moai.task.count");
  expect(store.checkRollups()).toEqual([]);
  store.close();
  return { sessions, tasks, parents, instanceId: series?.identity.resource["service.instance.id"] };
}

describe("a chat span of another library", () => {
  it("inside of a session and a task makes no phantom session and counts in the task", async () => {
    const { sessions, tasks } = await recorded(() =>
      withSession({ id: "S1" }, () => withTask("a", () => callTraced({ "gen_ai.response.id": RESPONSE_ID }))),
    );
    expect(sessions).toEqual([["S1", 1, 100]]);
    expect(tasks).toEqual([["a", 1]]);
  });

  it("inside of an instrumented agent that returns the same reply counts once", async () => {
    const agent = instrumentAgent("agent", async () => {
      await callTraced({ "gen_ai.response.id": RESPONSE_ID });
      return reply;
    });
    const { sessions } = await recorded(() => withSession({ id: "S2" }, () => agent()));
    expect(sessions).toEqual([["S2", 1, 100]]);
  });

  it("and a recordUsage() of its reply count once", async () => {
    const { sessions } = await recorded(() =>
      withSession({ id: "S3" }, () =>
        withTask("a", async () => {
          await callTraced({ "gen_ai.response.id": RESPONSE_ID });
          recordUsage(reply);
        }),
      ),
    );
    expect(sessions).toEqual([["S3", 1, 100]]);
  });

  it("inside of a tool belongs to the task around the tool", async () => {
    const { sessions, tasks } = await recorded(() =>
      withSession({ id: "S4" }, () => withTask("a", () => withTool("search", () => callTraced()))),
    );
    expect(sessions).toEqual([["S4", 1, 100]]);
    expect(tasks).toEqual([["a", 1]]);
  });

  it("inside of another library's agent run belongs to that run", async () => {
    const { tasks } = await recorded(() =>
      withTask("ours", async () => {
        const run = trace.getTracer("another-library").startSpan("invoke_agent", {
          attributes: { "gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "theirs" },
        });
        await context.with(trace.setSpan(context.active(), run), () => callTraced());
        run.end();
      }),
    );
    expect(new Map(tasks as [string, number][])).toEqual(
      new Map([
        ["ours", 0],
        ["theirs", 1],
      ]),
    );
  });

  it("inside of a tool in another library's agent run, which our task is around, belongs to that run", async () => {
    const { tasks, parents } = await recorded(() =>
      withTask("ours", () =>
        withTool("delegate", async () => {
          const run = trace.getTracer("another-library").startSpan("invoke_agent", {
            attributes: { "gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "theirs" },
          });
          await context.with(trace.setSpan(context.active(), run), () => withTool("search", () => callTraced()));
          run.end();
        }),
      ),
    );
    expect(new Map(tasks as [string, number][])).toEqual(
      new Map([
        ["ours", 0],
        ["theirs", 1],
      ]),
    );
    expect(parents).toEqual(new Map([["theirs", "ours"]]));
  });

  it("around a call that the process records itself is its sum", async () => {
    const { sessions } = await recorded(() =>
      withSession({ id: "S6" }, async () => {
        const outer = trace.getTracer("another-library").startSpan("chat", {
          attributes: { "gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": 100 },
        });
        context.with(trace.setSpan(context.active(), outer), () => recordUsage(reply));
        outer.end();
      }),
    );
    expect(sessions).toEqual([["S6", 1, 100]]);
  });

  it.each([{}, { OTEL_RESOURCE_ATTRIBUTES: "service.instance.id=pod-7" }])(
    "outside of any session belongs to the same run of the service as our own records (%j)",
    async (environment) => {
      const { sessions, instanceId } = await recorded(async () => {
        await callTraced();
        withTask("a", () => recordUsage({ model: "m", inputTokens: 1 }));
      }, environment);
      expect(sessions).toEqual([[instanceId, 2, 101]]);
    },
  );

  it("keeps the session that it names itself", async () => {
    const { sessions } = await recorded(() =>
      withSession({ id: "S5" }, () => callTraced({ "session.id": "theirs", "moai.agent.product": "svc" })),
    );
    expect(sessions).toContainEqual(["theirs", 1, 100]);
  });
});
