/** The Claude Agent SDK with the Claude Code that it brings, against a model that says what it is told to. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { instrumentAgent, withBudget } from "@moai-metrics/instrumentation";
import { openStore, type Store } from "@moai-metrics/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAnthropicDialect } from "../agents/model-api/anthropic.ts";
import type { ServedCall, Step } from "../agents/model-api/script.ts";
import { startModelApi } from "../agents/model-api/server.ts";
import { asRows, callsIn, metricIn, type Recording, startRecording, type TrueCall } from "../sdks/support/recording.ts";
import { findRealPart } from "./parts.ts";

const COMMAND = fileURLToPath(new URL("../../packages/cli/bin/moai-metrics.js", import.meta.url));
const COMPILER = fileURLToPath(new URL("../../node_modules/typescript/bin/tsc", import.meta.url));
const EXAMPLE = fileURLToPath(new URL("../../examples/claude-agent-sdk.ts", import.meta.url));
const SUBAGENT = "builder";
const found = findRealPart("claude-agent-sdk");

// biome-ignore lint/suspicious/noExplicitAny: the SDK is no dependency of ours, so its types are not here.
type Untyped = any;
type Steps = Readonly<Record<string, readonly Step[]>>;

let home: string;
let project: string;
let recording: Recording;
let sdk: Untyped;
const truth: TrueCall[] = [];

beforeAll(async () => {
  if (found === undefined) return;
  home = realpathSync(mkdtempSync(join(tmpdir(), "claude-sdk-")));
  project = join(home, "project");
  mkdirSync(project);
  recording = startRecording();
  sdk = await import(pathToFileURL(found).href);
});
afterAll(async () => {
  if (found === undefined) return;
  await recording.stop();
  rmSync(home, { recursive: true, force: true });
});

const environmentOf = (apiUrl: string) => ({
  PATH: [dirname(process.execPath), process.env["PATH"]].join(delimiter),
  HOME: home,
  TZ: "UTC",
  ANTHROPIC_BASE_URL: apiUrl,
  ANTHROPIC_API_KEY: "sk-ant-dummy",
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
});

function trueCall({ model, role, usage: { reasoning: _, ...tokens } }: ServedCall): TrueCall {
  return { model, tokens, agent: role };
}

/** Has a model that answers by script, and holds what it answered for true. */
async function withModel(
  steps: Steps,
  work: (options: Untyped, served: readonly ServedCall[]) => Promise<void>,
): Promise<void> {
  const api = await startModelApi({ dialect: createAnthropicDialect(SUBAGENT), steps, repliesBefore: truth.length });
  const options = { cwd: project, env: environmentOf(api.url), allowedTools: ["Bash", "Agent", "Write", "mcp__here"] };
  try {
    await work({ ...options, permissionMode: "acceptEdits" }, api.served);
    expect(api.unanswered.filter((request) => !request.startsWith("HEAD"))).toEqual([]);
    truth.push(...api.served.map(trueCall));
  } finally {
    await api.close();
  }
}

async function readAll(stream: AsyncIterable<Untyped>): Promise<Untyped[]> {
  const messages: Untyped[] = [];
  for await (const message of stream) messages.push(message);
  return messages;
}

const bash = (command: string, fails = false): Step => ({ tool: "Bash", input: { command, description: "x" }, fails });

const tasksIn = (store: Store): string[] =>
  store.ledger
    .tasks({})
    .map(({ product, agent, result, errorType, calls }) => `${product} ${agent} ${result} ${errorType} ${calls}`)
    .toSorted();
const toolsIn = (store: Store): string[] =>
  store.query
    .getToolCalls({})
    .rows.map(({ agent, tool, isSuccess }) => `${agent} ${tool} ${isSuccess}`)
    .toSorted();

