/** Commands inside the test's own process, over real transcripts and a real store. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { databasePath } from "@moai-metrics/settings";
import { openStore, writeSpoolFile } from "@moai-metrics/store";
import { describe, expect, it, vi } from "vitest";
import { exitCodeOf } from "../src/exit-code.ts";
import { main } from "../src/main.ts";
import { homeWithTranscripts, NOW, runBinary, temporaryHome } from "./support/run-binary.ts";
import { runHere } from "./support/run-here.ts";

function execSql(path: string, sql: string): void {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
}

const HOLD_LOCK = `
  const database = new (require("node:sqlite").DatabaseSync)(process.argv[1]);
  database.exec("BEGIN IMMEDIATE");
  process.stdout.write("locked");
  process.stdin.on("end", () => database.exec("ROLLBACK")).resume();
`;

/** Another process holds the write lock until the returned function is called. */
async function lockElsewhere(path: string): Promise<() => Promise<unknown>> {
  const child = spawn(process.execPath, ["-e", HOLD_LOCK, path], { stdio: ["pipe", "pipe", "ignore"] });
  await once(child.stdout, "data");
  return () => {
    const closed = once(child, "close");
    child.stdin.end();
    return closed;
  };
}

const STORE = [".local", "share", "moai-metrics", "metrics.db"];

describe("the recorded session with a subagent", () => {
  const TRUTH = { calls: 7, inputTokens: 8400, cacheReadTokens: 5600, cacheCreationTokens: 700, outputTokens: 2415 };

  it.each(["daily", "weekly", "monthly", "session", "task", "agent", "model", "project"])(
    "has its true totals in %s --json",
    async (command) => {
      const { stdout, exitCode } = await runHere(homeWithTranscripts(), [command, "--json"]);
      expect(exitCode).toBe(0);
      const document = JSON.parse(stdout);
      expect(document.totals).toMatchObject(TRUTH);
      expect(document[command].length).toBeGreaterThan(0);
    },
  );

  it("has no tools by model, and says so", async () => {
    const { stderr, exitCode } = await runHere(homeWithTranscripts(), ["tool", "--model", "claude"]);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining("calls of tools have no model")]);
  });

  it("gives the subagent its own calls and counts them in no other row", async () => {
    const { stdout } = await runHere(homeWithTranscripts(), ["agent", "--json"]);
    const rows = JSON.parse(stdout).agent;
    expect(rows.find((row: { agent: string }) => row.agent === "expert-backend")).toMatchObject({
      calls: 5,
      inputTokens: 6000,
      cacheReadTokens: 4000,
      cacheCreationTokens: 500,
      outputTokens: 1725,
      toolErrors: 1,
    });
    expect(rows.find((row: { agent: string }) => row.agent === "main")).toMatchObject({ calls: 2, inputTokens: 2400 });
  });

  it("stays the same however often it is imported, also from a copy", async () => {
    const home = homeWithTranscripts();
    const once = await runHere(home, ["daily", "--json"]);
    cpSync(join(home, ".claude", "projects"), join(home, "copy"), { recursive: true });
    const again = await runHere(home, ["import", "claude-code", "--path", "copy"]);
    expect(again.stdout).toContain("0 new");
    expect((await runHere(home, ["daily", "--json"])).stdout).toBe(once.stdout);
  });

  it("is named whole on the overview as JSON", async () => {
    const { overview } = JSON.parse((await runHere(homeWithTranscripts(), ["--json"])).stdout);
    expect(overview.last7Days).toMatchObject(TRUTH);
    expect(overview).toMatchObject({ oldestDate: "2026-11-22", detailPeriod: "last7Days" });
  });
});

