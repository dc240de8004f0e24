/** Files of older versions: brought up to date once, whatever happens on the way. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { openStore } from "../../src/index.ts";
import { MIGRATIONS, SCHEMA_VERSION } from "../../src/migrations/index.ts";
import { applyMigrations } from "../../src/migrations/migrate.ts";
import { planMigrations } from "../../src/migrations/plan.ts";
import type { Migration } from "../../src/migrations/types.ts";
import { call, dump, temporaryStore } from "../helpers.ts";
import { answersOfVersion1, asWrittenDown, factsOfVersion1, fileOfVersion1 } from "./fixture.ts";

const MIGRATOR = fileURLToPath(new URL("./migrate-until-killed.ts", import.meta.url));

function versionOf(path: string): unknown {
  const database = new Database(path, { readonly: true });
  try {
    return database.pragma("user_version", { simple: true });
  } finally {
    database.close();
  }
}

/** The order of groups is not promised. */
function inOrder(groups: readonly object[]): object[] {
  const keyOf = (group: object): string => {
    const { product, project, agent, model } = group as Record<string, unknown>;
    return JSON.stringify([product, project, agent, model]);
  };
  return groups.toSorted((a, b) => keyOf(a).localeCompare(keyOf(b)));
}

describe("a file of version 1", () => {
  it("gives the answers that it gave before", () => {
    const store = openStore({ path: fileOfVersion1() });
    const before = answersOfVersion1();
    expect(asWrittenDown(store.ledger.usage({}))).toMatchObject(before.total);
    const groups = asWrittenDown(store.ledger.usage({ by: ["product", "project", "agent", "model"] })) as object[];
    expect(inOrder(groups)).toMatchObject(inOrder(before.byAll));
    expect(asWrittenDown(store.ledger.sessions({}))).toMatchObject(before.sessions);
    expect(asWrittenDown(store.ledger.tasks({}))).toMatchObject(before.tasks);
    expect(asWrittenDown(store.ledger.tools({}))).toMatchObject(before.tools);
    expect(store.ledger.span()).toEqual(before.span);
    expect(store.skipped()).toEqual(before.skipped);
    expect([...store.transcripts("claude-code")]).toEqual(before.transcripts);
    const metrics = ["moai.task.count", "moai.cost", "moai.quality.lint_score", "moai.task.duration"];
    expect(asWrittenDown(metrics.map((metric) => store.points(metric)))).toMatchObject(before.points.slice(0, 4));
    expect(store.check()).toMatchObject({ isSound: true });
    store.close();
  });

  it("holds the same as a new file with the same facts, and takes them again without a change", () => {
    const path = fileOfVersion1();
    const migrated = openStore({ path });
    // Once more changes who is known to have told of a call, which version 1 did not keep.
    expect(migrated.write({ facts: factsOfVersion1() })).toMatchObject({ inserted: 0, refused: {} });
    expect(migrated.write({ facts: factsOfVersion1() })).toMatchObject({ inserted: 0, changed: 0, refused: {} });
    const fresh = temporaryStore();
    fresh.write({ facts: factsOfVersion1() });
    const { files: _, ...known } = dump(path);
    expect(known).toEqual(expect.objectContaining({ sessions: dump(fresh.path)["sessions"] }));
    expect(migrated.ledger.usage({ by: ["model", "agent"] })).toEqual(fresh.ledger.usage({ by: ["model", "agent"] }));
    migrated.close();
  });

  it("is copied first, for the user alone, and the copy is kept", () => {
    const path = fileOfVersion1();
    const said: string[] = [];
    openStore({ path, onMigration: ({ phase, name }) => said.push(`${phase}: ${name}`) }).close();
    const copy = `${path}.v1-backup`;
    expect(said).toEqual([`copy: ${copy}`, ...MIGRATIONS.slice(1).map(({ name }) => `change: ${name}`)]);
    expect(statSync(copy).mode & 0o777).toBe(0o600);
    expect(versionOf(copy)).toBe(1);
    openStore({ path }).close();
    expect(existsSync(copy)).toBe(true);
  });

  it("is the old or the new one after a kill at any statement, and the next opening finishes", () => {
    const trial = fileOfVersion1();
    const { stdout } = spawnSync(process.execPath, [MIGRATOR, trial], { encoding: "utf8" });
    const statements = Number(/statements (\d+)/.exec(stdout)?.[1]);
    expect(statements).toBeGreaterThan(100);
    const { total } = answersOfVersion1();
    for (let i = 1; i <= 8; i++) {
      const path = fileOfVersion1();
      const killed = spawnSync(process.execPath, [MIGRATOR, path, String(Math.floor((statements * i) / 9))]);
      expect(killed.signal).toBe("SIGKILL");
      const version = Number(versionOf(path));
      expect(version).toBeGreaterThanOrEqual(1);
      expect(version).toBeLessThanOrEqual(SCHEMA_VERSION);
      const store = openStore({ path });
      expect(asWrittenDown(store.ledger.usage({}))).toMatchObject(total);
      expect(store.check().isSound).toBe(true);
      store.close();
      expect(readdirSync(dirname(path)).filter((name) => name.includes("backup"))).toEqual(["metrics.db.v1-backup"]);
      expect(versionOf(`${path}.v1-backup`)).toBe(1);
    }
  });

  it("is brought up to date by one of several processes that open it at once", async () => {
    const path = fileOfVersion1();
    const children = [1, 2, 3].map(() => spawn(process.execPath, [MIGRATOR, path], { stdio: ["ignore", "pipe", 2] }));
    const said = await Promise.all(
      children.map(async (child) => {
        let text = "";
        child.stdout?.on("data", (chunk) => (text += chunk));
        const [code] = await once(child, "close");
        expect(code).toBe(0);
        return text;
      }),
    );
    for (let version = 2; version <= SCHEMA_VERSION; version++) {
      expect(said.join("").split(`change ${version}\n`)).toHaveLength(2);
    }
    const store = openStore({ path });
    expect(asWrittenDown(store.ledger.usage({}))).toMatchObject(answersOfVersion1().total);
    store.close();
  });

  it("stays as it is when there is no room for the copy", () => {
    const path = fileOfVersion1();
    const before = readFileSync(path);
    const script = `
      import { openStore } from ${JSON.stringify(fileURLToPath(new URL("../../src/index.ts", import.meta.url)))};
      try { openStore({ path: ${JSON.stringify(path)} }); } catch (error) { console.log(error.code + ": " + error.message); }`;
    // 64 KiB: less than the file has.
    const { stdout } = spawnSync(
      "bash",
      ["-c", 'ulimit -f 64; exec "$0" --input-type=module-typescript -e "$1"', process.execPath, script],
      { encoding: "utf8" },
    );
    expect(stdout).toMatch(/^full: .*no room.*Nothing was changed/);
    expect(readFileSync(path)).toEqual(before);
    expect(readdirSync(dirname(path)).filter((name) => name.includes("backup"))).toEqual([]);
    const store = openStore({ path });
    expect(asWrittenDown(store.ledger.usage({}))).toMatchObject(answersOfVersion1().total);
    store.close();
  });
});

