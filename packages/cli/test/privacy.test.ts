/** What `privacy` says is what is there. */
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { DAY_MILLIS } from "@moai-metrics/model";
import type { Alert } from "@moai-metrics/report";
import { databasePath } from "@moai-metrics/settings";
import { openStore } from "@moai-metrics/store";
import { describe, expect, it } from "vitest";
import { newsForSession } from "../src/hook/hook-memory.ts";
import { homeWithTranscripts, NOW, temporaryHome } from "./support/run-binary.ts";
import { runHere } from "./support/run-here.ts";

const storage = (home: string): string => join(home, ".local", "share", "moai-metrics");

describe("privacy", () => {
  it("lists every file and every column that there is, and knows all of them", async () => {
    const home = homeWithTranscripts();
    await runHere(home, ["daily"]);
    const { privacy } = JSON.parse((await runHere(home, ["privacy", "--json"])).stdout);
    expect(privacy.storage).toBe(storage(home));
    expect(privacy.files.map(({ path }: { path: string }) => path)).toEqual(
      expect.arrayContaining(readdirSync(storage(home)).map((name) => join(storage(home), name))),
    );
    const database = new DatabaseSync(databasePath(storage(home)), { readOnly: true });
    const columns = database
      .prepare(
        `SELECT list.name || '.' || field.name AS field FROM pragma_table_list AS list, pragma_table_xinfo(list.name) AS field
         WHERE list.type = 'table' AND list.name NOT IN ('sqlite_schema', 'sqlite_temp_schema') ORDER BY 1`,
      )
      .all()
      .map(({ field }) => field);
    database.close();
    const told = privacy.tables.flatMap(({ table, fields }: { table: string; fields: { field: string }[] }) =>
      fields.map(({ field }) => `${table}.${field}`),
    );
    expect(told.sort()).toEqual(columns);
    const unknown = [
      ...privacy.files,
      ...privacy.tables,
      ...privacy.tables.flatMap(({ fields }: { fields: unknown }) => fields),
    ];
    expect(unknown.filter(({ holds }) => holds === null)).toEqual([]);
  });

  it("fits a terminal, tells how long things are kept by the settings, and how to delete them", async () => {
    const home = homeWithTranscripts();
    await runHere(home, ["daily"]);
    await runHere(home, ["config", "set", "retention.ledger_days", "33", "--user"]);
    const { stdout } = await runHere(home, ["privacy"]);
    expect(stdout).toContain("model_call: a call of a model; kept 33 days");
    expect(stdout).toContain("point: a measured value of a metric; kept 90 days");
    expect(stdout).toContain("Never stored:\n  - prompts, replies");
    expect(stdout).toContain("everything: delete the folder");
    const longest = Math.max(...stdout.split("\n").map((line) => line.length));
    expect(longest).toBeLessThanOrEqual(80);
  });

  it("tells the same of a store that is not there yet, and makes none", async () => {
    const home = temporaryHome();
    const { stdout } = await runHere(home, ["privacy"]);
    expect(stdout).toContain("Nothing yet.");
    expect(stdout).toContain("tool_call: a call of a tool");
    expect(readdirSync(home)).toEqual([]);
  });

  it("knows what the budget hook leaves behind", async () => {
    const home = homeWithTranscripts();
    const alert = { kind: "budget", key: "budget day", state: "warning", message: "", next: "" } as unknown as Alert;
    expect(newsForSession(storage(home), "s", [alert], NOW)).toHaveLength(1);
    expect((await runHere(home, ["privacy"])).stdout).toMatch(/alerts \(\d+ B\): which alerts were told: names/);
  });

  it("says where something is sent, without what may be a key", async () => {
    const home = homeWithTranscripts();
    await runHere(home, ["config", "set", "alerts.webhook", "https://chat.example/hooks/s3cret", "--user"]);
    const { privacy } = JSON.parse((await runHere(home, ["privacy", "--json"])).stdout);
    expect(privacy.network).toBe("serve posts alerts to chat.example (alerts.webhook); nothing else is sent anywhere");
    await runHere(home, ["config", "set", "forward.url", "http://otlp.example:4318/?key=s3cret", "--user"]);
    const { stdout } = await runHere(home, ["privacy"]);
    expect(stdout.replaceAll(/\s+/g, " ")).toContain("serve pushes metrics to otlp.example:4318 (forward.url);");
    expect(stdout).not.toContain("s3cret");
  });

  it("says what it does not know", async () => {
    const home = homeWithTranscripts();
    await runHere(home, ["daily"]);
    const database = new DatabaseSync(databasePath(storage(home)));
    database.exec("CREATE TABLE later (prompt TEXT)");
    database.close();
    mkdirSync(join(storage(home), "stray"));
    writeFileSync(join(storage(home), "stray", "notes.txt"), "1234");
    const { stdout } = await runHere(home, ["privacy"]);
    expect(stdout).toContain("stray (4 B): not ours");
    expect(stdout).toMatch(/later: not known to this version[\s\S]*prompt +not known to this version/);
  });

  it("is right about keeping data for a shorter time", async () => {
    const home = temporaryHome();
    mkdirSync(storage(home), { recursive: true });
    const path = databasePath(storage(home));
    const call = (n: number, daysAgo: number) => ({
      kind: "model_call" as const,
      witness: "transcript" as const,
      product: "claude-code",
      sessionId: `s${n}`,
      requestId: `req_${n}`,
      endedAtMillis: NOW - daysAgo * DAY_MILLIS,
    });
    {
      using store = openStore({ path });
      store.write({ facts: [call(1, 50), call(2, 2), call(3, 1), call(4, 0)] });
      // What expires is decided by the clocks of two clean-ups, so that a wrong one deletes nothing.
      await store.maintain({ nowMillis: NOW - DAY_MILLIS, isThorough: true });
    }
    await runHere(home, ["config", "set", "retention.ledger_days", "30", "--user"]);
    expect((await runHere(home, ["db", "vacuum"])).exitCode).toBe(0);
    using store = openStore({ path });
    expect(
      store.ledger
        .sessions({})
        .map(({ sessionId }) => sessionId)
        .sort(),
    ).toEqual(["s2", "s3", "s4"]);
  });
});
