import { chmodSync, mkdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { openStore } from "@moai-metrics/store";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Finding } from "../../src/doctor/finding.ts";
import { homeWithTranscripts, NOW, type Result } from "../support/run-binary.ts";
import { runHere } from "../support/run-here.ts";
import { startServe } from "../support/start-serve.ts";

const DATA = ".local/share/moai-metrics";
const CONFIG = ".config/moai-metrics/config.json";
const DAY_MILLIS = 86_400_000;

/** A home with recorded transcripts, a Claude Code that tells its version, and a `systemctl` that says yes. */
function sickroom() {
  const home = homeWithTranscripts();
  const bin = join(home, "bin");
  mkdirSync(bin);
  const program = (name: string, body: string) => {
    writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  program("claude", "echo 2.1.330");
  program("systemctl", "exit 0");
  const write = (path: string, text: string, mode = 0o600) => {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), text);
    chmodSync(join(home, path), mode);
  };
  const run = (argv: readonly string[], more: Record<string, string> = {}): Promise<Result> =>
    runHere(home, argv, { variables: { PATH: `${bin}:/usr/bin:/bin`, TZ: "UTC", ...more } });
  const examine = async (more: Record<string, string> = {}) => {
    const { stdout, stderr, exitCode } = await run(["doctor", "--json"], more);
    if (stdout === "") throw new Error(stderr);
    const { findings } = (JSON.parse(stdout) as { doctor: { findings: Finding[] } }).doctor;
    expect(exitCode).toBe(findings.some(({ state }) => state === "problem") ? 3 : 0);
    return {
      findings,
      of: (check: string, about?: string) =>
        findings.filter((each) => each.check === check && (about ?? each.about) === each.about),
    };
  };
  return { home, bin, program, write, run, examine };
}

