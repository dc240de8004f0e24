import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { DEFAULT_CONFIG, loadConfig } from "../src/index.ts";
import { quickConfig } from "../src/quick.ts";

let root: string;
let environment: Record<string, string>;
let project: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "quick-"));
  environment = { HOME: root, XDG_CONFIG_HOME: join(root, "xdg") };
  project = join(root, "shop");
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
});

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

const projectFile = (): string => join(project, ".moai", "metrics", "config.json");
const userFile = (): string => join(root, "xdg", "moai-metrics", "config.json");

describe("quickConfig", () => {
  it("says what loadConfig says of files that hold", () => {
    write(
      projectFile(),
      `\uFEFF${JSON.stringify({ metrics: { budgets: [{ name: "a", per: "day", max_usd: 1, project: "." }] } })}`,
    );
    write(
      userFile(),
      JSON.stringify({
        metrics: { tokens: { warn_threshold: 7 }, budgets: [{ name: "b", per: "session", max_tokens: 5 }] },
      }),
    );
    expect(quickConfig(environment, project)).toEqual(loadConfig({ environment, folder: project }).config);
  });

  it("has the defaults without files, and of files that do not read as a configuration", () => {
    expect(quickConfig(environment, project)).toEqual(DEFAULT_CONFIG);
    write(projectFile(), "{");
    expect(quickConfig(environment, project)).toEqual(DEFAULT_CONFIG);
    write(userFile(), JSON.stringify({ metrics: { budgets: 3 } }));
    expect(quickConfig(environment, project)).toEqual(DEFAULT_CONFIG);
    write(userFile(), "{}");
    expect(quickConfig(environment, project)).toEqual(DEFAULT_CONFIG);
  });
});