describe("a migration that fails", () => {
  function failing(code: string): Migration[] {
    const last = {
      name: "too much",
      apply: (database: Database.Database) => {
        database.exec("CREATE TABLE more (x)");
        throw Object.assign(new Error("failed"), { code });
      },
    };
    return [...MIGRATIONS.slice(0, 1), last];
  }

  it.each(["SQLITE_FULL", "SQLITE_IOERR_WRITE"])("for want of room (%s) leaves the file and no copy", (code) => {
    const path = fileOfVersion1();
    const database = new Database(path);
    expect(() => applyMigrations(database, { migrations: failing(code) })).toThrow(
      expect.objectContaining({ code: "full" }),
    );
    database.close();
    expect(versionOf(path)).toBe(1);
    expect(existsSync(`${path}.v1-backup`)).toBe(false);
  });

  it("for another reason leaves the file, and the copy", () => {
    const path = fileOfVersion1();
    const database = new Database(path);
    expect(() => applyMigrations(database, { migrations: failing("SQLITE_CONSTRAINT") })).toThrow("failed");
    expect(database.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'more'").pluck().get()).toBe(0);
    database.close();
    expect(versionOf(path)).toBe(1);
    expect(existsSync(`${path}.v1-backup`)).toBe(true);
  });

  it("takes the copies of earlier ones away when it succeeds at last", () => {
    const path = fileOfVersion1();
    writeFileSync(`${path}.v0-backup`, "");
    openStore({ path }).close();
    expect(existsSync(`${path}.v0-backup`)).toBe(false);
    expect(existsSync(`${path}.v1-backup`)).toBe(true);
  });
});

describe("a file of a newer version", () => {
  function newerFile(readableFrom: number): string {
    const store = temporaryStore();
    store.write({ facts: [call()] });
    store.close();
    const database = new Database(store.path);
    database.prepare("UPDATE meta SET value = ? WHERE key = 'readable_from'").run(readableFrom);
    database.pragma("user_version = 999");
    database.close();
    return store.path;
  }

  it("that this version can read is read, says so in one line, and refuses every write", async () => {
    const path = newerFile(SCHEMA_VERSION);
    const before = readFileSync(path);
    const store = openStore({ path });
    expect(store.notice).toMatch(/newer moai-metrics .*only read\. Upgrade/);
    expect(store.ledger.usage({})[0]?.calls).toBe(1);
    const refusal = expect.objectContaining({ code: "newer_version" });
    expect(() => store.write({ facts: [call()] })).toThrow(refusal);
    expect(() => store.writePoints({ series: [] })).toThrow(refusal);
    await expect(store.rebuildRollups()).rejects.toThrow(refusal);
    await expect(store.maintain({ nowMillis: 0, isThorough: true })).rejects.toThrow(refusal);
    store.close();
    expect(readFileSync(path)).toEqual(before);
  });

  it("that it becomes while it is open refuses writes from then on", () => {
    const store = temporaryStore();
    store.write({ facts: [call()] });
    const newer = new Database(store.path);
    newer.pragma("user_version = 999");
    newer.close();
    expect(() => store.write({ facts: [call()] })).toThrow(/brought to schema 999 .* while it was open/);
  });

  it("that this version would read wrong is refused", () => {
    const path = newerFile(999);
    expect(() => openStore({ path })).toThrow(expect.objectContaining({ code: "newer_version" }));
  });
});

describe("the plan of migrations", () => {
  const migrations = [
    { name: "a" },
    { name: "b", isAdditive: true },
    { name: "c" },
    { name: "d", isAdditive: true },
  ].map((migration) => ({ ...migration, apply: () => undefined }));

  it("names what is missing, the copy that an earlier attempt made, and who can read the result", () => {
    const plan = planMigrations(2, 1, migrations);
    expect(plan.steps.map(({ toVersion, migration }) => [toVersion, migration.name])).toEqual([
      [3, "c"],
      [4, "d"],
    ]);
    expect(plan).toMatchObject({ copyOfVersion: 1, readableFrom: 3 });
    expect(planMigrations(0, undefined, migrations).copyOfVersion).toBeUndefined();
    expect(planMigrations(3, undefined, migrations).copyOfVersion).toBe(3);
  });
});
