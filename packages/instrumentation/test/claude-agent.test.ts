/** What is made of the hooks, the logs and the messages of a Claude Agent; the SDK itself is tested in test/real. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { configure, droppedMeasurements, instrumentAgent, withBudget } from "../src/index.ts";
import { applyPatch } from "../src/sdks/apply.ts";
import { readLogs } from "../src/sdks/claude-agent/otlp-logs.ts";
import { readAll, startWatch, type Watch } from "./harness.ts";

vi.mock("node:module", async (original) => {
  const { compiledOnce } = await import("../../../test/support/compiled-once.ts");
  return compiledOnce(original, "/query.ts", () => import("../src/sdks/claude-agent/query.ts"));
});

let watch: Watch;
beforeEach(() => {
  watch = startWatch();
});
afterEach(() => watch.stop());

type Environment = Readonly<Record<string, string | undefined>>;
interface Process {
  readonly env: Environment;
  hook(event: string, more?: object): Promise<void>;
  log(...events: object[]): Promise<number>;
}
type Work = (claude: Process) => AsyncGenerator<object>;
type Start = (params: { prompt?: string; options?: object }) => AsyncGenerator<object>;

const SESSION = "11111111-1111-4111-8111-111111111111";

/** The functions of an SDK whose process does `work`. */
function sdkOf(work: Work): { query: Start; startup: (params: object) => unknown; AbortError: new () => Error } {
  class AbortError extends Error {}
  Object.defineProperty(AbortError, "name", { value: "a" });
  const query: Start = ({ options }) => {
    const { env, hooks } = options as { env: Environment; hooks: Record<string, { hooks: ((i: object) => void)[] }[]> };
    return work({
      env,
      hook: async (event, more = {}) => {
        const input = { hook_event_name: event, session_id: SESSION, prompt_id: "p", cwd: "/project", ...more };
        for (const each of hooks[event]?.flatMap((entry) => entry.hooks) ?? []) await each(input);
      },
      log: async (...events) => {
        const logRecords = events.map((event) => ({
          timeUnixNano: `${Date.now()}000000`,
          attributes: Object.entries({ "session.id": SESSION, ...event }).map(([key, value]) => ({
            key,
            value: typeof value === "number" ? { intValue: String(value) } : { stringValue: value },
          })),
        }));
        const scopeLogs = [{ scope: { name: "com.anthropic.claude_code.events" }, logRecords }];
        return send(env, JSON.stringify({ resourceLogs: [{ scopeLogs }] }));
      },
    });
  };
  const startup = (params: object): unknown => params;
  const names = { query, startup, prewarm: startup, AbortError };
  const patched = applyPatch("@anthropic-ai/claude-agent-sdk", "sdk", names) as typeof names;
  return { query: patched.query, startup: patched.startup, AbortError };
}

async function send(env: Environment, body: string, headers: Record<string, string> = {}): Promise<number> {
  const [name = "", token = ""] = (env["OTEL_EXPORTER_OTLP_LOGS_HEADERS"] ?? "").split("=");
  const url = env["OTEL_EXPORTER_OTLP_LOGS_ENDPOINT"] ?? "";
  const { status } = await fetch(url, { method: "POST", body, headers: { [name]: token, ...headers } });
  return status;
}

const request = (id: string, more: object = {}) => ({
  ...{ "event.name": "api_request", "prompt.id": "p", request_id: id, query_source: "sdk", model: "claude-opus-5-5" },
  ...{ input_tokens: 10, output_tokens: 5, cost_usd_micros: 7, duration_ms: 3, ttft_ms: 1, ...more },
});
const result = (subtype: string, is_error = false) => ({ type: "result", subtype, is_error });
const outcomes = () =>
  watch.factsOf("task").flatMap(({ taskId, outcome }) => (outcome === undefined ? [] : [{ taskId, ...outcome }]));

