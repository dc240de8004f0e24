import { describe, expect, it } from "vitest";
import { type ProcessView, readEnvironment } from "../src/environment.ts";

function read(env: Record<string, string>, stdout: ProcessView["stdout"] = {}, isErrorTerminal = false) {
  return readEnvironment({ env, stdout, stderr: { isTTY: isErrorTerminal }, cwd: () => "/work" });
}

describe("the environment", () => {
  it.each([
    [{}, { isTTY: true }, true],
    [{}, {}, false],
    [{ NO_COLOR: "1" }, { isTTY: true }, false],
    [{ NO_COLOR: "" }, { isTTY: true }, true],
    [{ FORCE_COLOR: "1" }, {}, true],
    [{ FORCE_COLOR: "1", NO_COLOR: "1" }, {}, true],
    [{ FORCE_COLOR: "0" }, { isTTY: true }, false],
    [{ TERM: "dumb" }, { isTTY: true }, false],
  ])("%j on %j decides colours: %s", (env, stdout, isColoured) => {
    expect(read(env, stdout).isColoured).toBe(isColoured);
  });

  it.each([
    [{}, {}, 80],
    [{ COLUMNS: "120" }, {}, 120],
    [{ COLUMNS: "120" }, { columns: 100 }, 100],
    [{ COLUMNS: "wide" }, {}, 80],
    [{ COLUMNS: "10" }, {}, 40],
  ])("%j on %j is %d columns wide", (env, stdout, columns) => {
    expect(read(env, stdout).columns).toBe(columns);
  });

  it("knows whether collecting is off and whether someone watches", () => {
    expect(read({ MOAI_METRICS_DISABLED: "1" }).isDisabled).toBe(true);
    expect(read({ MOAI_METRICS_DISABLED: "0" }).isDisabled).toBe(false);
    expect(read({}, {}, true).isProgressVisible).toBe(true);
    expect(read({ HOME: "/home/dev" })).toMatchObject({ homeFolder: "/home/dev", workingFolder: "/work", rows: 24 });
  });
});

describe("the system's zone", () => {
  it.each([
    ["Asia/Seoul", "Asia/Seoul"],
    [":Asia/Kathmandu", "Asia/Kathmandu"],
    ["Etc/UTC", "UTC"],
    ["", "UTC"],
    ["Bogus/Zone", "UTC"],
    ["../../../etc/passwd", "UTC"],
    [":/usr/share/zoneinfo/Europe/Berlin", "Europe/Berlin"],
  ])("from TZ=%s is %s", (setting, zone) => {
    expect(read({ TZ: setting }).timeZone).toBe(zone);
  });

  it("is known without TZ", () => {
    expect(() => new Intl.DateTimeFormat("en-US", { timeZone: read({}).timeZone })).not.toThrow();
  });
});