describe("flags", () => {
  it("report task shows the newest task of a name that a hook gave", async () => {
    const home = temporaryHome();
    const spool = join(home, ".local", "share", "moai-metrics", "spool");
    mkdirSync(spool, { recursive: true });
    const told = { hook_event_name: "PostTask", id: "b7", task_id: "task-001", agent: "expert-backend", cwd: home };
    writeFileSync(
      join(spool, "b7.hook"),
      JSON.stringify({ ...told, result: "success", duration_ms: "1200", tokens: "500" }),
    );
    await runHere(home, ["import"]);
    const page = await runHere(home, ["report", "task", "task-001"]);
    expect(page.stdout).not.toContain("Nothing recorded");
    expect(page.stdout).toMatch(/expert-backend +success +1\.2s .* 500 /);
  });

  it.each(["session", "agent", "model", "tool", "project"])("report %s is the report of all of them", async (name) => {
    const home = homeWithTranscripts();
    await runHere(home, ["import"]);
    const one = await runHere(home, ["report", name, "--format", "csv"]);
    expect(one).toMatchObject({ exitCode: 0, stderr: "" });
    expect(one.stdout.trim().split("\n").length).toBeGreaterThan(1);
    expect(one.stdout).toBe((await runHere(home, ["report", `${name}s`, "--format", "csv"])).stdout);
  });

  it.each([
    [["daily", "--since", "2026-11-23"], 0],
    [["daily", "--since", "1d"], 7],
    [["daily", "--last", "1", "--csv"], 7],
    [["daily", "--until", "2026-11-21"], 0],
    [["daily", "--project", "work2"], 7],
    [["daily", "--agent", "expert"], 5],
    [["agent", "--product", "claude-code", "--model", "sonnet", "--offline"], 7],
    [["session", "--last", "1"], 7],
    [["task", "--last", "1"], 2],
    [["weekly", "-w", "sunday", "--group-by", "agent,project"], 7],
    [["monthly", "--breakdown", "-z", "Asia/Seoul"], 7],
  ])("%j leave %d calls", async (argv, calls) => {
    const result = await runHere(homeWithTranscripts(), argv.filter((flag) => flag !== "--csv").concat("--json"));
    expect(result.stderr).toBe("");
    expect(JSON.parse(result.stdout).totals.calls).toBe(calls);
  });

  it("choose the project that one stands in", async () => {
    const home = homeWithTranscripts();
    const inside = await runHere(home, ["daily", "-p", ".", "--json"], { workingFolder: "/home/devusr/work2/src" });
    expect(JSON.parse(inside.stdout).totals.calls).toBe(7);
  });

  it("that match nothing say what there is, and answer with nothing", async () => {
    const { stdout, stderr, exitCode } = await runHere(homeWithTranscripts(), ["daily", "--agent", "nobody"]);
    expect(stderr).toBe('No agent matches "nobody". Known: expert-backend, main.\n');
    expect(stdout).toBe("Nothing recorded for this choice.\n");
    expect(exitCode).toBe(0);
  });

  it("order rows by any column", async () => {
    const home = homeWithTranscripts();
    const agents = async (...flags: string[]) =>
      JSON.parse((await runHere(home, ["agent", "--json", ...flags])).stdout).agent.map(
        (row: { agent: string }) => row.agent,
      );
    expect(await agents("--sort", "cost")).toEqual(["expert-backend", "main"]);
    expect(await agents("--sort", "totalCost", "--order", "asc")).toEqual(["main", "expert-backend"]);
    expect(await agents("--order", "desc")).toEqual(["main", "expert-backend"]);
  });

  it("show a breakdown in CSV as a row per model", async () => {
    const { stdout } = await runHere(homeWithTranscripts(), ["agent", "--csv", "--breakdown"]);
    expect(stdout.split("\n")[0]).toMatch(/^agent,model,calls,/);
    expect(stdout).toContain("expert-backend,claude-sonnet-4-5,5,");
  });

  it("list what was skipped with --verbose, on standard error", async () => {
    const home = homeWithTranscripts();
    const quiet = await runHere(home, ["daily", "--verbose"]);
    expect(quiet.stderr).toBe("Nothing was skipped.\n");
    const folder = join(home, ".claude", "projects", "-other");
    mkdirSync(folder);
    writeFileSync(join(folder, "x.jsonl"), '{"type":"from-the-future"}\nnot json at all\n');
    const { stderr, exitCode } = await runHere(home, ["daily", "--verbose", "--json"]);
    expect(stderr).toMatch(/^Skipped so far:\n( +\d+ {2}claude-code {2}.+\n){2}$/);
    expect(stderr).toContain("from-the-future");
    expect(exitCode).toBe(0);
    expect((await runHere(home, [])).stdout).toBe((await runHere(home, ["overview"])).stdout);
    expect((await runHere(home, [])).stdout).toContain("--verbose lists them");
  });
});

