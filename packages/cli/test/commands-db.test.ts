/** The commands that look after the file. */
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, statSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { DAY_MILLIS } from "@moai-metrics/model";
import { openStore } from "@moai-metrics/store";
import { describe, expect, it } from "vitest";
import { formatBytes } from "../src/output/bytes.ts";
import { homeWithTranscripts, NOW, temporaryHome } from "./support/run-binary.ts";
import { runHere } from "./support/run-here.ts";

const FOLDER = [".local", "share", "moai-metrics"];

/** A home whose store holds the recorded session. */
async function homeWithStore(): Promise<{ home: string; folder: string; path: string }> {
  const home = homeWithTranscripts();
  await runHere(home, ["import"]);
  const folder = join(home, ...FOLDER);
  return { home, folder, path: join(folder, "metrics.db") };
}

function execSql(path: string, sql: string): void {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
}

describe("db stats", () => {
  it("shows sizes, rows, ages and the last clean-up", async () => {
    const { home, path } = await homeWithStore();
    const { stdout, stderr, exitCode } = await runHere(home, ["db", "stats"]);
    expect([stderr, exitCode]).toEqual(["", 0]);
    expect(stdout).toContain(`${path} (schema `);
    expect(stdout).toMatch(/^ {2}model_call +7 +\d+\.\d kB$/m);
    expect(stdout).toMatch(/a model call takes \d+\.\d B, a point - \(there is none\)/);
    expect(stdout).toMatch(
      /^oldest day \(UTC\): ledger 2026-11-22, rollups 2026-11-22, points -,\n {18}compressed -, hourly -, daily -$/m,
    );
    const [, ...lines] = stdout.split("\n");
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(stdout).toContain("watermark: none");
    expect(stdout).toContain(`last clean-up: ${new Date(NOW).toISOString()}`);
  });

  it("gives the same as JSON", async () => {
    const { home } = await homeWithStore();
    const { stats } = JSON.parse((await runHere(home, ["db", "stats", "--json"])).stdout);
    expect(stats.tiers.map(({ tier }: { tier: string }) => tier)).toEqual(["ledger", "rollups", "series", "other"]);
    expect(stats).toMatchObject({ lastMaintenanceMillis: NOW, points: 0 });
  });

  it("says where there is no store", async () => {
    const { stderr, exitCode } = await runHere(temporaryHome(), ["db", "stats"]);
    expect(stderr).toMatch(/^error: There is no store at .*metrics\.db\. Run "moai-metrics import"/);
    expect(exitCode).toBe(1);
  });
});

describe("a command that shows days", () => {
  it("has the store keep the days of its zone, which changes no answer", async () => {
    const { home, path } = await homeWithStore();
    const zones = (): unknown[] => {
      const database = new DatabaseSync(path, { readOnly: true });
      const names = database.prepare("SELECT name FROM rollup_zone ORDER BY id").all();
      database.close();
      return names.map(({ name }) => name);
    };
    const daily = ["daily", "--json", "--timezone", "Asia/Kathmandu"];
    const { stdout } = await runHere(home, daily);
    expect(zones()).toContain("Asia/Kathmandu");
    expect((await runHere(home, daily)).stdout).toBe(stdout);
    expect(new Set(zones()).size).toBe(zones().length);
    expect((await runHere(home, ["db", "check"])).exitCode).toBe(0);
  });
});

describe("db check", () => {
  it("says that everything holds", async () => {
    const { home } = await homeWithStore();
    const { stdout, exitCode } = await runHere(home, ["db", "check"], { isTerminal: true });
    expect(stdout.match(/^ok {6}/gm)).toHaveLength(6);
    expect(exitCode).toBe(0);
  });

  it("ends with 3 when something does not, and says what to do; rebuild mends it", async () => {
    const { home, path } = await homeWithStore();
    execSql(path, "DELETE FROM rollup_sheet; DELETE FROM rollup_column");
    const failed = await runHere(home, ["db", "check"]);
    expect(failed.exitCode).toBe(3);
    expect(failed.stdout).toMatch(/^FAILED {2}rollups$/m);
    expect(failed.stderr).toBe('The check of rollups did not hold. Run "moai-metrics db rebuild".\n');
    const rebuilt = await runHere(home, ["db", "rebuild"], { isTerminal: true });
    expect(rebuilt.stdout).toMatch(/^The rollups of \d+ days were made anew/);
    expect(rebuilt.stderr).toMatch(/adding up the ledger … (\d+) of \1 days\n$/);
    expect((await runHere(home, ["db", "check", "--json"])).exitCode).toBe(0);
    const { rebuild } = JSON.parse((await runHere(home, ["db", "rebuild", "--json"])).stdout);
    expect(rebuild.days).toBeGreaterThan(0);
  });
});

