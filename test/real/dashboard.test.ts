/** The dashboard as a person runs it: the real programme in tmux, beside a receiver that gets calls over HTTP. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { startServe } from "../../packages/cli/test/support/start-serve.ts";
import { findRealPart } from "./parts.ts";

const tmux = findRealPart("tmux") ?? "tmux";
const BINARY = resolve(import.meta.dirname, "../../packages/cli/bin/moai-metrics.js");
let servers = 0;

/** A shell in a terminal, in which the dashboard was started. */
function startInTmux(home: string, columns: number, rows: number, variables: Record<string, string> = {}) {
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: home,
    TZ: "UTC",
    TERM: "tmux-256color",
    PS1: "$ ",
    ...variables,
  };
  // A server of its own: one that was told to end may still hold its socket when the next one would begin.
  servers += 1;
  const socket = `moai-metrics-${process.pid}-${servers}`;
  const run = (...args: readonly string[]): string => {
    const { stdout, stderr, status } = spawnSync(tmux, ["-L", socket, "-f", "/dev/null", ...args], {
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`tmux ${args.join(" ")}: ${stderr}`);
    return stdout;
  };
  const settings = Object.entries(env).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
  run("new-session", "-d", "-s", "s", "-x", String(columns), "-y", String(rows), ...settings, "sh");
  onTestFinished(() => void spawnSync(tmux, ["-L", socket, "kill-server"]));
  const send = (...keys: readonly string[]): void => void run("send-keys", "-t", "s", ...keys);
  const screen = (): string => run("capture-pane", "-p", "-t", "s");
  const pidFile = join(home, "pid");
  const start = `sh -c 'echo $$ >"$0"; exec "$1" "$2" dashboard' '${pidFile}' '${process.execPath}' '${BINARY}'`;
  send(`echo BEFORE; ${start}; echo "ENDED $?"`, "Enter");
  return {
    send,
    screen,
    see: (text: string | RegExp) => vi.waitFor(() => expect(screen()).toMatch(text), { timeout: 20_000, interval: 50 }),
    resize: (width: number, height: number) =>
      void run("resize-window", "-t", "s", "-x", String(width), "-y", String(height)),
    /** Whether the screen of full-screen programmes is shown, and the cursor. */
    mode: () => run("display", "-p", "-t", "s", "#{alternate_on} #{cursor_flag}").trim(),
    pid: () => Number(readFileSync(pidFile, "utf8")),
  };
}

function temporaryHome(): string {
  const home = realpathSync(mkdtempSync(join(tmpdir(), "dashboard-")));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  return home;
}

/** An agent's run with one model call, as any OpenTelemetry SDK with the GenAI conventions sends it. */
function spansOf(agent: string, number: number): object[] {
  const nowNanos = BigInt(Date.now()) * 1_000_000n;
  const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
  const count = (key: string, intValue: number) => ({ key, value: { intValue: String(intValue) } });
  const id = (length: number, of: number) => of.toString(16).padStart(length, "0");
  const shared = {
    ...{ traceId: id(32, number), startTimeUnixNano: String(nowNanos - 2_000_000_000n) },
    ...{ endTimeUnixNano: String(nowNanos), kind: 3 },
  };
  const [run, call] = [id(16, 2 * number), id(16, 2 * number + 1)];
  const names = [text("gen_ai.agent.name", agent), text("gen_ai.conversation.id", "conversation-1")];
  return [
    {
      ...{ ...shared, spanId: call, parentSpanId: run, name: "chat gpt-5" },
      attributes: [
        ...names,
        text("gen_ai.operation.name", "chat"),
        text("gen_ai.provider.name", "openai"),
        text("gen_ai.request.model", "gpt-5"),
        count("gen_ai.usage.input_tokens", 1_234),
        count("gen_ai.usage.output_tokens", 100),
      ],
    },
    {
      ...{ ...shared, spanId: run, name: `invoke_agent ${agent}` },
      attributes: [...names, text("gen_ai.operation.name", "invoke_agent")],
    },
  ];
}

async function post(port: number, spans: readonly object[]): Promise<void> {
  const body = { resourceSpans: [{ scopeSpans: [{ scope: { name: "test" }, spans }] }] };
  const { status } = await fetch(`http://127.0.0.1:${port}/v1/traces`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  expect(status).toBe(200);
}

describe.skipIf(findRealPart("tmux") === undefined)("the dashboard in tmux", () => {
  it("shows calls as the receiver gets them, follows keys and sizes, and leaves the terminal as it was", async () => {
    const home = temporaryHome();
    const { port } = await startServe(home);
    await post(port, spansOf("first-agent", 1));
    const terminal = startInTmux(home, 80, 24);
    await terminal.see("first-agent");
    await terminal.see("live from the receiver");
    await terminal.see(/Receiver +running/);
    expect(terminal.mode()).toBe("1 0");

    await post(port, spansOf("second-agent", 2));
    await terminal.see(/last call (now|\ds ago): second-agent/);

    terminal.send("Tab");
    await terminal.see("▸ Queue");
    terminal.send("Enter");
    await terminal.see("conversation-1");
    terminal.send("Escape");
    await terminal.see("▸ Queue");

    terminal.resize(120, 40);
    await terminal.see(/Agents .*Trends /);
    terminal.resize(50, 10);
    await terminal.see("50 × 10 is too small");
    terminal.resize(60, 18);
    await terminal.see("▸ Queue");
    expect(
      terminal
        .screen()
        .split("\n")
        .every((line) => line.length <= 60),
    ).toBe(true);

    terminal.send("q");
    await terminal.see("ENDED 0");
    expect(terminal.screen()).toContain("BEFORE");
    expect(terminal.mode()).toBe("0 1");
  });

  it.each(["SIGTERM", "SIGHUP"])("leaves the terminal as it was after %s", async (signal) => {
    const home = temporaryHome();
    const terminal = startInTmux(home, 80, 24);
    await terminal.see(/Agents|waiting/);
    process.kill(terminal.pid(), signal);
    await terminal.see("ENDED");
    expect(terminal.mode()).toBe("0 1");
  });

  it("leaves the terminal as it was after a crash, and says what it was", async () => {
    const home = temporaryHome();
    const crash = join(home, "crash.mjs");
    writeFileSync(
      crash,
      `import { isMainThread } from "node:worker_threads";
       if (isMainThread) setTimeout(() => { throw new Error("a mistake of ours"); }, 2_500);`,
    );
    const terminal = startInTmux(home, 80, 24, { NODE_OPTIONS: `--import=${pathToFileURL(crash).href}` });
    await vi.waitFor(() => expect(terminal.mode()).toBe("1 0"), { timeout: 20_000, interval: 50 });
    await terminal.see(/ENDED [1-9]/);
    expect(terminal.screen()).toContain("a mistake of ours");
    expect(terminal.mode()).toBe("0 1");
  });
});