describe.runIf(process.platform === "linux")("doctor", () => {
  it("finds nothing wrong where agents are read and nothing is promised, and says what more there is", async () => {
    const { run, examine } = sickroom();
    await run(["daily"]);
    const { stdout, exitCode, stderr } = await run(["doctor"]);
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("note     telemetry: is not wired in");
    expect(stdout).toContain("→ moai-metrics init --service");
    expect(Math.max(...stdout.split("\n").map(({ length }) => length))).toBeLessThanOrEqual(80);
    const { of } = await examine();
    expect(of("transcripts", "claude-code")).toMatchObject([{ state: "ok", message: expect.stringMatching(/^2 in /) }]);
    expect(of("intake")).toMatchObject([{ state: "ok", message: "every transcript was read to its end" }]);
    expect(of("prices")).toMatchObject([{ state: "ok", message: "all 7 calls of 30 days have one" }]);
    expect(of("store")).toMatchObject([{ state: "ok", message: expect.stringContaining("is whole") }]);
    expect(of("reports")).toMatchObject([{ state: "ok" }]);
  });

  it("is content with what init wires and serve receives, and misses the receiver when it has gone", async () => {
    const { home, run, write, examine } = sickroom();
    const served = await startServe(home);
    write(CONFIG, JSON.stringify({ metrics: { receiver: { port: served.port } } }));
    await run(["init", "--yes"]);
    const well = await examine();
    expect(well.findings.filter(({ state }) => state === "problem")).toEqual([]);
    expect(well.of("receiver")).toMatchObject([
      { state: "ok", message: expect.stringContaining(`process ${served.child.pid}`) },
    ]);
    expect(well.of("telemetry", "claude-code")).toMatchObject([{ state: "ok" }]);
    expect(well.of("hooks", "claude-code").map(({ state }) => state)).toEqual(["ok"]);
    write(CONFIG, JSON.stringify({ metrics: { receiver: { port: 1 } } }));
    expect((await examine()).of("receiver")).toMatchObject([
      { state: "problem", message: expect.stringContaining("agents are told") },
    ]);
    write(CONFIG, JSON.stringify({ metrics: { receiver: { port: served.port } } }));
    served.child.kill("SIGTERM");
    await served.ended;
    expect((await examine()).of("receiver")).toMatchObject([
      { state: "problem", message: expect.stringContaining("what agents send is lost") },
    ]);
  });

  it("tells another program on the port, and a receiver of another folder, from ours", async () => {
    const { home, write, examine } = sickroom();
    const server = createServer((_, response) => response.end("{}")).listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once("listening", resolve));
    write(CONFIG, JSON.stringify({ metrics: { receiver: { port: (server.address() as AddressInfo).port } } }));
    expect((await examine()).of("receiver")).toMatchObject([
      { state: "note", message: expect.stringContaining("another program") },
    ]);
    const served = await startServe(home, ["--port", "0", "--storage", join(home, "other")]);
    write(CONFIG, JSON.stringify({ metrics: { receiver: { port: served.port } } }));
    expect((await examine()).of("receiver")).toMatchObject([
      { message: expect.stringContaining("another storage folder") },
    ]);
    write(CONFIG, JSON.stringify({ metrics: { receiver: { port: 0 } } }));
    expect((await examine()).of("receiver")).toMatchObject([
      { message: expect.stringContaining("receiver.port is 0") },
    ]);
  });

  it("asks for the token where one is needed, and says when it is another one", async () => {
    const { home, run, write, examine } = sickroom();
    write(CONFIG, '{"metrics":{"receiver":{"requireToken":true}}}');
    expect((await examine()).of("token")).toMatchObject([{ state: "problem" }]);
    write(`${DATA}/receiver-token`, "a-token-that-is-long-enough\n");
    expect((await examine()).of("token")).toMatchObject([{ state: "ok" }]);
    const served = await startServe(home);
    write(CONFIG, JSON.stringify({ metrics: { receiver: { port: served.port } } }));
    expect((await examine()).of("receiver")).toMatchObject([{ message: expect.stringContaining("asks for a token") }]);
    write(CONFIG, JSON.stringify({ metrics: { receiver: { port: served.port, requireToken: true } } }));
    await run(["init", "--yes"]);
    const { of } = await examine();
    expect(of("receiver")).toMatchObject([{ state: "ok" }]);
    expect(of("telemetry", "claude-code")).toMatchObject([{ state: "ok" }]);
  });

  it("sees telemetry that was wired in part, or goes somewhere else, and hooks that are sent to nobody", async () => {
    const { home, run, write, examine } = sickroom();
    await run(["init", "--yes", "--service"]);
    const settings = JSON.parse(readFileSync(join(home, ".claude/settings.json"), "utf8"));
    delete settings.env.OTEL_LOGS_EXPORTER;
    write(".claude/settings.json", JSON.stringify(settings));
    const damaged = await examine();
    expect(damaged.of("telemetry")).toMatchObject([
      { state: "problem", message: expect.stringContaining("OTEL_LOGS_EXPORTER") },
    ]);
    expect(damaged.of("hooks")).toMatchObject([
      { state: "problem", message: expect.stringContaining("/v1/hooks/claude-code, where nobody") },
    ]);
    write(".claude/settings.json", '{"env": {"OTEL_EXPORTER_OTLP_ENDPOINT": "https://otel.example"}}');
    const elsewhere = (await examine()).of("settings").map(({ message }) => message);
    expect(elsewhere.join()).toContain("OTEL_EXPORTER_OTLP_ENDPOINT is set there");
    write(".claude/settings.json", "{");
    expect((await examine()).of("settings")[0]).toMatchObject({
      state: "problem",
      message: expect.stringContaining("line 1"),
    });
  });

  it("sees hooks that are missing, whose script is gone or old, and of events of a newer version", async () => {
    const { home, program, run, write, examine } = sickroom();
    await run(["init", "--yes"]);
    const settings = JSON.parse(readFileSync(join(home, ".claude/settings.json"), "utf8"));
    delete settings.hooks.Stop;
    write(".claude/settings.json", JSON.stringify(settings));
    rmSync(join(home, DATA, "hooks"), { recursive: true });
    program("claude", "echo 2.1.77");
    const hooks = (await examine()).of("hooks").map(({ message }) => message);
    expect(hooks.join("\n")).toMatch(
      /1 of 9 are not in[\s\S]*StopFailure, which the installed[\s\S]*is not there or cannot be read/,
    );
    write(`${DATA}/hooks/claude-code.sh`, "#!/bin/sh\n", 0o700);
    expect((await examine()).of("hooks").at(-1)).toMatchObject({
      state: "note",
      message: expect.stringContaining("not the one of this command"),
    });
    program("claude", "echo none");
    expect((await examine()).of("program")).toMatchObject([
      { state: "note", message: expect.stringContaining("does not tell") },
    ]);
  });

  it("counts the sessions and projects that told by telemetry, and says when it stopped", async () => {
    const { home, run, examine } = sickroom();
    await run(["daily"]);
    expect((await examine()).of("live")).toMatchObject([
      {
        state: "note",
        about: "claude-code",
        message: "0 of 1 sessions (0%) and 0 of 1 projects of 7 days told by telemetry",
      },
    ]);
    const store = openStore({ path: join(home, DATA, "metrics.db") });
    const call = (i: number, witness: "log" | "transcript", minutesAgo: number) =>
      ({
        kind: "model_call",
        witness,
        product: "claude-code",
        sessionId: "live",
        requestId: `req_live_${i}`,
        model: "claude-sonnet-4-5",
        endedAtMillis: NOW - minutesAgo * 60_000,
        usage: { input: 1, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 1, reasoning: 0 },
      }) as const;
    store.write({ facts: Array.from({ length: 40 }, (_, i) => call(i, "log", 200 - i)) });
    const { findings, of } = await examine();
    expect(of("live")).toMatchObject([
      { message: expect.stringContaining("1 of 2 sessions (50%) and 1 of 2 projects") },
    ]);
    expect(findings.filter(({ state }) => state === "problem")).toEqual([]);
    store.write({ facts: Array.from({ length: 30 }, (_, i) => call(100 + i, "transcript", 100 - 2 * i)) });
    store.close();
    expect((await examine()).of("telemetry", "claude-code")).toMatchObject([
      { state: "problem", message: expect.stringContaining("stopped at") },
      { state: "note" },
    ]);
  });

  it("sees a service that does not run, or runs what is gone", async () => {
    const { home, bin, program, run, write, examine } = sickroom();
    expect((await examine()).of("service")).toMatchObject([{ state: "note", message: "not installed" }]);
    await run(["init", "--yes", "--service"]);
    expect((await examine()).of("service")).toMatchObject([{ state: "ok" }]);
    program("systemctl", "echo inactive; exit 3");
    expect((await examine()).of("service")).toMatchObject([{ state: "problem", message: "does not run (inactive)" }]);
    expect((await examine({ PATH: join(home, "nowhere") })).of("service")).toMatchObject([{ state: "note" }]);
    const unit = join(home, ".config/systemd/user/moai-metrics.service");
    write(
      ".config/systemd/user/moai-metrics.service",
      readFileSync(unit, "utf8").replace(/"[^"]*moai-metrics\.js"/, '"/gone/50%%/$$x/moai-metrics.js"'),
    );
    expect((await examine()).of("service")).toMatchObject([
      { state: "problem", message: expect.stringContaining("runs /gone/50%/$x/moai-metrics.js, which") },
    ]);
    expect(bin).toBeTruthy();
  });

  it("sees what waits in the spool, what is broken there, and transcripts that nobody read", async () => {
    const { home, run, write, examine } = sickroom();
    await run(["daily"]);
    write(`${DATA}/spool/1-0.hook`, '{"session_id":"s"}');
    write(`${DATA}/spool/2-0.hook.broken`, "x");
    write(".claude/projects/-w/0f8fad5b-d9cb-469f-a165-70867728950e.jsonl", "{}\n");
    const { of } = await examine();
    expect(of("spool")).toMatchObject([{ state: "problem" }, { state: "note", message: "1 file waits" }]);
    expect(of("intake")).toMatchObject([{ state: "note", message: "1 transcript has changed since" }]);
    // A receiver that runs and does not take anything in: its note is of this process.
    const server = createServer((_, response) =>
      response.end(JSON.stringify({ status: "cannot write", pid: process.pid })),
    ).listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once("listening", resolve));
    write(CONFIG, JSON.stringify({ metrics: { receiver: { port: (server.address() as AddressInfo).port } } }));
    write(`${DATA}/receiver.json`, JSON.stringify({ pid: process.pid }));
    const then = new Date(NOW - DAY_MILLIS);
    for (const path of [`${DATA}/spool/1-0.hook`, ".claude/projects/-w/0f8fad5b-d9cb-469f-a165-70867728950e.jsonl"])
      utimesSync(join(home, path), then, then);
    const stuck = await examine();
    expect(stuck.of("receiver")).toMatchObject([
      { state: "problem", message: expect.stringContaining("cannot write") },
    ]);
    expect(stuck.of("spool")[1]).toMatchObject({ state: "problem", message: "1 file waits, though a receiver runs" });
    expect(stuck.of("intake")).toMatchObject([
      { state: "problem", message: expect.stringContaining("though a receiver runs") },
    ]);
  });

  it("sees a damaged store, a wrong clock, and calls without a price", async () => {
    const { home, run, examine, write } = sickroom();
    expect((await examine()).of("store")).toMatchObject([
      { state: "note", message: expect.stringContaining("there is none") },
    ]);
    await run(["daily"]);
    const path = join(home, DATA, "metrics.db");
    const store = openStore({ path });
    const atMillis = NOW + 3 * DAY_MILLIS;
    const common = { witness: "transcript", product: "claude-code", sessionId: "s9" } as const;
    store.write({
      facts: [
        {
          ...common,
          kind: "model_call",
          requestId: "req_9",
          model: "nobody-1",
          endedAtMillis: NOW - 1000,
          usage: { input: 1, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 1, reasoning: 0 },
        },
        { ...common, kind: "session", activity: [{ startMillis: atMillis, endMillis: atMillis }] },
      ],
    });
    store.close();
    const { of } = await examine();
    expect(of("clock")).toMatchObject([{ state: "problem", message: expect.stringContaining("2026-11-25") }]);
    expect(of("prices")).toMatchObject([{ state: "note", message: expect.stringContaining("nobody-1") }]);
    truncateSync(join(home, DATA, "metrics.db"), 100_000);
    expect((await examine()).of("store")).toMatchObject([{ state: "problem", next: "moai-metrics db salvage" }]);
    write(`${DATA}/metrics.db`, "no database");
    expect((await examine()).of("store")).toMatchObject([
      { state: "problem", message: expect.stringContaining("is not an SQLite database"), next: null },
    ]);
  });

  it("misses reports of days that are long over", async () => {
    const { home, run, examine, write } = sickroom();
    write(CONFIG, '{"metrics":{"reporting":{"daily_summary":true,"weekly_report":true}}}');
    await run(["import"]);
    // The recorded session is of today; a day later its day is over, two days later the report is overdue.
    const later = (days: number) => runLater(home, NOW + days * DAY_MILLIS);
    expect((await later(1)).find(({ check }) => check === "reports")).toMatchObject({ state: "note" });
    expect((await later(3)).find(({ check }) => check === "reports")).toMatchObject({
      state: "problem",
      message: expect.stringContaining("daily/2026-11-22.json"),
    });
    write(CONFIG, '{"metrics":{"reporting":{"daily_summary":false,"weekly_report":false}}}');
    expect((await examine()).of("reports")).toMatchObject([{ state: "ok" }]);
  });

  it("looks at the hooks of a MoAI project", async () => {
    const { home, run, write } = sickroom();
    write("work/.moai/config/sections/system.yaml", "x: 1\n");
    const inProject = { variables: { PATH: `${home}/bin:/usr/bin:/bin` }, workingFolder: join(home, "work") };
    const look = async () => (await runHere(home, ["doctor"], inProject)).stdout.split("\nmoai\n")[1] ?? "";
    expect(await look()).toContain("→ moai-metrics init moai");
    await runHere(home, ["init", "moai", "--yes"], inProject);
    expect(await look()).toMatch(
      /ok {7}hooks: 11 in [\s\S]*ok {7}hooks:\s+\S*claude-code\.sh\nok {7}hooks:\s+\S*metrics-post-task\.sh/,
    );
    chmodSync(join(home, "work/.moai/hooks/metrics-post-task.sh"), 0o600);
    expect(await look()).toContain("→ chmod +x");
    await run(["init", "--yes"]);
    await runHere(home, ["init", "moai", "--yes"], inProject);
    expect(await look()).toContain("are in your own settings");
  });

  it("says that nothing is collected", async () => {
    const { write, examine } = sickroom();
    expect((await examine({ MOAI_METRICS_DISABLED: "1" })).of("collecting")).toMatchObject([{ state: "problem" }]);
    write(CONFIG, '{"metrics":{"enabled":false}}');
    expect((await examine()).of("collecting")).toMatchObject([{ state: "problem" }]);
  });
});

/** The same at another time. */
async function runLater(home: string, nowMillis: number): Promise<readonly Finding[]> {
  const { createCliContext } = await import("../../src/create-context.ts");
  const { readEnvironment } = await import("../../src/environment.ts");
  const { examine } = await import("../../src/doctor/run-doctor.ts");
  const streams = { stdout: { isTTY: false, write: () => {} }, stderr: { isTTY: false, write: () => {} } };
  const environment = readEnvironment({ env: { HOME: home, TZ: "UTC" }, cwd: () => home, ...streams });
  const { findings } = await examine(
    createCliContext(environment, streams, () => nowMillis),
    {},
  );
  return findings;
}