describe("import", () => {
  it("gives an account, and says when nothing is new", async () => {
    const home = homeWithTranscripts();
    const first = await runHere(home, ["import"]);
    expect(first.stdout).toMatch(/^Claude Code: 2 files, 2 read, 0 unchanged/);
    expect(first.stdout).toMatch(/\d+ facts: \d+ new/);
    const second = await runHere(home, ["import", "--verbose"]);
    expect(second.stdout).toContain("2 files, 0 read, 2 unchanged since the last time");
    const document = JSON.parse((await runHere(home, ["import", "--json"])).stdout);
    expect(document.import[0]).toMatchObject({ product: "claude-code", filesUnchanged: 2, failures: [] });
  });

  it("counts skipped records by reason", async () => {
    const home = homeWithTranscripts();
    const file = join(home, ".claude", "projects", "-home-devusr-work2", "eb48af2e-79c3-46e9-aef8-1722a7dd74f2.jsonl");
    appendFileSync(file, ["a", "b", "c", "d"].map((type) => `{"type":"new-${type}"}\n`).join(""));
    const { stdout } = await runHere(home, ["import"]);
    expect(stdout).toMatch(/4 records skipped: .+ and 1 more reasons \(--verbose\)/);
  });

  it("drains the spool, and names what it cannot read there", async () => {
    const home = homeWithTranscripts();
    const spool = join(home, ".local", "share", "moai-metrics", "spool");
    const fact = { kind: "session", witness: "process", product: "shop", sessionId: "s", activity: [] } as const;
    const path = writeSpoolFile(spool, [fact]);
    const damaged = path.replace(/_\d+\.json$/, "_9000.json");
    writeFileSync(damaged, "{");
    const newer = path.replace(/_\d+\.json$/, "_9001.json");
    writeFileSync(newer, '{"version":3}');
    const { stdout, stderr } = await runHere(home, ["import"]);
    expect(stdout).toContain("Spool: 1 waiting facts from 1 file\n");
    expect(stderr).toBe(
      `Cannot read ${newer}: closed to you, or written by a newer moai-metrics. It was left there.\n` +
        `${damaged} is damaged and was set aside, with .broken behind its name.\n`,
    );
  });

  it("says where it looked when there is nothing", async () => {
    const home = temporaryHome();
    const { stdout } = await runHere(home, ["import"]);
    expect(stdout).toContain(`Claude Code: no transcripts in\n  ${home}/.claude/projects`);
  });

  it("does nothing while collecting is off", async () => {
    const home = homeWithTranscripts();
    const variables = { MOAI_METRICS_DISABLED: "1" };
    expect((await runHere(home, ["daily"], { variables })).stderr).toContain("There is no store at");
    await runHere(home, ["daily"]);
    const { stdout, stderr, exitCode } = await runHere(home, ["import"], { variables });
    expect([stdout, exitCode]).toEqual(["", 1]);
    expect(stderr).toContain("MOAI_METRICS_DISABLED is set");
  });
});

