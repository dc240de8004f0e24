import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { type AgentSettings, readAgentSettings } from "../../src/run/agent-settings.ts";
import { isForeign } from "../../src/run/is-foreign.ts";
import { type OwnTelemetry, ownTelemetry } from "../../src/run/own-telemetry.ts";
import { planWiring, type WiringQuestion } from "../../src/run/plan-wiring.ts";
import type { AgentProduct } from "../../src/run/recognize-command.ts";
import { temporaryHome } from "../support/run-binary.ts";

const NO_SETTINGS: AgentSettings = {
  claudeEnvironment: {},
  claudeManagedEnvironment: {},
  geminiTelemetry: {},
  codexTelemetry: {},
};

/** A command `program --flag`, wired. */
function wire(agent: AgentProduct | undefined, options: Partial<WiringQuestion> = {}) {
  return planWiring({
    command: ["program", "--flag"],
    recognized: { agent, argumentsAt: 1, isNode: false, name: "program" },
    environment: {},
    settings: NO_SETTINGS,
    target: { url: "http://127.0.0.1:5000", token: undefined, storage: "/store" },
    own: undefined,
    isRedirected: false,
    runId: "run-1",
    preload: undefined,
    includesChildren: false,
    ...options,
  });
}

describe("wiring", () => {
  it("tells Claude Code by the environment", () => {
    const { command, environment, notes, isWired } = wire("claude-code", { environment: { HOME: "/home/a" } });
    expect([command, notes, isWired]).toEqual([["program", "--flag"], [], true]);
    expect(Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined))).toEqual({
      HOME: "/home/a",
      CLAUDE_CODE_ENABLE_TELEMETRY: "1",
      OTEL_METRICS_EXPORTER: "otlp",
      OTEL_LOGS_EXPORTER: "otlp",
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:5000",
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
    });
  });

  it("takes away what would outrank it, keeps exporters beside ours, and hands a token over", () => {
    const { environment } = wire("claude-code", {
      target: { url: "http://127.0.0.1:5000", token: "secret", storage: "/store" },
      environment: {
        OTEL_METRICS_EXPORTER: "none, prometheus,otlp",
        OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: "https://collector.example",
        OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "grpc",
        OTEL_EXPORTER_OTLP_METRICS_HEADERS: "key=theirs",
        OTEL_EXPORTER_OTLP_HEADERS: "key=theirs",
      },
    });
    expect(environment).toMatchObject({
      OTEL_METRICS_EXPORTER: "otlp,prometheus",
      OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: undefined,
      OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: undefined,
      OTEL_EXPORTER_OTLP_METRICS_HEADERS: undefined,
      OTEL_EXPORTER_OTLP_HEADERS: "Authorization=Bearer%20secret",
    });
  });

  it("outranks Claude Code's settings by --settings, but not a --settings of the user's", () => {
    const settings: AgentSettings = {
      ...NO_SETTINGS,
      claudeEnvironment: {
        CLAUDE_CODE_ENABLE_TELEMETRY: "1",
        OTEL_METRICS_EXPORTER: "otlp,prometheus",
        OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: "http://127.0.0.1:4318/v1/logs",
        OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: "grpc",
        OTEL_EXPORTER_OTLP_HEADERS: "key=theirs",
        EDITOR: "vi",
      },
    };
    const { command } = wire("claude-code", { settings });
    expect([command[0], command[1], command[3]]).toEqual(["program", "--settings", "--flag"]);
    expect(JSON.parse(command[2] ?? "")).toEqual({
      env: {
        OTEL_METRICS_EXPORTER: "otlp",
        OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: "http://127.0.0.1:5000/v1/logs",
        OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: "http/protobuf",
        OTEL_EXPORTER_OTLP_HEADERS: "",
      },
    });
    for (const words of [["--settings", "mine.json"], ["--settings=mine.json"]]) {
      const refused = wire("claude-code", { settings, command: ["program", ...words] });
      expect(refused).toMatchObject({ command: ["program", ...words], environment: {}, isWired: false });
      expect(refused.notes).toEqual([expect.stringContaining("this run is read from its transcript.")]);
    }
    const token = wire("claude-code", { settings, target: { url: "http://127.0.0.1:5000", token: "s", storage: "/" } });
    expect([token.isWired, token.notes[0]]).toEqual([false, expect.stringContaining("token may not be shown")]);
  });

  it("tells Codex by -c in front of its own arguments", () => {
    const { command, environment } = wire("codex", {
      target: { url: "http://127.0.0.1:5000", token: "secret", storage: "/store" },
    });
    expect(command).toEqual([
      "program",
      "-c",
      'otel.exporter={otlp-http={endpoint="http://127.0.0.1:5000/v1/logs",protocol="binary"}}',
      "-c",
      'otel.metrics_exporter={otlp-http={endpoint="http://127.0.0.1:5000/v1/metrics",protocol="binary"}}',
      "--flag",
    ]);
    expect(environment).toEqual({ OTEL_EXPORTER_OTLP_HEADERS: "Authorization=Bearer%20secret" });
  });

  it("tells Gemini CLI by the environment, without prompts and into no file", () => {
    expect(wire("gemini-cli").environment).toEqual({
      GEMINI_TELEMETRY_ENABLED: "true",
      GEMINI_TELEMETRY_TARGET: "local",
      GEMINI_TELEMETRY_OTLP_ENDPOINT: "http://127.0.0.1:5000",
      GEMINI_TELEMETRY_OTLP_PROTOCOL: "http",
      GEMINI_TELEMETRY_OUTFILE: "",
      GEMINI_TELEMETRY_LOG_PROMPTS: "false",
      OTEL_EXPORTER_OTLP_HEADERS: undefined,
    });
  });

  it("tells a program that nobody knows what every agent and SDK understands", () => {
    const environment = { OTEL_RESOURCE_ATTRIBUTES: "service.instance.id=old,team=a" };
    expect(wire(undefined, { environment }).environment).toMatchObject({
      CLAUDE_CODE_ENABLE_TELEMETRY: "1",
      GEMINI_TELEMETRY_ENABLED: "true",
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:5000",
      OTEL_RESOURCE_ATTRIBUTES: "team=a,service.instance.id=run-1",
    });
  });

  it("lets a Node program measure itself, the first process or all, behind the options of the user", () => {
    const preload = { script: "/a folder/preload.cjs", register: "/register.js" };
    const node = { agent: undefined, argumentsAt: 1, isNode: true, name: "node" };
    const environment = { NODE_OPTIONS: "--no-warnings" };
    const first = wire(undefined, { recognized: node, preload, environment }).environment;
    expect(first).toMatchObject({
      NODE_OPTIONS: '--no-warnings --require "/a folder/preload.cjs"',
      MOAI_METRICS_RUN_REGISTER: "/register.js",
      MOAI_METRICS_RUN_NODE_OPTIONS: "--no-warnings",
      MOAI_METRICS_RUN_RECEIVER: "http://127.0.0.1:5000",
      MOAI_METRICS_STORAGE: "/store",
    });
    const all = wire(undefined, { preload, includesChildren: true }).environment;
    expect(all).toMatchObject({ NODE_OPTIONS: '--require "/a folder/preload.cjs"' });
    expect(all["MOAI_METRICS_RUN_NODE_OPTIONS"]).toBeUndefined();
    for (const plain of [wire(undefined, { preload }), wire(undefined, { recognized: node })]) {
      expect(plain.environment["NODE_OPTIONS"]).toBeUndefined();
    }
    expect(
      wire("gemini-cli", { recognized: { ...node, agent: "gemini-cli" }, preload }).environment,
    ).not.toHaveProperty("NODE_OPTIONS");
  });

  it("leaves alone what is sent elsewhere, redirects it when asked to, and never what is fixed", () => {
    const own: OwnTelemetry = { target: "https://collector.example", setBy: "A_SETTING", isFixed: false };
    const left = wire("codex", { own });
    expect(left).toMatchObject({ command: ["program", "--flag"], environment: {}, isWired: false });
    expect(left.notes).toEqual([
      "Telemetry goes on to https://collector.example (A_SETTING); this run is read from its transcript. To have it here this time: --redirect",
    ]);
    expect(wire("codex", { own, isRedirected: true }).isWired).toBe(true);
    expect(wire(undefined, { own }).notes[0]).toContain("only its duration and result are stored");
    const fixed = wire("codex", { own: { ...own, isFixed: true }, isRedirected: true });
    expect([fixed.isWired, fixed.notes[0]?.includes("--redirect")]).toEqual([false, false]);
  });
});

