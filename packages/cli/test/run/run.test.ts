/** `run` as a process: what its program gets, what it gives back, and what is stored. */
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryHome } from "../support/run-binary.ts";
import { startServe } from "../support/start-serve.ts";
import { BINARY, ended, environmentOf, installFakeAgent, startRun, storedIn } from "./support.ts";

function homeWithAgent(name = "claude"): string {
  const home = temporaryHome();
  installFakeAgent(home, name);
  return home;
}

const untilReady = (child: { stdout: NodeJS.ReadableStream }): Promise<void> =>
  new Promise((resolve) => {
    child.stdout.on("data", (text: Buffer) => {
      if (text.toString().includes("ready")) resolve();
    });
  });

describe("run", () => {
  it("stores what the agent tells, and sums it up in five lines", async () => {
    const home = homeWithAgent();
    const { stdout, stderr, exitCode } = await ended(startRun(home, ["--", "claude", "send", "a secret prompt"]), "");
    expect([stdout, exitCode]).toEqual(["", 0]);
    expect(stderr.replace(/(?<=Duration {2})\S+,/, "1s,")).toBe(
      [
        "Tokens    120: 100 input, 20 output, 0 cache read, 0 cache write",
        "Cost      <$0.01, API list prices",
        "Duration  1s, 1 model call",
        "Result    exit code 0; moai-metrics session fake-ses",
        "Slowest   Bash 12ms, of 1 tool call",
        "",
      ].join("\n"),
    );
    const { sessions } = storedIn(home);
    expect(sessions).toEqual([
      expect.objectContaining({ product: "claude-code", sessionId: "fake-session", calls: 1 }),
    ]);
    const file = readFileSync(join(home, ".local/share/moai-metrics/metrics.db"), "latin1");
    expect(file).not.toContain("a secret prompt");
  });

  it("hands standard input, standard output and exit codes through, whatever they hold", async () => {
    const home = homeWithAgent();
    const bytes = Buffer.alloc(3_000_000, "moai\0\n");
    const result = await ended(startRun(home, ["--quiet", "--", "claude", "echo", "exit", "7"]), bytes);
    expect(result.exitCode).toBe(7);
    expect(result.stderr).toBe("");
    expect(result.stdout === bytes.toString()).toBe(true);
  });

  it("passes on every signal that it gets, once", async () => {
    const home = homeWithAgent();
    const child = startRun(home, ["--quiet", "--", "claude", "signals", "5"]);
    const end = ended(child);
    await untilReady(child);
    let heard = "";
    child.stdout.on("data", (text: Buffer) => (heard += text));
    for (const signal of ["SIGINT", "SIGUSR2", "SIGHUP", "SIGCONT", "SIGTERM"] as const) {
      child.kill(signal);
      // Signals that come together may change places.
      while (!heard.includes(signal)) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const { stdout, exitCode } = await end;
    expect(stdout.split("\n").slice(1, -1)).toEqual(["SIGINT", "SIGUSR2", "SIGHUP", "SIGCONT", "SIGTERM"]);
    expect(exitCode).toBe(0);
  });

  // Beside other work the program's stop was missed twice in some thirty runs, and then waited for: not yet understood.
  it("stops with its program and goes on with it", { retry: 2 }, async () => {
    const home = homeWithAgent();
    const child = startRun(home, ["--quiet", "--", "claude", "signals", "2"]);
    const end = ended(child);
    await untilReady(child);
    const stateOf = (pid: number | undefined): string | undefined =>
      /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))?.[1];
    child.kill("SIGTSTP");
    while (stateOf(child.pid) !== "T") await new Promise((resolve) => setTimeout(resolve, 5));
    child.kill("SIGCONT");
    child.kill("SIGTERM");
    const { stdout, exitCode } = await end;
    expect(stdout.split("\n").slice(1, -1).toSorted()).toEqual(["SIGCONT", "SIGTERM"]);
    expect(exitCode).toBe(0);
  });

  it("lets the program have the terminal, and does not repeat what the terminal tells both", async ({ skip }) => {
    if (spawnSync("script", ["--version"]).status !== 0) skip("there is no program `script` here");
    const home = homeWithAgent();
    const command = `exec "${process.execPath}" "${BINARY}" run -- claude tty signals 1 exit 5`;
    const child = spawn("script", ["-qec", command, "/dev/null"], { cwd: home, env: environmentOf(home) });
    const end = ended(child);
    await untilReady(child);
    child.stdin.write("\u0003");
    const { stdout, exitCode } = await end;
    expect(stdout).toContain("true,true,true");
    expect(stdout.match(/SIGINT/g)).toHaveLength(1);
    expect(stdout).toContain("Result    exit code 5");
    expect(exitCode).toBe(5);
  });

  it("gives the terminal back when its program is stopped by a key", async ({ skip }) => {
    if (spawnSync("script", ["--version"]).status !== 0) skip("there is no program `script` here");
    const home = homeWithAgent();
    const child = spawn("script", ["-qec", "bash --norc -i", "/dev/null"], {
      cwd: home,
      env: environmentOf(home, { PS1: "> " }),
    });
    let screen = "";
    child.stdout.on("data", (text: Buffer) => (screen += text));
    const end = ended(child);
    const until = async (text: string): Promise<void> => {
      while (!screen.includes(text)) await new Promise((resolve) => setTimeout(resolve, 10));
    };
    child.stdin.write(`"${process.execPath}" "${BINARY}" run --quiet -- claude signals 2 exit 9\n`);
    await until("ready ");
    child.stdin.write("\u001a");
    await until("Stopped");
    child.stdin.write("fg\n");
    await until("SIGCONT");
    child.stdin.write("\u0003");
    await until("SIGINT");
    child.stdin.write("echo code-$?\n");
    await until("code-9");
    child.stdin.end("exit\n");
    await end;
    expect(screen.match(/SIGINT/g)).toHaveLength(1);
  });

  it("works beside a daemon of the same store", async () => {
    const home = homeWithAgent();
    const { child, ended: daemonEnded } = await startServe(home);
    const { exitCode, stderr } = await ended(startRun(home, ["--", "claude", "send"]), "");
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining("Tokens    120:")]);
    child.kill("SIGTERM");
    await daemonEnded;
    expect(storedIn(home).sessions).toHaveLength(1);
  });
});
