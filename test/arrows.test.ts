import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findBrokenArrows } from "../scripts/check-arrows.ts";

let root: string;

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "arrows-"));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

function write(file: string, text: string): void {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), text);
}

function declare(folder: string, dependencies: Record<string, string> = {}): void {
  write(`packages/${folder}/package.json`, JSON.stringify({ name: `@moai-metrics/${folder}`, dependencies }));
}

describe("the check of the arrows", () => {
  it("accepts imports that point downwards, are declared, or are built in", () => {
    declare("model");
    declare("store", { "@moai-metrics/model": "0.1.0", "better-sqlite3": "13.2.0" });
    write(
      "packages/store/src/write/open.ts",
      'import Database from "better-sqlite3";\nimport { readFileSync } from "node:fs";\nimport type { Fact } from "@moai-metrics/model";\nexport { x } from "../x.ts";\n',
    );
    expect(findBrokenArrows(root)).toEqual([]);
  });

  it("names file, line and remedy for an import that points upwards", () => {
    declare("store", { "@moai-metrics/report": "0.1.0" });
    declare("report");
    write("packages/store/src/a.ts", '// first\nimport {\n  daily,\n} from "@moai-metrics/report";\n');
    expect(findBrokenArrows(root)).toEqual([
      "packages/store/src/a.ts:4  store may not import report: it may import settings, model. Move the code down or pass the value in",
    ]);
  });

  it.each([
    ["a type", 'import type { Fact } from "@moai-metrics/store";'],
    ["a re-export", 'export { createStore } from "@moai-metrics/store";'],
    ["a dynamic import", 'const store = await import("@moai-metrics/store");'],
    ["a type position", 'let fact: import("@moai-metrics/store").Fact;'],
    ["a side effect", 'import "@moai-metrics/store";'],
    ["a resolved address", 'const url = import.meta.resolve("@moai-metrics/store");'],
  ])("sees an import as %s", (_form, line) => {
    declare("store");
    declare("model", { "@moai-metrics/store": "0.1.0" });
    write("packages/model/src/a.ts", `${line}\n`);
    expect(findBrokenArrows(root)).toEqual([expect.stringMatching(/^packages\/model\/src\/a\.ts:1 {2}model may not/)]);
  });

  it("lets only the registration of the instrumentation name optional peers, and only those that are declared", () => {
    declare("sqlite-exporter");
    const optional = { optional: true };
    const peers = { "@moai-metrics/sqlite-exporter": optional, "@opentelemetry/sdk-metrics": optional };
    write(
      "packages/instrumentation/package.json",
      JSON.stringify({ name: "@moai-metrics/instrumentation", peerDependenciesMeta: peers }),
    );
    const line = (name: string) => `type T = typeof import("${name}");\n`;
    const code = line("@moai-metrics/sqlite-exporter") + line("@opentelemetry/sdk-metrics");
    write("packages/instrumentation/src/register/start.ts", code);
    expect(findBrokenArrows(root)).toEqual([]);
    write("packages/instrumentation/src/register/other.ts", line("@opentelemetry/sdk-trace"));
    write("packages/instrumentation/src/task.ts", code);
    expect(findBrokenArrows(root)).toHaveLength(3);
  });

  it("reads no comments", () => {
    declare("store");
    declare("model");
    write(
      "packages/model/src/a.ts",
      '/**\n * import { x } from "@moai-metrics/store";\n */\n// import("@moai-metrics/store")\n',
    );
    expect(findBrokenArrows(root)).toEqual([]);
  });

  it.each([
    ["report", "better-sqlite3", "add what you need to packages/store"],
    ["instrumentation", "@opentelemetry/sdk-metrics", "use @opentelemetry/api"],
    ["store", "@opentelemetry/api", "keep OpenTelemetry at the edges"],
  ])("keeps %s from importing %s, declared or not", (folder, library, remedy) => {
    declare(folder, { [library]: "1.0.0" });
    write(`packages/${folder}/src/a.ts`, `import * as x from "${library}";\n`);
    expect(findBrokenArrows(root)).toEqual([expect.stringContaining(remedy)]);
  });

  it("wants every library declared in the package that imports it", () => {
    declare("agents");
    write("packages/agents/src/a.ts", 'import { diffLines } from "diff/deep";\n');
    expect(findBrokenArrows(root)).toEqual([
      "packages/agents/src/a.ts:1  diff is not declared: add it to dependencies in packages/agents/package.json",
    ]);
  });

  it("lets no relative path leave its package", () => {
    declare("agents");
    write("packages/agents/src/a.ts", 'import { x } from "../../model/src/x.ts";\n');
    expect(findBrokenArrows(root)).toEqual([expect.stringContaining("reaches outside its package")]);
  });

  it("wants a place in the arrows for every package", () => {
    declare("novelty");
    expect(findBrokenArrows(root)).toEqual([expect.stringContaining("add novelty to the arrows")]);
  });

  it("exits with 1 and prints the violation when run as a command", () => {
    declare("model");
    write("packages/model/sample/a.ts", 'import x from "left-pad";\n');
    const script = path.resolve("scripts/check-arrows.ts");
    const { status, stderr } = spawnSync(process.execPath, [script, root], { encoding: "utf8" });
    expect(stderr).toContain("packages/model/sample/a.ts:1  left-pad is not declared");
    expect(status).toBe(1);
  });
});