describe("a query", () => {
  it("tells each call once, in the session of Claude Code, and counts it in the budget around", async () => {
    const { query } = sdkOf(async function* ({ hook, log }) {
      await hook("UserPromptSubmit");
      await hook("SubagentStart", { agent_id: "s", agent_type: "builder" });
      expect(await log(request("r1"), request("r2", { agent_id: "s", "anthropic.provider": "bedrock" }))).toBe(200);
      await log(request("r1"), { "event.name": "plugin_loaded" });
      await hook("PreToolUse", { tool_use_id: "t", tool_name: "Bash" });
      await hook("PostToolUseFailure", { tool_use_id: "t", tool_name: "Bash", duration_ms: 4 });
      await hook("SubagentStop", { agent_id: "s", agent_type: "builder" });
      yield { type: "assistant", message: { id: "m", usage: { input_tokens: 10, output_tokens: 1 } } };
      yield result("success");
    });
    const ask = instrumentAgent("asker", (prompt: string) => query({ prompt }));
    await withBudget({ tokens: 1000 }, async ({ used }) => {
      expect(await readAll(ask("x"))).toHaveLength(2);
      expect(used()).toMatchObject({ tokens: 30, usd: 0.000014 });
    });
    expect(watch.factsOf("model_call")).toMatchObject([
      { product: "claude-code", sessionId: SESSION, requestId: "r1", taskId: "prompt:p", usage: { input: 10 } },
      { requestId: "r2", taskId: "agent:s" },
    ]);
    const labels = (await watch.points("gen_ai.client.inference.duration")).map(({ attributes }) => attributes);
    expect(labels).toMatchObject([
      { "gen_ai.provider.name": "anthropic", "gen_ai.agent.name": "main" },
      { "gen_ai.provider.name": "aws.bedrock", "gen_ai.agent.name": "builder" },
    ]);
    expect(outcomes()).toMatchObject([
      { taskId: "agent:s", result: "success", origin: "inferred" },
      { taskId: "prompt:p", result: "success", origin: "reported" },
      { result: "success" },
    ]);
    expect(await watch.points("moai.errors")).toHaveLength(1);
  });

  it.each([
    ["ends with a limit", result("error_max_turns", true), { result: "failure", errorType: "error_max_turns" }],
    ["is left", { type: "assistant" }, { result: "cancelled", origin: "inferred" }],
  ])("that %s is no success", async (_, message, outcome) => {
    const { query } = sdkOf(async function* ({ hook }) {
      await hook("UserPromptSubmit");
      yield message;
    });
    for await (const _ of query({})) break;
    expect(outcomes()).toMatchObject([{ taskId: "prompt:p", ...outcome }]);
  });

  it("that failed at the API keeps the class that a hook told", async () => {
    const { query } = sdkOf(async function* ({ hook }) {
      await hook("UserPromptSubmit");
      await hook("StopFailure", { error: "rate_limit" });
      yield result("success", true);
    });
    await readAll(query({}));
    expect(outcomes()).toMatchObject([{ result: "failure", errorType: "rate_limit" }]);
  });

  it.each([
    ["aborted", true, { result: "cancelled", errorType: "AbortError" }],
    ["broken", false, { result: "failure", errorType: "Error" }],
  ])("that is %s says so", async (_, isAborted, outcome) => {
    class Minified extends Error {}
    Object.defineProperty(Minified, "name", { value: "b" });
    const sdk = sdkOf(async function* ({ hook }) {
      await hook("UserPromptSubmit");
      yield {};
      throw isAborted ? new sdk.AbortError() : new Minified("secret");
    });
    await expect(readAll(sdk.query({}))).rejects.toThrow();
    expect(outcomes()).toMatchObject([outcome]);
  });

  it("keeps the application's hooks and environment, and the destination of telemetry that it has", async () => {
    const heard: object[] = [];
    const options = {
      env: { CLAUDE_CODE_ENABLE_TELEMETRY: "1", OTEL_LOGS_EXPORTER: "console" },
      hooks: { UserPromptSubmit: [{ hooks: [(input: object) => void heard.push(input)] }] },
    };
    const { query } = sdkOf(async function* ({ env, hook }) {
      expect(env).toEqual(options.env);
      await hook("UserPromptSubmit");
      yield {};
    });
    await readAll(query({ options }));
    expect(heard).toHaveLength(1);
    expect(droppedMeasurements()).toMatchObject({ "telemetry of Claude Code that goes elsewhere": 1 });
    expect(Object.keys(options.hooks)).toEqual(["UserPromptSubmit"]);
  });

  it("takes logs from its own process only, and counts what it cannot read", async () => {
    const { query } = sdkOf(async function* ({ env, hook }) {
      expect(await send(env, "{}", { "x-moai-metrics-token": "guessed" })).toBe(401);
      expect(await send(env, "no JSON")).toBe(400);
      expect(await send(env, " ".repeat(17 * 2 ** 20)).catch(() => 413)).toBe(413);
      await hook("Unknown");
      await hook("UserPromptSubmit", { session_id: undefined });
      yield {};
    });
    await readAll(query({}));
    expect(droppedMeasurements()).toMatchObject({
      "telemetry of Claude Code that cannot be read": 1,
      "hook without a session": 1,
    });
    expect(watch.facts).toEqual([]);
  });

  it("is left alone where recording is off", () => {
    configure({ isEnabled: false });
    const { query, startup } = sdkOf(async function* () {});
    expect(() => query({ options: { env: {}, hooks: {} } })).not.toThrow();
    const params = {};
    expect(startup(params)).toBe(params);
  });
});

it("a process that is started ahead gets hooks and environment, too", () => {
  const { startup } = sdkOf(async function* () {});
  const { options } = startup({}) as { options: { env: Environment; hooks: Record<string, unknown[]> } };
  expect(options.env["CLAUDE_CODE_ENABLE_TELEMETRY"]).toBe("1");
  expect(options.hooks["Stop"]).toHaveLength(1);
});

it("logs that are not as they should be are left out", () => {
  expect(readLogs(undefined)).toEqual([]);
  expect(
    readLogs({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ timeUnixNano: "0", attributes: [{}] }] }] }] }),
  ).toEqual([
    {
      ...{ scopeName: "", eventName: undefined, timeMillis: undefined },
      observedMillis: undefined,
      attributes: { undefined: undefined },
      resource: {},
    },
  ]);
});