describe.skipIf(found === undefined)("the Claude Agent SDK", { timeout: 300_000 }, () => {
  it("is recorded to the token: subagents, tools, thinking, prompts, failures, ends of every kind", async () => {
    // A subagent in the background, which wakes the main agent up when it is done.
    const build = { description: "Build it", prompt: "Build it.", subagent_type: SUBAGENT };
    const agents = { [SUBAGENT]: { description: "Builds.", prompt: `You are ${SUBAGENT}.` } };
    const work: Steps = {
      main: [{ tool: "Agent", input: build }, { text: "All done." }],
      [SUBAGENT]: [
        { tool: "Write", input: { file_path: join(project, "new.txt"), content: "one\ntwo\n" } },
        bash("exit 3", true),
        { text: "Built." },
      ],
    };
    await withModel(work, async (options) => {
      await readAll(sdk.query({ prompt: "Build the thing.", options: { ...options, agents } }));
    });

    // A conversation: thinking, a tool of the application, a tool that fails, messages in pieces, the application's own hook.
    const here = sdk.createSdkMcpServer({
      name: "here",
      tools: [sdk.tool("look", "Looks.", {}, async () => ({ content: [{ type: "text", text: "red" }] }))],
    });
    const conversation: Steps = {
      main: [
        { text: "One.", thinking: "Hm." },
        { tool: "mcp__here__look", input: {} },
        { text: "Two." },
        bash("exit 4", true),
        { text: "Three." },
        { text: "Four.", thinking: "Well." },
        bash("echo 5"),
        bash("echo 6"),
        { text: "Five." },
        { text: "Six." },
      ],
    };
    await withModel(conversation, async (options) => {
      const heard: unknown[] = [];
      const hear = async (input: unknown) => {
        heard.push(input);
        return {};
      };
      const hooks = { Stop: [{ hooks: [hear] }] };
      let next: () => void = () => {};
      const prompts = async function* () {
        for (const content of ["1", "2", "3", "4", "5", "6"]) {
          const isAnswered = new Promise<void>((resolve) => {
            next = resolve;
          });
          yield { type: "user", message: { role: "user", content }, parent_tool_use_id: null };
          await isAnswered;
        }
      };
      const asked = { ...options, hooks, mcpServers: { here }, includePartialMessages: true };
      let results = 0;
      for await (const message of sdk.query({ prompt: prompts(), options: asked })) {
        if (message.type !== "result") continue;
        results += 1;
        next();
      }
      expect([results, heard.length]).toEqual([6, 6]);
    });

    // Refused, inside of an agent of the application that has a budget: what it returns is no call of its own.
    await withModel(
      { main: [bash("echo built"), bash("exit 5", true), { refusedWith: 400 }] },
      async (options, served) => {
        const ask = instrumentAgent("asker", (prompt: string) => sdk.query({ prompt, options }));
        await withBudget({ tokens: 1_000_000 }, async ({ used }) => {
          await readAll(ask("Build the thing.")).catch(() => {});
          const all = served.map(({ usage: { reasoning: _, ...parts } }) => Object.values(parts));
          expect(used().tokens).toBe(all.flat().reduce((sum, tokens) => sum + tokens, 0));
        });
      },
    );

    // No further turn is allowed.
    await withModel({ main: [bash("echo built")] }, async (options) => {
      await readAll(sdk.query({ prompt: "Build.", options: { ...options, maxTurns: 1 } })).catch(() => {});
    });

    // Aborted, and left, while the model is silent.
    const silent: Steps = { main: [bash("echo built"), { hangs: true }] };
    await withModel(silent, async (options) => {
      const abortController = new AbortController();
      const aborted = async (): Promise<void> => {
        for await (const message of sdk.query({ prompt: "Build.", options: { ...options, abortController } })) {
          if (message.type === "user") abortController.abort();
        }
      };
      await expect(aborted()).rejects.toThrow();
    });
    await withModel(silent, async (options) => {
      for await (const message of sdk.query({ prompt: "Build.", options })) if (message.type === "user") break;
    });

    await expect.poll(async () => callsIn(await recording.open()).length, { timeout: 10_000 }).toBe(truth.length);
    const store = await recording.open();
    expect(truth.length).toBeGreaterThan(20);
    expect(callsIn(store)).toEqual(asRows(truth));
    const total = (...parts: readonly (keyof NonNullable<TrueCall["tokens"]>)[]): number =>
      truth.reduce((sum, { tokens }) => sum + parts.reduce((of, part) => of + (tokens?.[part] ?? 0), 0), 0);
    expect({
      input: metricIn(store, "inputTokens"),
      output: metricIn(store, "outputTokens"),
      cacheRead: metricIn(store, "cacheReadTokens"),
      cacheWrite: metricIn(store, "cacheWriteTokens"),
      calls: metricIn(store, "inferenceDuration"),
      tools: metricIn(store, "executeToolDuration"),
      tasks: metricIn(store, "taskCount"),
      errors: metricIn(store, "errors"),
    }).toEqual({
      input: total("input", "cacheRead", "cacheWrite5m", "cacheWrite1h"),
      output: total("output"),
      cacheRead: total("cacheRead"),
      cacheWrite: total("cacheWrite5m", "cacheWrite1h"),
      calls: truth.length,
      tools: 12,
      tasks: 14,
      // Of tools 3, of tasks 3.
      errors: 6,
    });
    const tools = [
      `${SUBAGENT} Bash false`,
      `${SUBAGENT} Write true`,
      "main Agent true",
      ...Array.from({ length: 2 }, () => "main Bash false"),
      ...Array.from({ length: 6 }, () => "main Bash true"),
      "main mcp__here__look true",
    ];
    // The application's agent got what the SDK throws behind a refusal.
    const tasks = [
      `claude-code ${SUBAGENT} success  3`,
      "claude-code main cancelled  1",
      "claude-code main cancelled AbortError 1",
      "claude-code main failure error_max_turns 1",
      "claude-code main failure unknown 2",
      ...Array.from({ length: 4 }, () => "claude-code main success  1"),
      ...Array.from({ length: 3 }, () => "claude-code main success  2"),
      "claude-code main success  3",
      "sdk-test asker failure Error 0",
    ];
    expect(toolsIn(store)).toEqual(tools);
    expect(tasksIn(store)).toEqual(tasks);

    // What the transcripts tell of the same calls is no second call.
    const { status, stderr } = spawnSync(process.execPath, [COMMAND, "import"], {
      encoding: "utf8",
      env: { PATH: process.env["PATH"], HOME: home, TZ: "UTC", MOAI_METRICS_STORAGE: recording.storage },
    });
    expect(status, stderr).toBe(0);
    const answered = callsIn(store).filter((call) => (call as TrueCall).tokens !== undefined);
    expect(answered).toEqual(asRows(truth));
    expect(toolsIn(store)).toEqual(tools);
    expect(tasksIn(store)).toEqual(tasks);
  });

  it("and so is the example, a program that knows nothing of us", async () => {
    const folder = join(home, "example");
    mkdirSync(join(folder, "node_modules", "@anthropic-ai"), { recursive: true });
    symlinkSync(dirname(found ?? ""), join(folder, "node_modules", "@anthropic-ai", "claude-agent-sdk"));
    cpSync(EXAMPLE, join(folder, "example.ts"));
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    const checks = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--target", "es2024"];
    const types = [
      "--types",
      "node",
      "--typeRoots",
      fileURLToPath(new URL("../../node_modules/@types", import.meta.url)),
    ];
    const typed = spawnSync(process.execPath, [COMPILER, ...checks, ...types, "example.ts"], {
      cwd: folder,
      encoding: "utf8",
    });
    expect(typed).toMatchObject({ stdout: "", status: 0 });
    const storage = join(folder, "storage");
    await withModel({ main: [{ text: "red" }] }, async ({ env }, served) => {
      const args = ["--import", "@moai-metrics/instrumentation/register", join(folder, "example.ts")];
      const child = spawn(process.execPath, args, {
        env: { ...env, MOAI_METRICS_STORAGE: storage },
        stdio: ["ignore", "pipe", "pipe"],
      });
      let said = "";
      for (const output of [child.stdout, child.stderr]) {
        output.on("data", (text) => {
          said += String(text);
        });
      }
      const [status] = await once(child, "close");
      expect({ status, said }).toEqual({ status: 0, said: "red" });
      using store = openStore({ path: join(storage, "metrics.db"), readOnly: true });
      expect(callsIn(store)).toEqual(asRows(served.map(trueCall)));
      expect(tasksIn(store)).toEqual(["claude-code main success  1"]);
    });
  });
});