describe("a machine with Codex and Gemini CLI", () => {
  it("shows what they did beside Claude Code, each call once", async () => {
    const home = homeWithTranscripts();
    const recordings = fileURLToPath(new URL("../../agents/test/fixtures", import.meta.url));
    cpSync(join(recordings, "codex"), join(home, ".codex"), { recursive: true });
    cpSync(join(recordings, "gemini-cli"), join(home, ".gemini", "tmp"), { recursive: true });
    const totalOf = async (product: string) => {
      const { stdout } = await runHere(home, ["daily", "--product", product, "--json"]);
      const { inputTokens, cacheReadTokens, cacheCreationTokens, outputTokens } = JSON.parse(stdout).totals;
      return [inputTokens, cacheReadTokens, cacheCreationTokens, outputTokens];
    };
    expect(await totalOf("codex")).toEqual([800, 1600, 0, 690]);
    expect(await totalOf("gemini-cli")).toEqual([800, 1600, 0, 690]);
    expect(await totalOf("claude-code")).toEqual([8400, 5600, 700, 2415]);
    const { stdout } = await runHere(home, ["import", "codex"]);
    expect(stdout).toBe("Codex: 1 file, 0 read, 1 unchanged since the last time\n");
  });

  it("is asked for one of them by name", async () => {
    const home = homeWithTranscripts();
    const { stdout } = await runHere(home, ["import", "gemini-cli"]);
    expect(stdout).toBe(`Gemini CLI: no transcripts in\n  ${home}/.gemini/tmp\n`);
    expect((await runHere(home, ["import", "aider"])).stderr).toContain(
      '"aider" is not a source. Sources: claude-code, codex, gemini-cli, moai, moai-flow, quality.',
    );
  });
});

describe("a transcript", () => {
  it("of an unknown model, without usage, or never finished is told as such", async () => {
    const home = temporaryHome();
    const folder = join(home, ".claude", "projects", "-other");
    mkdirSync(folder, { recursive: true });
    const record = (index: number, message: object): string =>
      `${JSON.stringify({
        type: "assistant",
        uuid: `u${index}`,
        sessionId: "s",
        cwd: "/home/dev/other",
        timestamp: new Date(NOW - 7_200_000 + index).toISOString(),
        requestId: `r${index}`,
        message: { id: `m${index}`, role: "assistant", content: [], stop_reason: null, ...message },
      })}\n`;
    const prompt = JSON.stringify({
      type: "user",
      uuid: "p",
      promptId: "p1",
      sessionId: "s",
      cwd: "/home/dev/other",
      timestamp: new Date(NOW - 7_300_000).toISOString(),
      message: { role: "user", content: "x" },
    });
    writeFileSync(
      join(folder, "s.jsonl"),
      `${prompt}\n${record(1, { model: "home-grown-1", usage: { input_tokens: 10, output_tokens: 5 } })}${record(2, { model: "home-grown-1" })}`,
    );
    const imported = await runHere(home, ["import"]);
    expect(imported.stdout).toContain("1 tasks had fallen silent and were closed with an unknown result.");
    const { stdout } = await runHere(home, ["model"]);
    expect(stdout).toContain("unpriced");
    expect(stdout).toContain("No list price known for home-grown-1: left out of the cost.");
  });
});

describe("start", () => {
  it("is the overview where there is data", async () => {
    const home = homeWithTranscripts();
    expect((await runHere(home, ["start"])).stdout).toBe((await runHere(home, ["overview"])).stdout);
  });

  it("runs the sample agent where there is none, and keeps nothing of it", async () => {
    const home = temporaryHome();
    const { stdout } = await runHere(home, ["start"]);
    expect(stdout).toContain("Running the sample agent instead");
    expect(stdout).toContain("SAMPLE DATA: a bundled agent just ran");
    expect((await runHere(home, [])).stdout).toContain("No agent data found.");
  });
});