describe("db check of a file that cannot even be opened", () => {
  it("ends with 3 and says what to do", async () => {
    const { home, path } = await homeWithStore();
    const file = openSync(path, "r+");
    writeSync(file, Buffer.alloc(3_000, 0xff), 0, 3_000, 100);
    closeSync(file);
    const { stderr, exitCode } = await runHere(home, ["db", "check"]);
    expect(stderr).toMatch(/is damaged\. Run "moai-metrics db salvage"/);
    expect(exitCode).toBe(3);
  });
});

describe("db backup", () => {
  it("writes a copy beside the file, or where it is told", async () => {
    const { home, folder } = await homeWithStore();
    const beside = await runHere(home, ["db", "backup"], { isTerminal: true });
    expect(beside.stdout).toMatch(/metrics-20261122T120000\.backup\.db: \d+\.\d kB, checked\n$/);
    expect(existsSync(join(folder, "metrics-20261122T120000.backup.db"))).toBe(true);
    const { backup } = JSON.parse((await runHere(home, ["db", "backup", "mine.db", "--json"])).stdout);
    expect(backup).toEqual({ target: join(home, "mine.db"), bytes: statSync(join(home, "mine.db")).size });
    const again = await runHere(home, ["db", "backup", "mine.db"]);
    expect(again.stderr).toMatch(/mine\.db exists already/);
    expect(again.exitCode).toBe(1);
  });
});

describe("db vacuum", () => {
  it("cleans up and shows what it gave back", async () => {
    const { home, path } = await homeWithStore();
    execSql(
      path,
      "CREATE TABLE ballast (x); INSERT INTO ballast VALUES (zeroblob(3000000)); DROP TABLE ballast; PRAGMA wal_checkpoint(TRUNCATE)",
    );
    const before = statSync(path).size;
    const { stdout, exitCode } = await runHere(home, ["db", "vacuum"]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /^3\.\d MB before, \d+\.\d kB after \(file and log\)\nNo row of the ledger had expired\.\n$/,
    );
    expect(statSync(path).size).toBeLessThan(before - 2_900_000);
    const { vacuum } = JSON.parse((await runHere(home, ["db", "vacuum", "--json"])).stdout);
    expect(vacuum.state).toBe("done");
  });

  it("does not delete the history of all projects because one that was cloned says so", async () => {
    const { home, path } = await homeWithStore();
    {
      using store = openStore({ path });
      const base = { kind: "model_call", witness: "transcript", product: "claude-code", sessionId: "old" } as const;
      store.write({ facts: [{ ...base, requestId: "req_old", endedAtMillis: NOW - 50 * DAY_MILLIS }] });
      await store.maintain({ nowMillis: NOW - DAY_MILLIS, isThorough: true });
    }
    const project = join(home, ".moai", "metrics");
    mkdirSync(project, { recursive: true });
    writeFileSync(join(project, "config.json"), JSON.stringify({ metrics: { retention: { ledger_days: 1 } } }));
    const { stdout } = await runHere(home, ["db", "vacuum"]);
    expect(stdout).toContain("No row of the ledger had expired.");
  });
});

