/** `run` inside the test's own process: what is wired, what is stored, what is told. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { openStore } from "@moai-metrics/store";
import { describe, expect, it, onTestFinished } from "vitest";
import { NOW, type Result, temporaryHome } from "../support/run-binary.ts";
import { runHere } from "../support/run-here.ts";
import { environmentOf, installFakeAgent, storedIn } from "./support.ts";

const FROZEN_CLOCK = pathToFileURL(fileURLToPath(new URL("../support/freeze-clock.mjs", import.meta.url))).href;

/** Runs `run` here. The program writes what it prints into a file, since our own streams are those of the test. */
function run(home: string, words: readonly string[], variables: Record<string, string> = {}): Promise<Result> {
  const frozen = { NODE_OPTIONS: `--import=${FROZEN_CLOCK}`, FROZEN_NOW: String(NOW), FAKE_TOOL_MILLIS: "0" };
  const environment = environmentOf(home, { ...frozen, FAKE_OUTPUT: join(home, "printed"), ...variables });
  return runHere(home, ["run", ...words], { variables: environment as Record<string, string> });
}

const printedIn = (home: string): string => readFileSync(join(home, "printed"), "utf8");

function homeWithAgent(name = "claude"): string {
  const home = temporaryHome();
  installFakeAgent(home, name);
  return home;
}

function configure(home: string, metrics: object): void {
  mkdirSync(join(home, ".config", "moai-metrics"), { recursive: true });
  writeFileSync(join(home, ".config", "moai-metrics", "config.json"), JSON.stringify({ metrics }));
}