describe("where telemetry goes today", () => {
  const of = (agent: AgentProduct | undefined, environment: object, settings: Partial<AgentSettings> = {}) =>
    ownTelemetry(agent, environment as Record<string, string>, { ...NO_SETTINGS, ...settings });
  const claude = {
    CLAUDE_CODE_ENABLE_TELEMETRY: "1",
    OTEL_LOGS_EXPORTER: "otlp",
    OTEL_EXPORTER_OTLP_ENDPOINT: "http://a",
  };

  it("is asked of Claude Code's environment and settings", () => {
    expect(of("claude-code", {})).toBeUndefined();
    expect(of("claude-code", { ...claude, CLAUDE_CODE_ENABLE_TELEMETRY: "0" })).toBeUndefined();
    expect(of("claude-code", { ...claude, OTEL_LOGS_EXPORTER: "console" })).toBeUndefined();
    expect(of("claude-code", { ...claude, OTEL_EXPORTER_OTLP_ENDPOINT: "" })).toBeUndefined();
    expect(of("claude-code", claude)).toEqual({
      target: "http://a",
      setBy: "OTEL_EXPORTER_OTLP_ENDPOINT",
      isFixed: false,
    });
    expect(of("claude-code", claude, { claudeEnvironment: { OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: "http://b" } })).toEqual({
      target: "http://b",
      setBy: "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
      isFixed: false,
    });
    expect(of("claude-code", {}, { claudeManagedEnvironment: claude })?.isFixed).toBe(true);
  });

  it("is asked of Codex's exporters of logs and metrics", () => {
    const target = (codexTelemetry: object): unknown =>
      of("codex", {}, { codexTelemetry: { ...codexTelemetry } })?.target;
    const otlp = { "otlp-http": { endpoint: "http://a/v1/logs", protocol: "binary" } };
    expect(target({ exporter: otlp })).toBe("http://a/v1/logs");
    expect(target({ exporter: "none", metrics_exporter: otlp })).toBe("http://a/v1/logs");
    for (const without of [{}, { exporter: "none" }, { trace_exporter: otlp }, { exporter: { "otlp-http": null } }]) {
      expect(target(without)).toBeUndefined();
    }
  });

  it("is asked of Gemini CLI's environment and settings", () => {
    const geminiTelemetry = { enabled: true };
    expect(of("gemini-cli", {})).toBeUndefined();
    expect(of("gemini-cli", { GEMINI_TELEMETRY_ENABLED: "false" }, { geminiTelemetry })).toBeUndefined();
    const target = (telemetry: object, environment = {}): string | undefined =>
      of("gemini-cli", environment, { geminiTelemetry: { ...geminiTelemetry, ...telemetry } })?.target;
    expect(target({})).toBe("http://localhost:4317");
    expect(target({ otlpEndpoint: "http://a" })).toBe("http://a");
    expect(target({ otlpEndpoint: "http://a" }, { GEMINI_TELEMETRY_OTLP_ENDPOINT: "http://b" })).toBe("http://b");
    expect(target({ target: "gcp" })).toBe("gcp");
    expect(target({ outfile: "/tmp/out.json", target: "gcp" })).toBe("/tmp/out.json");
    expect(target({ outfile: "/tmp/out.json" }, { GEMINI_TELEMETRY_OUTFILE: "" })).toBe("http://localhost:4317");
  });

  it("is asked of the standard variables for every other program", () => {
    expect(of(undefined, {})).toBeUndefined();
    expect(of(undefined, { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://a" })?.target).toBe("http://a");
  });

  it("is read from the files of the agents, broken ones included", () => {
    const home = temporaryHome();
    for (const folder of [".claude", ".gemini", ".codex"]) mkdirSync(join(home, folder));
    const agents = ["claude-code", "codex", "gemini-cli", undefined] as const;
    const read = (environment: Record<string, string>, folder = home): object =>
      Object.assign({}, ...agents.map((agent) => pickKnown(readAgentSettings(agent, environment, folder))));
    expect(read({})).toEqual({});
    writeFileSync(join(home, ".claude/settings.json"), '{"env":{"A":"1","B":2,"C":{}}}');
    writeFileSync(join(home, ".gemini/settings.json"), '{ // a comment\n "telemetry":{"enabled":true}}');
    writeFileSync(join(home, ".codex/config.toml"), '[otel.exporter."otlp-http"]\nendpoint = "http://a"\n');
    const expected = {
      claudeEnvironment: { A: "1", B: "2" },
      geminiTelemetry: { enabled: true },
      codexTelemetry: { exporter: { "otlp-http": { endpoint: "http://a" } } },
    };
    expect(read({})).toEqual(expected);
    const moved = { CLAUDE_CONFIG_DIR: join(home, ".claude"), CODEX_HOME: join(home, ".codex"), GEMINI_CLI_HOME: home };
    expect(read(moved, "/nowhere")).toEqual(expected);
    writeFileSync(join(home, ".codex/config.toml"), "[otel");
    for (const text of ["{", "null", '{"env":3}']) {
      writeFileSync(join(home, ".claude/settings.json"), text);
      expect(read({})).toEqual({ geminiTelemetry: { enabled: true } });
    }
  });
});

/** Parts that say something. */
function pickKnown(settings: AgentSettings): object {
  return Object.fromEntries(Object.entries(settings).filter(([, part]) => Object.keys(part).length > 0));
}

describe("whether someone would miss it", () => {
  async function listen(answer: RequestListener): Promise<string> {
    const server = createServer(answer).listen(0, "127.0.0.1");
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    await new Promise((resolve) => server.once("listening", resolve));
    return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  }

  it("misses nothing where our receiver for the same store listens, or nobody", async () => {
    const storage = temporaryHome();
    writeFileSync(join(storage, "receiver.json"), '{"pid":1}');
    const ours = await listen((_, response) => response.end('{"status":"ok","pid":1}'));
    expect(await isForeign(`${ours}/v1/logs`, storage, undefined)).toBe(false);
    expect(await isForeign("http://localhost:1", storage, undefined)).toBe(false);
    const foreign = [
      await listen((_, response) => response.end('{"status":"ok","pid":2}')),
      await listen((_, response) => response.end("<html>")),
      "https://127.0.0.1:1",
      "http://collector.example",
      "/tmp/out.json",
    ];
    expect(await Promise.all(foreign.map((target) => isForeign(target, storage, undefined)))).toEqual(
      foreign.map(() => true),
    );
  });
});
