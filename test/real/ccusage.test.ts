/** Our tokens against those of ccusage, which reads the same transcripts with code of its own. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { generateTranscripts } from "../../bench/transcripts.ts";
import { writeOddTranscripts } from "./odd-transcripts.ts";
import { findRealPart } from "./parts.ts";

const CLI = fileURLToPath(new URL("../../packages/cli/bin/moai-metrics.js", import.meta.url));
const RECORDED = fileURLToPath(new URL("../../packages/agents/test/fixtures/claude-code", import.meta.url));
const ccusage = findRealPart("ccusage");

const TOKENS = ["inputTokens", "outputTokens", "cacheCreationTokens", "cacheReadTokens"] as const;
const COMMANDS = [
  { command: "daily", theirs: "daily", key: "date" },
  { command: "monthly", theirs: "monthly", key: "month" },
  { command: "session", theirs: "sessions", key: "sessionId" },
] as const;
type Command = (typeof COMMANDS)[number];

type Fields = Readonly<Record<string, unknown>>;
type Row = Fields & { readonly modelsUsed: readonly string[]; readonly modelBreakdowns: readonly Fields[] };
interface Report {
  readonly rows: readonly Row[];
  readonly totals: Fields;
}

/** A home with transcripts that `fill` writes into the folder of the projects. */
function homeWith(fill: (projects: string) => void): string {
  const home = realpathSync(mkdtempSync(join(tmpdir(), "ccusage-")));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const projects = join(home, ".claude", "projects");
  mkdirSync(projects, { recursive: true });
  fill(projects);
  return home;
}

function run(program: string, argv: readonly string[], home: string): Record<string, never> {
  const { stdout, stderr, status } = spawnSync(program, argv, {
    encoding: "utf8",
    cwd: home,
    env: { PATH: process.env["PATH"], HOME: home, TZ: "UTC", CLAUDE_CONFIG_DIR: join(home, ".claude"), NO_COLOR: "1" },
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`${program} ${argv.join(" ")} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout);
}

function ours(home: string, { command }: Command, zone: string): Report {
  const answer = run(process.execPath, [CLI, command, "--json", "--timezone", zone], home);
  return { rows: answer[command] as never, totals: answer["totals"] as never };
}

function theirs(home: string, { command, theirs: name }: Command, zone: string): Report {
  const argv = ["claude", command, "--json", "--offline", "--timezone", zone];
  const answer = run(ccusage ?? "ccusage", argv, home);
  return { rows: answer[name] as never, totals: answer["totals"] as never };
}

const pick = (fields: Fields, keys: readonly string[]): Fields =>
  Object.fromEntries(keys.map((key) => [key, fields[key]]));

/** What both say under the same names, in one order. */
function comparable({ rows, totals }: Report, key: string): unknown {
  return {
    rows: rows
      .map((row) => ({
        ...pick(row, [key, ...TOKENS, "totalTokens"]),
        modelsUsed: row.modelsUsed.toSorted(),
        // Ours also has calls that failed, which have no tokens.
        modelBreakdowns: row.modelBreakdowns
          .filter((breakdown) => breakdown["calls"] !== 0)
          .map((breakdown) => pick(breakdown, ["modelName", ...TOKENS]))
          .toSorted((a, b) => (String(a["modelName"]) < String(b["modelName"]) ? -1 : 1)),
      }))
      .toSorted((a, b) => (String(a[key as never]) < String(b[key as never]) ? -1 : 1)),
    totals: pick(totals, [...TOKENS, "totalTokens"]),
  };
}

function expectEqual(home: string, zones: readonly string[]): void {
  for (const command of COMMANDS) {
    for (const zone of zones) {
      const expected = comparable(theirs(home, command, zone), command.key);
      expect(comparable(ours(home, command, zone), command.key), `${command.command} in ${zone}`).toEqual(expected);
    }
  }
}

const [DAILY, , SESSION] = COMMANDS;

/** Many processes one after the other; a busy machine takes its time. */
const TIMEOUT_MILLIS = 120_000;

describe.skipIf(ccusage === undefined)(
  "ccusage and we say the same, field by field",
  { timeout: TIMEOUT_MILLIS },
  () => {
    it.each(["plain", "subagent"])("of the recorded run %s", (name) => {
      expectEqual(
        homeWith((projects) => cpSync(join(RECORDED, name, "projects"), projects, { recursive: true })),
        ["UTC"],
      );
    });

    it("of days of sessions, subagents and several models", () => {
      // A few sessions a day; the generator's own pace is that of a busy hour.
      const home = homeWith((projects) => {
        for (let day = 0; day < 9; day++) {
          const startMillis = Date.UTC(2026, 9, 23 + day, 14);
          generateTranscripts(projects, { totalBytes: 600_000, sessionBytes: 200_000, seed: 11 + day, startMillis });
        }
      });
      expect(ours(home, DAILY, "UTC").rows.length).toBeGreaterThan(6);
      expectEqual(home, ["UTC", "Asia/Seoul", "America/Los_Angeles"]);
    });

    it("of replies in several lines, with placeholders, failed calls, cache writes of two kinds, resumed and forked", () => {
      const home = homeWith((projects) => writeOddTranscripts(projects, { sessions: 60 }));
      expectEqual(home, ["UTC", "Asia/Seoul", "America/St_Johns"]);
    });
  },
);

describe.skipIf(ccusage === undefined)("where ccusage and we differ, we count a reply once", () => {
  const total = (report: Report): number => Number(report.totals["totalTokens"]);

  it("also when its lines have no request id: a message id is one reply of the API", () => {
    const whole = homeWith((projects) => writeOddTranscripts(projects, { sessions: 12 }));
    const lacking = homeWith((projects) => writeOddTranscripts(projects, { sessions: 12, lacksRequestIds: true }));
    expect(total(ours(lacking, DAILY, "UTC"))).toBe(total(ours(whole, DAILY, "UTC")));
    // ccusage 20.0.24 counts every line of such a reply.
    expect(total(theirs(lacking, DAILY, "UTC"))).toBeGreaterThan(total(theirs(whole, DAILY, "UTC")));
  });

  it("also when a side conversation repeats it under another request id, in every report: it was billed once", () => {
    const home = homeWith((projects) => writeOddTranscripts(projects, { sessions: 12, hasReplays: true }));
    expect(comparable(ours(home, DAILY, "UTC"), "date")).toEqual(comparable(theirs(home, DAILY, "UTC"), "date"));
    expect(total(ours(home, SESSION, "UTC"))).toBe(total(ours(home, DAILY, "UTC")));
    // ccusage 20.0.24 counts the repetitions in its report of sessions, so that its own reports disagree.
    expect(total(theirs(home, SESSION, "UTC"))).toBeGreaterThan(total(theirs(home, DAILY, "UTC")));
  });
});