describe("db salvage", () => {
  it("moves the file aside, saves what can be read, and says how to get the rest", async () => {
    const { home, folder } = await homeWithStore();
    const { stdout, exitCode } = await runHere(home, ["db", "salvage"], { isTerminal: true });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^The damaged file was moved to .*metrics\.db\.damaged-20261122T120000\. Nothing of it/);
    expect(stdout).toMatch(/^ {2}model_call +7 rows saved$/m);
    expect(stdout).toContain('run "moai-metrics import"');
    expect(readdirSync(folder)).toContain("metrics.db.damaged-20261122T120000");
    const { daily } = JSON.parse((await runHere(home, ["daily", "--json"])).stdout);
    expect(daily[0].calls).toBe(7);
    const { salvage } = JSON.parse((await runHere(home, ["db", "salvage", "--json"])).stdout);
    expect(salvage.isReadable).toBe(true);
  });
});

describe("a store of a newer version", () => {
  it("is answered from, with one line, and nothing is collected", async () => {
    const { home, path } = await homeWithStore();
    const store = openStore({ path });
    store.close();
    execSql(path, "PRAGMA user_version = 999");
    const { stdout, stderr, exitCode } = await runHere(home, ["daily", "--json"]);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout).totals.calls).toBe(7);
    expect(stderr).toMatch(/^\S+ belongs to a newer moai-metrics .* only read\. Upgrade .*\n$/);
    const imported = await runHere(home, ["import"]);
    expect(imported.exitCode).toBe(1);
  });

  it("is not changed by commands that write, which say so once", async () => {
    const { home, path } = await homeWithStore();
    execSql(path, "PRAGMA user_version = 999");
    for (const command of [
      ["db", "vacuum"],
      ["db", "rebuild"],
      ["db", "merge", path],
      ["prices", "reprice"],
    ]) {
      const { stdout, stderr, exitCode } = await runHere(home, command);
      expect([stdout, exitCode]).toEqual(["", 1]);
      expect(stderr).toMatch(/^error: \S+ belongs to a newer moai-metrics [^\n]*\n$/);
    }
  });
});

describe("the clean-up of a day", () => {
  it("comes with the first command of the day, and says when it cannot be done", async () => {
    const { home, path } = await homeWithStore();
    execSql(path, "UPDATE meta SET value = 5 WHERE key = 'maintained_at'");
    await runHere(home, ["daily"]);
    const { stats } = JSON.parse((await runHere(home, ["db", "stats", "--json"])).stdout);
    expect(stats.lastMaintenanceMillis).toBe(NOW);
    execSql(path, "UPDATE meta SET value = 5 WHERE key = 'maintained_at'; ALTER TABLE rollup_sheet RENAME TO gone");
    const { stderr } = await runHere(home, ["tool"]);
    expect(stderr).toMatch(/The store was not cleaned up: .*rollup_sheet/);
  });
});

describe("a size", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.0 kB"],
    [999_960, "1.0 MB"],
    [15_500_000_000, "15.5 GB"],
    [3e15, "3000.0 TB"],
  ])("of %d bytes is %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});

describe("db merge", () => {
  it("makes one total of two stores, and says that the second time brings nothing", async () => {
    const [here, there] = [await homeWithStore(), await homeWithStore()];
    execSql(there.path, "UPDATE session SET session_key = 'of another machine'");
    const merge = (...flags: string[]) => runHere(here.home, ["db", "merge", there.path, ...flags]);
    const { stdout, stderr, exitCode } = await merge();
    expect([stderr, exitCode]).toEqual(["", 0]);
    expect(stdout).toMatch(/^ {2}sessions +1 read: 1 new$/m);
    expect(stdout).toMatch(/^ {2}model calls +7 read: /m);
    expect((await merge()).stdout).toContain("All of it was here already.\n");
    expect(JSON.parse((await merge("--json")).stdout).merge.kinds.sessions).toEqual({
      ...{ read: 1, added: 0, changed: 0, refused: {} },
    });
    expect((await runHere(here.home, ["db", "check"])).exitCode).toBe(0);
  });

  it("says where there is no other store", async () => {
    const { home } = await homeWithStore();
    const { stderr, exitCode } = await runHere(home, ["db", "merge", "elsewhere.db"]);
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/^error: There is no store at .*elsewhere\.db\./)]);
  });
});
