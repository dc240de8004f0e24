import { expect, it } from "vitest";
import { migrationTeller } from "../../src/ledger/migration-teller.ts";

it("tells of the copy and of each part of a migration in a line", () => {
  const lines: string[] = [];
  const tell = migrationTeller((line) => lines.push(line));
  tell({ phase: "copy", fromVersion: 5, toVersion: 8, name: "/s/metrics.db.v5-backup" });
  tell({ phase: "change", fromVersion: 5, toVersion: 6, name: "live counters" });
  expect(lines).toEqual([
    "The store is brought up to date, once. A copy of it as it was: /s/metrics.db.v5-backup",
    "  to schema 6: live counters",
  ]);
});
