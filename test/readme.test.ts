/** The screens in the README are the screens that the command prints. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");

it.each(["demo", "agent", "session-one", "demo-dashboard"])("shows the screen of %s as it is", (name) => {
  expect(read("../README.md")).toContain(read(`../packages/cli/test/snapshots/${name}.txt`).trimEnd());
});