describe("run, in this process", () => {
  it("ends with 128 and the number of the signal that ended the program, and closes its task", async () => {
    const home = homeWithAgent();
    const { stderr, exitCode } = await run(home, ["claude", "send", "kill", "SIGTERM"]);
    expect([exitCode, stderr]).toEqual([143, expect.stringContaining("Result    ended by SIGTERM, 1 task failed")]);
    expect(storedIn(home).tasks).toEqual([
      expect.objectContaining({ result: "failure", errorType: "SIGTERM", resultOrigin: "inferred" }),
    ]);
  });

  it("says in the words of a shell that there is no such program", async () => {
    const home = temporaryHome();
    const { stderr, exitCode } = await run(home, ["--", "no-such-agent"]);
    expect(exitCode).toBe(127);
    expect(stderr).toContain("moai-metrics: no-such-agent cannot be started (ENOENT). Check its name and PATH.\n");
    expect(storedIn(home).tasks).toEqual([expect.objectContaining({ result: "failure", errorType: "ENOENT" })]);
    writeFileSync(join(home, "not-executable"), "");
    expect((await run(home, ["--quiet", "--", "./not-executable"])).exitCode).toBe(126);
  });

  it("stores a run of which nobody tells anything as a session with its result", async () => {
    const home = temporaryHome();
    const { stderr, exitCode } = await run(home, ["--", "sh", "-c", "exit 3"]);
    expect(exitCode).toBe(3);
    expect(stderr).toContain("Tokens    none were reported\nCost      unknown\n");
    expect(stderr).toContain("Result    exit code 3, 1 task failed; moai-metrics session ");
    expect(stderr).toContain("Slowest   no tools were called\n");
    const { sessions, tasks } = storedIn(home);
    expect(sessions).toEqual([expect.objectContaining({ product: "sh", project: home })]);
    expect(tasks).toEqual([expect.objectContaining({ agent: "main", result: "failure", errorType: "exit_3" })]);
  });

  it("finds the session of an agent that told nothing by its folder and time", async () => {
    const home = homeWithAgent();
    expect((await run(home, ["--", "claude", "send"])).stderr).toContain("Tokens    120:");
    expect(storedIn(home).sessions.map(({ project }) => project)).toEqual([home]);
    const silent = await run(home, ["--", "claude", "send"], { FAKE_SILENT: "1" });
    expect(silent.stderr).toContain("Tokens    120:");
    expect(storedIn(home).sessions).toHaveLength(1);
  });

  it("tells programs that it does not know where to send, and which session it is", async () => {
    const home = homeWithAgent("my-agent");
    const variables = { OTEL_RESOURCE_ATTRIBUTES: "team=a", OTEL_METRICS_EXPORTER: "prometheus" };
    await run(
      home,
      ["--", "my-agent", "print", "OTEL_RESOURCE_ATTRIBUTES", "print", "OTEL_METRICS_EXPORTER"],
      variables,
    );
    expect(printedIn(home)).toMatch(/^team=a,service\.instance\.id=[\da-f-]{36}\notlp,prometheus\n$/);
    expect((await run(home, ["--agent", "claude", "--", "my-agent", "send"])).stderr).toContain("Tokens    120:");
  });

  it("lets a Node program measure itself, once in the store, and leaves its children alone", async () => {
    const home = temporaryHome();
    const agent = fileURLToPath(new URL("./node-agent.mjs", import.meta.url));
    const { stderr, exitCode } = await run(home, ["--", "node", agent], { MOAI_METRICS_STORAGE: "" });
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining("Tokens    7: 3 input, 4 output")]);
    expect(printedIn(home)).toBe(`NODE_OPTIONS --import=${FROZEN_CLOCK}\n`);
    expect(storedIn(home)).toMatchObject({ sessions: [{ project: home, calls: 1 }], tasks: [{ agent: "planner" }] });
    const store = openStore({ path: join(home, ".local/share/moai-metrics/metrics.db"), readOnly: true });
    onTestFinished(() => store.close());
    expect(store.points("gen_ai.client.inference.usage.input_tokens")).toHaveLength(1);
  });

  it("runs a Node program into which nothing can be loaded as if nothing had been tried", () => {
    const preload = fileURLToPath(new URL("../../hooks/preload.cjs", import.meta.url));
    const runWith = (variables: Record<string, string>): string => {
      const env = { PATH: process.env["PATH"], NODE_OPTIONS: `--require "${preload}"`, ...variables };
      const code = "process.stdout.write(Object.keys(process.env).filter((name) => /NODE|MOAI/.test(name)).join())";
      const { status, stdout, stderr } = spawnSync(process.execPath, ["-e", code], { env, encoding: "utf8" });
      expect([status, stderr]).toEqual([0, ""]);
      return stdout;
    };
    const missing = { MOAI_METRICS_RUN_REGISTER: "/no/such/file.js" };
    expect(runWith({ ...missing, MOAI_METRICS_RUN_NODE_OPTIONS: "" })).toBe("");
    expect(runWith({ ...missing, MOAI_METRICS_RUN_NODE_OPTIONS: "--no-warnings" })).toBe("NODE_OPTIONS");
    expect(runWith(missing)).toBe("NODE_OPTIONS,MOAI_METRICS_RUN_REGISTER");
    expect(runWith({})).toBe("NODE_OPTIONS");
  });

  it("sends a token along where the settings demand one", async () => {
    const home = homeWithAgent();
    configure(home, { receiver: { requireToken: true } });
    expect((await run(home, ["--", "claude", "send"])).stderr).toContain("Tokens    120:");
  });

  it("shows budgets, and warns of many tokens in its own session", async () => {
    const home = homeWithAgent();
    configure(home, {
      budgets: [{ name: "small", per: "day", max_tokens: 100 }],
      tokens: { warn_threshold: 110 },
    });
    const { stderr } = await run(home, ["--", "claude", "send"]);
    expect(stderr).toMatch(/small .*120/);
    expect(stderr).toContain("Session fake-session used 120 new tokens, the threshold is 110.");
    expect((await run(home, ["--quiet", "--", "claude", "send"])).stderr).toBe("");
  });

  it("runs the command also when nothing can be stored, and says why in one line", async () => {
    const home = homeWithAgent();
    const why = async (variables: Record<string, string> = {}): Promise<string> => {
      const words = ["--", "claude", "print", "OTEL_EXPORTER_OTLP_ENDPOINT", "exit", "4"];
      const { stderr, exitCode } = await run(home, words, variables);
      expect([printedIn(home), exitCode]).toEqual(["(unset)\n", 4]);
      return stderr;
    };
    expect(await why({ MOAI_METRICS_DISABLED: "1" })).toBe(
      "moai-metrics: Nothing of this run will be stored: MOAI_METRICS_DISABLED is set.\n",
    );
    configure(home, { enabled: false });
    expect(await why()).toBe("moai-metrics: Nothing of this run will be stored: the setting enabled is off.\n");
    configure(home, { no_such_key: 1 });
    expect(await why()).toMatch(/^moai-metrics: Nothing of this run will be stored: .*no_such_key.*[^.]\.\n$/);
  });

  it("gives the exit code of the command also when the store cannot be opened", async () => {
    const home = homeWithAgent();
    mkdirSync(join(home, "storage"));
    writeFileSync(join(home, "storage", "metrics.db"), "no database");
    const { stderr, exitCode } = await run(home, [
      "--storage",
      join(home, "storage"),
      "--",
      "claude",
      "send",
      "exit",
      "4",
    ]);
    expect(exitCode).toBe(4);
    expect(stderr).toContain("What the command sent last could not be stored");
    expect(stderr).toContain("This run was not summed up: ");
  });

  it("refuses an agent that it does not know", async () => {
    const { stderr, exitCode } = await run(temporaryHome(), ["--agent", "copilot", "--", "true"]);
    expect([exitCode, stderr]).toEqual([
      2,
      'error: --agent is "copilot"; there is claude-code, codex, gemini-cli, also as claude, codex, gemini.\n',
    ]);
  });

  it("leaves telemetry that goes elsewhere where it goes, unless it is told to redirect it", async () => {
    const home = homeWithAgent();
    const received: string[] = [];
    const collector = createServer((request, response) => {
      received.push(request.url ?? "");
      response.end("{}");
    }).listen(0, "127.0.0.1");
    onTestFinished(() => void collector.close());
    await new Promise((resolve) => collector.once("listening", resolve));
    const url = `http://127.0.0.1:${(collector.address() as { port: number }).port}`;
    const own = { CLAUDE_CODE_ENABLE_TELEMETRY: "1", OTEL_LOGS_EXPORTER: "otlp", OTEL_EXPORTER_OTLP_ENDPOINT: url };
    const kept = await run(home, ["--", "claude", "send"], own);
    expect(kept.stderr).toContain(
      `moai-metrics: Telemetry goes on to ${url} (OTEL_EXPORTER_OTLP_ENDPOINT); this run is read from its transcript. To have it here this time: --redirect\n`,
    );
    expect(received).toEqual(["/healthz", "/v1/logs"]);
    const redirected = await run(home, ["--redirect", "--", "claude", "send"], own);
    expect(redirected.stderr).toContain("Tokens    120:");
    expect(received).toEqual(["/healthz", "/v1/logs", "/healthz"]);
  });

  it("outranks settings of Claude Code that send to a daemon which does not run", async () => {
    const home = homeWithAgent();
    mkdirSync(join(home, ".claude"));
    const env = {
      CLAUDE_CODE_ENABLE_TELEMETRY: "1",
      OTEL_LOGS_EXPORTER: "otlp",
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1",
    };
    writeFileSync(join(home, ".claude", "settings.json"), JSON.stringify({ env }));
    await run(home, ["--quiet", "--", "claude", "arguments"]);
    const [flag, settings = "", ...rest] = JSON.parse(printedIn(home)) as string[];
    expect([flag, rest]).toEqual(["--settings", ["arguments"]]);
    expect(JSON.parse(settings)).toEqual({
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d{2,}$/) },
    });
  });
});
