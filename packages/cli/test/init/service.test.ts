import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { decideService } from "../../src/init/decide-service.ts";
import { EMPTY_JOURNAL } from "../../src/init/journal.ts";
import { serviceManager } from "../../src/init/service/service.ts";
import { variablesToPassOn } from "../../src/init/service/service-spec.ts";
import { startService } from "../../src/init/service/start-service.ts";
import type { Situation } from "../../src/init/situation.ts";
import { isRunnerCache } from "../../src/machine/package-folder.ts";
import { temporaryHome } from "../support/run-binary.ts";

/** Folders with everything that means something to a service manager. */
const ODD = '/home/a "b"/50%/$HOME/<c>&\\d';
const SPEC = {
  argv: [process.execPath, `${ODD}/moai-metrics.js`, "serve"],
  variables: { MOAI_METRICS_STORAGE: ODD, CODEX_HOME: "/x y" },
  logFile: `${ODD}/serve.log`,
};
const has = (program: string, ...argv: string[]): boolean => spawnSync(program, argv).status === 0;

describe("the service file", () => {
  it.runIf(has("systemd-analyze", "--version"))("is one that systemd takes without a word", () => {
    const home = temporaryHome();
    const manager = serviceManager("linux", {}, home)!;
    expect(manager.path).toBe(join(home, ".config/systemd/user/moai-metrics.service"));
    const path = join(home, "moai-metrics.service");
    writeFileSync(path, manager.text(SPEC));
    mkdirSync(join(home, "run"), { mode: 0o700 });
    const verify = () =>
      spawnSync("systemd-analyze", ["verify", "--user", path], {
        encoding: "utf8",
        env: { PATH: process.env["PATH"], HOME: home, XDG_RUNTIME_DIR: join(home, "run") },
      });
    expect(verify()).toMatchObject({ status: 0, stderr: "" });
    writeFileSync(path, manager.text(SPEC).replace("RestartSec=10s", "RestartSec=soon"));
    expect(verify().stderr).toContain("Failed to parse sec value");
  });

  it.runIf(has("python3", "-c", "import plistlib"))("is a property list that says the same", () => {
    const manager = serviceManager("darwin", {}, "/Users/a")!;
    expect(manager.path).toBe("/Users/a/Library/LaunchAgents/moai-metrics.serve.plist");
    expect(manager.startCommands).toEqual([
      ["launchctl", "bootstrap", expect.stringMatching(/^gui\/\d+$/), manager.path],
    ]);
    const { stdout } = spawnSync(
      "python3",
      ["-c", "import json, plistlib, sys; print(json.dumps(plistlib.loads(sys.stdin.buffer.read())))"],
      { input: manager.text(SPEC), encoding: "utf8" },
    );
    expect(JSON.parse(stdout)).toMatchObject({
      Label: "moai-metrics.serve",
      ProgramArguments: SPEC.argv,
      EnvironmentVariables: SPEC.variables,
      KeepAlive: { SuccessfulExit: false },
      StandardErrorPath: SPEC.logFile,
    });
  });

  it("is loaded anew by launchd, which takes no second one of a name", async () => {
    const bin = temporaryHome();
    const loaded = join(bin, "loaded");
    writeFileSync(
      join(bin, "launchctl"),
      `#!/bin/sh\ncase $1 in\nbootstrap) [ -e "${loaded}" ] && { echo "Bootstrap failed: 5"; exit 5; }; echo >"${loaded}" ;;\nbootout) rm "${loaded}" ;;\nesac\n`,
      { mode: 0o755 },
    );
    const manager = serviceManager("darwin", {}, "/Users/a")!;
    for (let time = 0; time < 2; time++) {
      expect(await startService(manager, { PATH: `${bin}:/usr/bin:/bin` })).toContain(manager.note);
    }
  });

  it("hands on what a shell sets and a service manager does not know", () => {
    expect(variablesToPassOn({ CODEX_HOME: "/c", TZ: "", PATH: "/bin", ANTHROPIC_API_KEY: "k" })).toEqual({
      CODEX_HOME: "/c",
    });
    expect(serviceManager("win32", {}, "/home")).toBeUndefined();
  });
});

describe("whether there is a service", () => {
  const situation = {
    url: "http://127.0.0.1:4318",
    receiver: { state: "none" },
    service: serviceManager("linux", {}, "/nowhere"),
    isInCache: false,
    packageFolder: "/p",
  } as unknown as Situation;
  const nobody = { confirm: async () => undefined };
  const decide = (given: Partial<Situation>, flag?: boolean) =>
    decideService(nobody, { ...situation, ...given }, EMPTY_JOURNAL, flag);

  it.each([
    [{ service: undefined }, "Run moai-metrics serve yourself"],
    [{ isInCache: true }, "npm install --global moai-metrics"],
    [{ receiver: { state: "other-storage", pid: 7 } }, "kill 7"],
    [{ receiver: { state: "locked" } }, "receiver.requireToken"],
    [{ receiver: { state: "foreign" } }, "receiver.port 4319"],
  ] as const)("is said with a remedy where there can be none: %j", async (given, remedy) => {
    await expect(decide(given, true)).rejects.toThrow(remedy);
    const { isReceived, notes } = await decide(given);
    expect([isReceived, notes.join(" ")]).toEqual([false, expect.stringContaining(remedy)]);
  });

  it("is asked only where it is open", async () => {
    expect(await decide({})).toMatchObject({ withService: false, isReceived: false });
    expect(await decide({ receiver: { state: "ours", pid: 1, isWell: true } })).toMatchObject({
      withService: false,
      isReceived: true,
    });
    expect(await decide({ receiver: { state: "ours", pid: 1, isWell: true }, isInCache: true })).toMatchObject({
      isReceived: true,
      notes: [],
    });
    expect(await decide({}, true)).toMatchObject({ withService: true, isReceived: true });
    expect(await decide({}, false)).toMatchObject({ withService: false, isReceived: false });
  });

  it("is not put beside a receiver that was started by hand, because it could only fail", async () => {
    const receiver = { state: "ours", pid: 7, isWell: true } as const;
    await expect(decide({ receiver }, true)).rejects.toThrow("Stop it first: kill 7");
    const home = temporaryHome();
    const service = serviceManager("linux", {}, home)!;
    mkdirSync(dirname(service.path), { recursive: true });
    writeFileSync(service.path, "[Service]\n");
    expect(await decide({ receiver, service }, true)).toMatchObject({ withService: true });
  });

  it.each([
    ["/home/a/.npm/_npx/abc/node_modules/moai-metrics", true],
    ["/home/a/.cache/pnpm/dlx/abc/node_modules/moai-metrics", true],
    ["/tmp/bunx-1000-moai-metrics/node_modules/moai-metrics", true],
    ["/usr/lib/node_modules/moai-metrics", false],
    ["/home/a/moai-metrics/packages/cli", false],
  ])("is refused from a cache that can be emptied: %s", (folder, expected) => {
    expect(isRunnerCache(folder)).toBe(expected);
  });
});