describe("the rest of the screens", () => {
  it("show one session in full, by the beginning of its id", async () => {
    const home = homeWithTranscripts();
    const { stdout } = await runHere(home, ["session", "eb48"]);
    expect(stdout).toContain("Session eb48af2e-79c3-46e9-aef8-1722a7dd74f2\n");
    expect(stdout).toContain("Bash 2 (1 failed)");
    expect(await runHere(home, ["session", "nope"])).toEqual({
      stdout: "Nothing recorded for this choice.\n",
      stderr: "No session begins with nope here. Sessions: moai-metrics session\n",
      exitCode: 0,
    });
    const listed = JSON.parse((await runHere(home, ["demo", "session", "--json"])).stdout).session;
    const one = await runHere(home, ["demo", "session", listed[0].sessionId]);
    expect(one.stdout).toMatch(/^SIMULATED DATA.*\n\nSession /);
  });

  it("show tools", async () => {
    const { stdout } = await runHere(homeWithTranscripts(), ["tool", "--last", "7", "--json"]);
    expect(JSON.parse(stdout).tool[0]).toMatchObject({ tool: "Bash", calls: 2, errors: 1 });
  });

  it("draw on a terminal, with colours unless told otherwise", async () => {
    const home = homeWithTranscripts();
    expect((await runHere(home, ["daily"], { isTerminal: true })).stdout).toContain("\u001b[");
    expect((await runHere(home, ["daily", "--no-color"], { isTerminal: true })).stdout).not.toContain("\u001b[");
  });
});

describe("main", () => {
  it("reads the process, and returns the exit code", async () => {
    const home = homeWithTranscripts();
    vi.stubEnv("HOME", home);
    vi.stubEnv("XDG_DATA_HOME", join(home, "data"));
    vi.stubEnv("MOAI_METRICS_STORAGE", undefined);
    const written: string[] = [];
    const out = vi.spyOn(process.stdout, "write").mockImplementation((text) => written.push(String(text)) > 0);
    const err = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    try {
      expect(await main([])).toBe(0);
      expect(await main(["daily", "--json"])).toBe(0);
      expect(await main(["nonsense"])).toBe(2);
    } finally {
      out.mockRestore();
      err.mockRestore();
      vi.unstubAllEnvs();
    }
    expect(written.join("")).toContain("moai-metrics");
    expect(readFileSync(join(home, "data", "moai-metrics", "metrics.db")).length).toBeGreaterThan(0);
  });

  it("tells an unexpected error with its stack", () => {
    const lines: string[] = [];
    expect(exitCodeOf(new TypeError("a bug"), (line) => lines.push(line))).toBe(1);
    expect(exitCodeOf("thrown text", (line) => lines.push(line))).toBe(1);
    expect(lines[0]).toMatch(/^TypeError: a bug\n +at /);
    expect(lines[1]).toBe("thrown text");
  });
});

describe("report weekly", () => {
  it.each([
    ["monday", "2026-11-22"],
    ["sunday", "2026-11-21"],
    ["tuesday", "2026-11-16"],
  ])("is about the newest week that is over, where weeks begin on %s", async (day, lastDate) => {
    // There it is Monday, 23 November 2026 already.
    const argv = ["report", "weekly", "-w", day, "-z", "Pacific/Kiritimati", "-f", "json"];
    expect(JSON.parse((await runHere(temporaryHome(), argv)).stdout).weekly_report.to).toBe(lastDate);
  });
});

describe("report daily --compare", () => {
  it("says why the cost changed in JSON, too", async () => {
    const argv = ["report", "daily", "--compare", "--date", "2026-11-22", "--json"];
    const { daily_report } = JSON.parse((await runHere(homeWithTranscripts(), argv)).stdout);
    expect(daily_report.cost_change).toMatchObject({
      ...{ against: "2026-11-21", before: 0, after: 0.06636, difference: 0.06636, volume: 0.06636, price: 0 },
    });
  });
});

