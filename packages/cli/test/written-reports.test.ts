/** The reports that commands write by themselves, for the user and for projects, by processes of the real command. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { homeWithTranscripts, moveTranscripts, NOW, runBinary, startBinary } from "./support/run-binary.ts";

const DAY = 86_400_000;
/** The recorded session is of Sunday, 22 November 2026: that day and its week are over on the next. */
const NEXT_DAY = { FROZEN_NOW: String(NOW + DAY) };
const DOCUMENTS = ["daily/2026-11-22.json", "weekly/2026-W47.json"];

const userReports = (home: string): string => join(home, ".local", "share", "moai-metrics", "reports");

function reportsIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return (readdirSync(folder, { recursive: true }) as string[]).filter((name) => name.includes("/")).sort();
}

/** Runs a command as often as a slow machine may need: one that has no time writes one report and leaves the others. */
function runUntilWritten(home: string, argv: readonly string[], variables: Record<string, string> = NEXT_DAY): void {
  for (const _ of DOCUMENTS) {
    expect(runBinary(home, argv, variables)).toMatchObject({ stderr: "", exitCode: 0 });
  }
}

function configure(file: string, metrics: object): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ metrics }));
}

const read = (path: string) => JSON.parse(readFileSync(path, "utf8"));

describe("reports of closed days and weeks", () => {
  it.each([[["overview"]], [["daily"]], [["session", "--json"]], [["query", "summary"]], [["import"]]])(
    "are written by %j",
    (argv) => {
      const home = homeWithTranscripts();
      runUntilWritten(home, argv);
      expect(reportsIn(userReports(home))).toEqual(DOCUMENTS);
    },
  );

  it("say what the command says", () => {
    const home = homeWithTranscripts();
    runUntilWritten(home, ["daily"]);
    for (const [name, file] of [
      ["daily", DOCUMENTS[0]],
      ["weekly", DOCUMENTS[1]],
    ] as const) {
      const { stdout } = runBinary(home, ["report", name, "--date", "2026-11-22", "--format", "json"], NEXT_DAY);
      expect(read(join(userReports(home), file ?? ""))).toEqual(JSON.parse(stdout));
    }
  });

  it("wait until the day is over where the machine is", () => {
    const home = homeWithTranscripts();
    runBinary(home, ["daily"]);
    expect(reportsIn(userReports(home))).toEqual([]);
    runUntilWritten(home, ["daily"], { TZ: "Pacific/Auckland" });
    expect(reportsIn(userReports(home))).toEqual(DOCUMENTS);
  });

  it("are of the machine's days, whatever zone a command is asked in", () => {
    const home = homeWithTranscripts();
    runUntilWritten(home, ["daily", "-z", "Asia/Seoul"]);
    expect(read(join(userReports(home), "daily", "2026-11-22.json")).daily_report.time_zone).toBe("UTC");
  });

  it("are not written where they are switched off, and nothing of them is", () => {
    const home = homeWithTranscripts();
    configure(join(home, ".config", "moai-metrics", "config.json"), {
      reporting: { daily_summary: false, weekly_report: false },
    });
    runBinary(home, ["daily"], NEXT_DAY);
    expect(existsSync(userReports(home))).toBe(false);
  });

  it("are written whole by two processes at once", async () => {
    const home = homeWithTranscripts();
    runBinary(home, ["daily"]);
    const results = await Promise.all([1, 2].map(() => startBinary(home, ["daily", "--json"], NEXT_DAY)));
    expect(results.map(({ exitCode, stderr }) => [exitCode, stderr])).toEqual([
      [0, ""],
      [0, ""],
    ]);
    runUntilWritten(home, ["daily"]);
    expect(reportsIn(userReports(home))).toEqual(DOCUMENTS);
    expect(read(join(userReports(home), "daily", "2026-11-22.json")).daily_report.summary.tokens_used).toBe(17115);
  });

  it("cannot be written where a file is in the way, which is told and spoils no answer", () => {
    const home = homeWithTranscripts();
    mkdirSync(userReports(home), { recursive: true });
    writeFileSync(join(userReports(home), "daily"), "in the way");
    const { stdout, stderr, exitCode } = runBinary(home, ["daily", "--json"], NEXT_DAY);
    expect([JSON.parse(stdout).totals.totalTokens, exitCode]).toEqual([17115, 0]);
    expect(stderr).toMatch(/^The reports of all projects were not written: .*daily.*switch them off\.\n$/);
  });
});

describe("reports of a project", () => {
  function project(metrics: object): { home: string; folder: string; storage: string } {
    const home = homeWithTranscripts();
    const folder = join(home, "shop");
    configure(join(folder, ".moai", "metrics", "config.json"), metrics);
    moveTranscripts(home, folder);
    return { home, folder, storage: join(folder, ".moai", "metrics") };
  }

  it("lie in its own storage, which keeps itself out of git", () => {
    const { home, folder, storage } = project({ storage: ".moai/metrics/" });
    runUntilWritten(home, ["daily"]);
    expect(reportsIn(join(storage, "reports"))).toEqual(DOCUMENTS);
    execFileSync("git", ["init", "-q"], { cwd: folder });
    execFileSync("git", ["add", "-A"], { cwd: folder });
    expect(execFileSync("git", ["ls-files"], { cwd: folder, encoding: "utf8" }).trim().split("\n")).toEqual([
      ".moai/metrics/.gitignore",
      ".moai/metrics/config.json",
    ]);
  });

  it("are not written without a storage", () => {
    const { home, storage } = project({ enabled: true });
    runUntilWritten(home, ["daily"]);
    expect(reportsIn(join(storage, "reports"))).toEqual([]);
    expect(reportsIn(userReports(home))).toEqual(DOCUMENTS);
  });

  it("follow its own switches", () => {
    const { home, storage } = project({ storage: "numbers", reporting: { weekly_report: false } });
    runUntilWritten(home, ["daily"]);
    expect(reportsIn(join(storage, "..", "..", "numbers", "reports"))).toEqual(["daily/2026-11-22.json"]);
    expect(reportsIn(userReports(home))).toEqual(DOCUMENTS);
  });

  it("of work in a worktree lie beside the primary checkout", () => {
    const { home, folder, storage } = project({ storage: ".moai/metrics/" });
    const git = (...args: string[]) =>
      execFileSync("git", ["-c", "user.name=n", "-c", "user.email=e@x.example", ...args], { cwd: folder });
    git("init", "-q");
    git("commit", "-q", "--allow-empty", "-m", "first");
    const worktree = join(home, "shop-fix");
    git("worktree", "add", "-q", worktree);
    moveTranscripts(home, worktree, folder);
    runUntilWritten(home, ["daily"]);
    expect(reportsIn(join(storage, "reports"))).toEqual(DOCUMENTS);
    expect(existsSync(join(worktree, ".moai"))).toBe(false);
  });
});
