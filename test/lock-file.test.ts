/** The lock file installs on a machine that has a Node and nothing else. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

it("says that better-sqlite3 needs no compiler, which npm 10 and 11 read nowhere else", () => {
  const text = readFileSync(new URL("../package-lock.json", import.meta.url), "utf8");
  const { packages } = JSON.parse(text) as { packages: Record<string, { gypfile?: boolean }> };
  // `npm install` drops the line when it rewrites the file: put it back, see docs/dependencies.md.
  expect(packages["node_modules/better-sqlite3"]?.gypfile).toBe(false);
});