describe("demo", () => {
  it("shows any screen over simulated data, says so, and leaves the user's store alone", async () => {
    const home = temporaryHome();
    const overview = await runHere(home, ["demo"]);
    expect(overview.stdout).toMatch(/^SIMULATED DATA/);
    expect(overview.stdout.split("\n").length).toBeLessThanOrEqual(25);
    const agents = JSON.parse((await runHere(home, ["demo", "agent", "--json"])).stdout).agent;
    expect(agents.map((row: { agent: string }) => row.agent).toSorted()).toEqual([
      "expert-backend",
      "expert-debug",
      "expert-frontend",
      "main",
      "manager-tdd",
    ]);
    expect((await runHere(home, ["demo", "--seed", "2"])).stdout).not.toBe(overview.stdout);
    expect((await runHere(home, ["demo", "session", "--last", "1"])).stdout).toMatch(/^SIMULATED DATA/);
    for (const [format, place] of [
      ["table", /^SIMULATED DATA/],
      ["md", /^\*\*SIMULATED DATA.*\*\*\n\n# Weekly/],
      ["html", /<main>\n<p class="label">SIMULATED DATA/],
    ] as const) {
      expect((await runHere(home, ["demo", "report", "weekly", "--format", format])).stdout).toMatch(place);
    }
    expect(() => readFileSync(join(home, ...STORE))).toThrow(/ENOENT/);
  });
});

describe("wrong usage", () => {
  it.each([
    [["dayly"], /unknown command 'dayly' \(Did you mean daily\?\)/],
    [["daily", "--sinc", "7d"], /unknown option '--sinc' \(Did you mean --since\?\)/],
    [
      ["daily", "--since", "yesterday"],
      /'-s, --since <day>' argument 'yesterday' is invalid. Write a day as YYYY-MM-DD/,
    ],
    [["daily", "--timezone", "Mars/X"], /'Mars\/X' is invalid. Write an IANA zone/],
    [["daily", "--json", "--csv"], /'--csv' cannot be used with option '-j, --json'/],
    [["daily", "extra"], /too many arguments for 'daily'/],
    [["daily", "--sort", "colour"], /--sort colour: there is no such column. Columns: date, /],
    [["daily", "--since", "1d", "--until", "2026-11-01"], /--since 2026-11-22 lies after --until 2026-11-01/],
    [["report", "weekly", "--compare", "-f", "csv"], /--compare explains the cost of the whole, .* Leave one out\./],
    [["import", "cursor"], /"cursor" is not a source/],
    [["demo", "dayly"], /unknown command 'dayly'/],
  ])("%j ends with one line and exit code 2", async (argv, message) => {
    const { stdout, stderr, exitCode } = await runHere(homeWithTranscripts(), argv);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    expect([stdout, exitCode]).toEqual(["", 2]);
  });
});

describe("a store that cannot be used", () => {
  async function failure(home: string, storage: string) {
    const { stdout, stderr, exitCode } = await runHere(home, ["daily", "--storage", storage]);
    expect([stdout, exitCode]).toEqual(["", 1]);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    return stderr;
  }

  it("because its folder cannot be made is named with the remedy", async () => {
    const home = temporaryHome();
    writeFileSync(join(home, "file"), "");
    expect(await failure(home, join(home, "file", "store"))).toMatch(/file\/store.*--storage/);
  });

  it("because it is another file is left as it is", async () => {
    const home = temporaryHome();
    writeFileSync(databasePath(home), "my diary");
    expect(await failure(home, home)).toContain(`${databasePath(home)} is not an SQLite database`);
    expect(readFileSync(databasePath(home), "utf8")).toBe("my diary");
  });

  it("because another program or a newer version wrote it is left as it is", async () => {
    const home = temporaryHome();
    execSql(databasePath(home), "CREATE TABLE diary (entry TEXT)");
    expect(await failure(home, home)).toContain("database of another program");
    const newer = temporaryHome();
    openStore({ path: databasePath(newer) }).close();
    execSql(databasePath(newer), "UPDATE meta SET value = 999 WHERE key = 'readable_from'; PRAGMA user_version = 999");
    expect(await failure(newer, newer)).toMatch(/newer moai-metrics .*Upgrade moai-metrics/);
  });

  it("because the folder to import from does not exist is said", async () => {
    const { stderr, exitCode } = await runHere(temporaryHome(), ["import", "--path", "nowhere"]);
    expect(stderr).toMatch(/--path .*nowhere: there is no such folder/);
    expect(exitCode).toBe(1);
  });

  it.each(["notes.txt", "metrics.db"])("because the storage is named like a file: %s", async (name) => {
    const home = temporaryHome();
    writeFileSync(join(home, "notes.txt"), "keep me");
    const { stderr, exitCode } = await runHere(home, ["daily", "--storage", join(home, name)]);
    expect(stderr).toContain("take a folder, in which metrics.db lies");
    expect(stderr).toContain(`Try --storage ${home}.`);
    expect(exitCode).toBe(2);
  });

  it("because another process writes is answered from, with a warning", async () => {
    const home = homeWithTranscripts();
    await runHere(home, ["import"]);
    const unlock = await lockElsewhere(join(home, ...STORE));
    appendFileSync(
      join(home, ".claude", "projects", "-home-devusr-work2", "eb48af2e-79c3-46e9-aef8-1722a7dd74f2.jsonl"),
      '{"type":"new"}\n',
    );
    const { stdout, stderr, exitCode } = await runHere(home, ["daily", "--json"]);
    await unlock();
    expect(stderr).toMatch(/Showing what is stored; new data was not collected.\n$/);
    expect(JSON.parse(stdout).totals.calls).toBe(7);
    expect(exitCode).toBe(0);
  });

  it.skipIf(process.getuid?.() === 0)("because it may only be read is answered from, with a warning", async () => {
    const home = homeWithTranscripts();
    await runHere(home, ["import"]);
    chmodSync(join(home, ...STORE), 0o400);
    const { stderr, exitCode } = await runHere(home, ["daily"]);
    expect(stderr).toContain("Showing what is stored");
    expect(exitCode).toBe(0);
  });
});

describe("the binary", () => {
  it.skipIf(!existsSync("/dev/full"))("says in one line that its output cannot be written", () => {
    const binary = new URL("../bin/moai-metrics.js", import.meta.url).pathname;
    const { stderr, status } = spawnSync("sh", ["-c", `"${process.execPath}" "${binary}" demo daily > /dev/full`], {
      encoding: "utf8",
      env: { PATH: process.env["PATH"], HOME: temporaryHome() },
    });
    expect(stderr).toMatch(/^moai-metrics: cannot write the output: ENOSPC[^\n]*\n$/);
    expect(status).toBe(1);
  });

  it("is quiet when its reader goes away", async () => {
    const home = homeWithTranscripts();
    const binary = new URL("../bin/moai-metrics.js", import.meta.url).pathname;
    const command = `"${process.execPath}" "${binary}" demo task --json | head -n 1`;
    const { stdout, stderr, status } = spawnSync("sh", ["-c", command], {
      encoding: "utf8",
      env: { PATH: process.env["PATH"], HOME: home },
    });
    expect([stdout, stderr, status]).toEqual(["{\n", "", 0]);
  });

  it("passes its exit codes on and tells its version", () => {
    const home = temporaryHome();
    expect(runBinary(home, ["--version"])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
    expect(runBinary(home, ["nonsense"])).toMatchObject({ exitCode: 2, stdout: "" });
    expect(runBinary(home, ["import", "--path", "/nowhere"])).toMatchObject({ exitCode: 1, stdout: "" });
  });

  it("runs the sample agent where there is no agent data, and labels it", () => {
    const { stdout, exitCode } = runBinary(temporaryHome(), ["start"]);
    expect(stdout).toContain("No agent data found.");
    expect(stdout).toContain("SAMPLE DATA: a bundled agent just ran");
    expect(exitCode).toBe(0);
  });
});
