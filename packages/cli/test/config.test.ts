/** The configuration through the commands: looking at it, changing it, checking it. */
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { settingKeys } from "@moai-metrics/settings/config-keys";
import { describe, expect, it } from "vitest";
import { homeWithTranscripts, temporaryHome } from "./support/run-binary.ts";
import { runHere } from "./support/run-here.ts";

const userFile = (home: string): string => join(home, ".config", "moai-metrics", "config.json");
const projectFile = (home: string): string => join(home, ".moai", "metrics", "config.json");

function write(path: string, content: unknown): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

describe("config", () => {
  it("gets a setting and says where all of them come from", async () => {
    const home = temporaryHome();
    const path = write(projectFile(home), { metrics: { tokens: { warn_threshold: 9 } } });
    expect((await runHere(home, ["config", "get", "tokens.warn_threshold"])).stdout).toBe("9\n");
    expect((await runHere(home, ["config", "get", "metrics.storage"])).stdout).toBe(".moai/metrics/\n");
    expect((await runHere(home, ["config", "get", "retention.max_bytes"])).stdout).toBe("not set\n");
    expect(JSON.parse((await runHere(home, ["config", "get", "enabled", "--json"])).stdout)).toEqual({
      config: { enabled: { key: "enabled", value: true, origin: "default" } },
    });
    const { stdout } = await runHere(home, ["config", "list"]);
    expect(stdout).toMatch(new RegExp(`^tokens.warn_threshold +9 +\\(${path}\\)$`, "m"));
    expect(stdout.trimEnd().split("\n")).toHaveLength(settingKeys().length);
    const { config } = JSON.parse((await runHere(home, ["config", "list", "--json"])).stdout);
    expect(config["tokens.warn_counts"]).toEqual({ value: "new", origin: "default" });
  });

  it("tells budgets and prices of project and user together, as they hold together", async () => {
    const home = temporaryHome();
    const budget = (name: string, max_usd: number) => ({ name, per: "day", max_usd });
    const project = write(projectFile(home), { metrics: { budgets: [budget("here", 1), budget("both", 2)] } });
    const user = write(userFile(home), { metrics: { budgets: [budget("both", 3), budget("mine", 4)] } });
    const { stdout } = await runHere(home, ["config", "get", "budgets"]);
    expect(JSON.parse(stdout)).toEqual([budget("here", 1), budget("both", 2), budget("mine", 4)]);
    const list = await runHere(home, ["config", "list", "--json"]);
    expect(JSON.parse(list.stdout).config.budgets.origin).toBe(`${project}, ${user}`);
  });

  it.each([
    ["alerts.webhook", "https://chat.example/hook", "not set"],
    ["forward.url", "https://otlp.example/", "not set"],
    ["labels", '["team"]', "[]"],
    ["retention.ledger_days", "30", "400"],
    ["compression.min_age_days", "3", "7"],
  ])("does not let a project's file say %s, which only the user's own is asked for", async (key, value, otherwise) => {
    const home = temporaryHome();
    const refused = await runHere(home, ["config", "set", key, value]);
    expect([refused.stderr, refused.exitCode]).toEqual([
      `error: ${key} is asked of your own file alone, not of a project's. Add --user to write it there.\n`,
      2,
    ]);
    const [outer = "", inner] = key.split(".");
    const said = value.startsWith("http") ? value : JSON.parse(value);
    write(projectFile(home), { metrics: { [outer]: inner === undefined ? said : { [inner]: said } } });
    expect((await runHere(home, ["config", "get", key])).stdout).toBe(`${otherwise}\n`);
    const { stdout, exitCode } = await runHere(home, ["config", "validate"]);
    expect(stdout).toContain(`${projectFile(home)}: valid\n  metrics.${key} has no effect here: only your own file`);
    expect(exitCode).toBe(0);
    await runHere(home, ["config", "set", key, value, "--user"]);
    expect((await runHere(home, ["config", "get", key])).stdout).toBe(`${value}\n`);
  });

  it("names the setting that was meant", async () => {
    const { stderr, exitCode } = await runHere(temporaryHome(), ["config", "get", "tokens.warn_treshold"]);
    expect([stderr.trim(), exitCode]).toEqual([
      "error: tokens.warn_treshold is not a setting. Do you mean tokens.warn_threshold?",
      2,
    ]);
    expect((await runHere(temporaryHome(), ["config", "get", "zzzzzzzzzzzzzzzzz"])).stderr).toContain("config list");
  });

  it("sets a setting and keeps everything else in the file, its look and its mode", async () => {
    const home = temporaryHome();
    const path = write(
      projectFile(home),
      '{\n    "language": "ko",\n    "metrics": {\n        "enabled": true\n    }\n}\n',
    );
    chmodSync(path, 0o600);
    const { stdout } = await runHere(home, ["config", "set", "session.duration", "false"]);
    expect(stdout).toBe(`session.duration = false in ${path}\n`);
    expect(readFileSync(path, "utf8")).toBe(
      '{\n    "language": "ko",\n    "metrics": {\n        "enabled": true,\n        "session": {\n            "duration": false\n        }\n    }\n}\n',
    );
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("says what it wrote as JSON, in the form of a setting that is got", async () => {
    const home = temporaryHome();
    const set = await runHere(home, ["config", "set", "tokens.warn_threshold", "7", "--json"]);
    expect(JSON.parse(set.stdout).config).toEqual({
      "tokens.warn_threshold": { key: "tokens.warn_threshold", value: 7, origin: projectFile(home) },
    });
    expect((await runHere(home, ["config", "get", "tokens.warn_threshold", "--json"])).stdout).toBe(set.stdout);
  });

  it("makes the project's file, the user's, or the one that is named", async () => {
    const home = temporaryHome();
    await runHere(home, ["config", "set", "enabled", "false"]);
    expect(JSON.parse(readFileSync(projectFile(home), "utf8"))).toEqual({ metrics: { enabled: false } });
    expect(readFileSync(join(dirname(projectFile(home)), ".gitignore"), "utf8")).toContain("!config.json");
    await runHere(home, ["config", "set", "storage", "numbers", "--user"]);
    expect(JSON.parse(readFileSync(userFile(home), "utf8"))).toEqual({ metrics: { storage: "numbers" } });
    await runHere(home, ["config", "set", "budgets", '[{"name":"day","per":"day","max_usd":5}]', "--config", "c.json"]);
    expect((await runHere(home, ["config", "get", "budgets", "--config", "c.json"])).stdout).toContain('"max_usd":5');
  });

  it.each([
    [
      "a value that does not hold",
      ["tokens.warn_threshold", "-1"],
      undefined,
      /warn_threshold is -1: write at least 0/,
    ],
    ["a file that is not JSON", ["enabled", "true"], "nonsense", /is not JSON/],
    ["a file that is a list", ["enabled", "true"], "[]", /must hold/],
  ])("refuses %s and leaves the file as it was", async (_, argv, content, message) => {
    const home = temporaryHome();
    if (content !== undefined) write(join(home, "c.json"), content);
    const { stderr, exitCode } = await runHere(home, ["config", "set", ...argv, "--config", "c.json"]);
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(message)]);
    expect(existsSync(join(home, "c.json")) ? readFileSync(join(home, "c.json"), "utf8") : undefined).toBe(content);
  });

  it("says when a file cannot be read or written", async () => {
    const home = temporaryHome();
    mkdirSync(join(home, "folder"));
    expect((await runHere(home, ["config", "set", "enabled", "true", "--config", "folder"])).stderr).toContain(
      "cannot be read",
    );
    write(join(home, "file"), "{}");
    expect((await runHere(home, ["config", "set", "enabled", "true", "--config", "file/c.json"])).stderr).toMatch(
      /cannot be (read|written)/,
    );
  });

  it("validates the files that hold here, or one", async () => {
    const home = temporaryHome();
    write(projectFile(home), { metrics: {} });
    const good = await runHere(home, ["config", "validate"]);
    expect([good.stdout, good.exitCode]).toEqual([`${projectFile(home)}: valid\n${userFile(home)}: not there\n`, 0]);
    write(userFile(home), { metrics: { enabledd: true } });
    const bad = await runHere(home, ["config", "validate"]);
    expect(bad.exitCode).toBe(3);
    expect(bad.stdout).toContain(
      `${userFile(home)}: invalid\n  metrics.enabledd is not a setting. Do you mean enabled?`,
    );
    expect(bad.stderr).toContain("1 of 2 files cannot be used.");
    const one = await runHere(home, ["config", "validate", projectFile(home), "--json"]);
    expect(JSON.parse(one.stdout)).toEqual({ files: [{ path: projectFile(home), state: "valid", problems: [] }] });
    expect((await runHere(home, ["config", "validate", "nowhere.json"])).exitCode).toBe(3);
  });
});

describe("a configuration that cannot be used", () => {
  it("stops a command with a line for each problem", async () => {
    const home = homeWithTranscripts();
    const path = write(projectFile(home), { metrics: { enabled: "x", storage: 1 } });
    const { stdout, stderr, exitCode } = await runHere(home, ["daily"]);
    expect([stdout, exitCode]).toEqual(["", 1]);
    expect(stderr).toBe(
      `error: ${path}: metrics.enabled is "x": write true or false.\nerror: ${path}: metrics.storage is 1: write a text.\n`,
    );
  });
});
