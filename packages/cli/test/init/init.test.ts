import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Result, temporaryHome } from "../support/run-binary.ts";
import { runHere } from "../support/run-here.ts";
import { startServe } from "../support/start-serve.ts";

const BINARY = fileURLToPath(new URL("../../bin/moai-metrics.js", import.meta.url));

/** A home with agents that tell their versions, and a `systemctl` that notes what it is told. */
function homeWithAgents(
  programs: Readonly<Record<string, string>> = {
    claude: "2.1.330 (Claude Code)",
    codex: "codex-cli 0.169.0",
    gemini: "0.61.0",
  },
) {
  const home = temporaryHome();
  const bin = join(home, "bin");
  mkdirSync(bin);
  for (const [name, version] of Object.entries(programs)) program(join(bin, name), `echo "${version}"`);
  const told = join(home, "systemctl.log");
  program(join(bin, "systemctl"), `echo "$*" >>"${told}"`);
  const variables = { PATH: `${bin}:/usr/bin:/bin` };
  return {
    home,
    bin,
    run: (argv: readonly string[], more: Record<string, string> = {}, typed?: string): Promise<Result> =>
      runHere(home, argv, {
        variables: { ...variables, ...more },
        ...(typed === undefined ? {} : { typed, isTerminal: true }),
      }),
    write: (path: string, text: string, mode = 0o644) => {
      mkdirSync(dirname(join(home, path)), { recursive: true });
      writeFileSync(join(home, path), text);
      chmodSync(join(home, path), mode);
    },
    read: (path: string): string => readFileSync(join(home, path), "utf8"),
    told: () => (existsSync(told) ? readFileSync(told, "utf8").trim().split("\n") : []),
  };
}

function program(path: string, body: string): void {
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
}

/** Every file below a folder with its text and mode, but for what belongs to the test. */
function filesBelow(home: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(home, { recursive: true, withFileTypes: true })
      .filter(
        (entry) => entry.isFile() && !entry.parentPath.startsWith(join(home, "bin")) && entry.name !== "systemctl.log",
      )
      .map(({ parentPath, name }) => {
        const path = join(parentPath, name);
        return [
          path.slice(home.length + 1),
          `${(statSync(path).mode & 0o777).toString(8)} ${readFileSync(path, "utf8")}`,
        ];
      }),
  );
}

const UNIT = ".config/systemd/user/moai-metrics.service";
const isLinux = process.platform === "linux";

describe.runIf(isLinux)("init", () => {
  it("wires every agent that is here, twice as well as once, and takes it back to the byte", async () => {
    const { home, run, write, read, told } = homeWithAgents();
    write(
      ".claude/settings.json",
      '{\r\n\t// mine\r\n\t"env": {\r\n\t\t"A": "1",\r\n\t},\r\n\t"model": "opus"\r\n}\r\n',
      0o640,
    );
    write(".codex/config.toml", 'model = "gpt-5.6" # best\n\n[tui]\nx = 1', 0o600);
    write(".gemini/settings.json", '{"ui":{"theme":"x"}}', 0o644);
    const before = filesBelow(home);
    const first = await run(["init", "--yes", "--service"]);
    expect(first).toMatchObject({ exitCode: 0, stderr: "" });
    expect(first.stdout).toContain('+\t\t"CLAUDE_CODE_ENABLE_TELEMETRY": "1",');
    expect(first.stdout).toContain("Codex: its metrics will come here instead of going to OpenAI.");
    expect(read(".claude/settings.json")).toContain(
      '\t\t"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318",\r\n\t},',
    );
    expect(read(".codex/config.toml")).toContain(
      'exporter = { otlp-http = { endpoint = "http://127.0.0.1:4318/v1/logs"',
    );
    expect(JSON.parse(read(".gemini/settings.json"))).toEqual({
      ui: { theme: "x" },
      telemetry: { enabled: true, otlpEndpoint: "http://127.0.0.1:4318", otlpProtocol: "http", logPrompts: false },
    });
    expect(statSync(join(home, ".claude/settings.json")).mode & 0o777).toBe(0o640);
    expect(told()).toEqual([
      "--user daemon-reload",
      "--user enable moai-metrics.service",
      "--user restart moai-metrics.service",
    ]);

    const wired = filesBelow(home);
    const second = await run(["init", "--yes"]);
    expect(second.stdout).toContain("Everything is as it should be: nothing to write.");
    expect(filesBelow(home)).toEqual(wired);

    const undone = await run(["init", "--undo", "--yes"]);
    expect(undone).toMatchObject({ exitCode: 0, stderr: "" });
    expect(undone.stdout).toContain("The service was stopped.");
    expect(undone.stdout).toMatch(/moai-metrics\.service\n\+\+\+ no file\n {4}as init wrote it\n/);
    expect(filesBelow(home)).toEqual(before);
    expect(existsSync(join(home, ".config"))).toBe(false);
    expect(told().slice(3)).toEqual(["--user disable --now moai-metrics.service", "--user daemon-reload"]);
    expect((await run(["init", "--undo"])).stdout).toContain("Nothing to take back");
  });

  it("writes the hook that it carries, and the hook leaves a file in the spool of that storage", async () => {
    const { home, run, read } = homeWithAgents({ claude: "2.1.330" });
    const storage = join(home, "else where");
    await run(["init", "--yes", "--storage", storage]);
    const { hooks } = JSON.parse(read(".claude/settings.json")) as {
      hooks: Record<string, [{ hooks: [{ command: string }] }]>;
    };
    const { command } = hooks["Stop"]![0].hooks[0];
    const { status, stdout } = spawnSync("sh", ["-c", command], {
      input: '{"session_id":"s1","hook_event_name":"Stop"}',
      env: { PATH: "/usr/bin:/bin", HOME: "/nowhere" },
      encoding: "utf8",
    });
    expect([status, stdout]).toEqual([0, ""]);
    const [file] = readdirSync(join(storage, "spool"));
    expect(readFileSync(join(storage, "spool", file!), "utf8")).toContain('"session_id":"s1"');
  });

  it("asks, writes nothing on a no or without anybody, and what it showed on a yes", async () => {
    const { home, run, write } = homeWithAgents({ codex: "0.169.0" });
    write(".codex/config.toml", "a = 1\n");
    const before = filesBelow(home);
    const nobody = await run(["init", "--service"]);
    expect(nobody.exitCode).toBe(2);
    expect(nobody.stdout).toContain("+[otel]");
    expect(nobody.stderr).toContain("Look at the above, then add --yes.");
    const no = await run(["init", "--service"], {}, "n\n");
    expect(no).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("Nothing was written.") });
    expect(filesBelow(home)).toEqual(before);
    expect(await run(["init", "--service"], {}, "y\n")).toMatchObject({ exitCode: 0 });
    expect(filesBelow(home)).not.toEqual(before);
    expect((await run(["init", "--undo"], {}, "n\n")).stdout).toContain("Nothing was written.");
    expect((await run(["init", "--undo"], {}, "y\n")).exitCode).toBe(0);
    expect(filesBelow(home)).toEqual(before);
  });

  it("wires no telemetry when nobody receives it, and says what is missing", async () => {
    const { home, run } = homeWithAgents();
    const declined = await run(["init", "--yes"]);
    expect(declined.stdout).toContain("what is sent to nobody is lost: it is not wired.");
    expect(Object.keys(filesBelow(home)).sort()).toEqual([
      ".claude/settings.json",
      ".local/share/moai-metrics/hooks/claude-code.sh",
      ".local/share/moai-metrics/init-journal.json",
    ]);
    const no = await run(["init", "codex", "--no-service", "--yes"]);
    expect(no.stdout).toContain("it is not wired.");
  });

  it("wires telemetry to a receiver that runs, and keeps it when that stops", async () => {
    const { home, run, write, read } = homeWithAgents({ codex: "0.169.0" });
    const served = await startServe(home);
    write(".config/moai-metrics/config.json", JSON.stringify({ metrics: { receiver: { port: served.port } } }));
    expect((await run(["init", "codex", "--yes"])).stdout).toContain(`runs on http://127.0.0.1:${served.port}`);
    expect(read(".codex/config.toml")).toContain(`127.0.0.1:${served.port}/v1/logs`);
    const other = await run(["init", "codex", "--yes", "--storage", join(home, "other")]);
    expect(other.stdout).toContain("another storage folder");
    served.child.kill("SIGTERM");
    await served.ended;
    const later = await run(["init", "codex", "--yes"]);
    expect(later.stdout).toContain("nothing to write");
    expect(read(".codex/config.toml")).toContain("/v1/logs");
  });

  it("keeps away from a port of another program", async () => {
    const { run, write } = homeWithAgents({ codex: "0.169.0" });
    const server = createServer((_, response) => response.end("collector")).listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    write(".config/moai-metrics/config.json", JSON.stringify({ metrics: { receiver: { port } } }));
    const asked = await run(["init", "--yes", "--service"]);
    expect(asked).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("config set receiver.port 4319 --user"),
    });
    expect((await run(["init", "--yes"])).stdout).toContain("Another program listens");
  });

  it("refuses what cannot be, with a remedy", async () => {
    const { home, run, write } = homeWithAgents({});
    const answer = async (...argv: string[]) => {
      const { exitCode, stderr } = await run(["init", ...argv]);
      return [exitCode, stderr];
    };
    expect(await answer("codex", "--yes")).toEqual([1, expect.stringContaining("Codex was not found")]);
    expect(await answer("moai", "--yes")).toEqual([1, expect.stringContaining("no project of MoAI")]);
    expect(await answer("cursor")).toEqual([2, expect.stringContaining("Allowed choices are")]);
    expect(await answer("codex", "--undo")).toEqual([2, expect.stringContaining("leave the agent")]);
    expect(await run(["init"], { MOAI_METRICS_DISABLED: "1" })).toMatchObject({ exitCode: 1 });
    expect((await run(["init", "--yes"])).stdout).toContain("nothing to write");
    write(".config/moai-metrics/config.json", '{"metrics":{"receiver":{"port":0}}}');
    expect(await answer("--service", "--yes")).toEqual([1, expect.stringContaining("receiver.port is 0")]);
    write(".config/moai-metrics/config.json", '{"metrics":{"enabled":false}}');
    expect(await answer("--yes")).toEqual([1, expect.stringContaining("enabled is off")]);
    write(".local/share/moai-metrics/init-journal.json", "x");
    expect((await run(["init", "--undo", "--yes"])).stderr).toContain("by hand, then delete it");
    expect(readdirSync(home)).not.toContain(".codex");
  });

  it("says what could not be done with the service, and that is no failure", async () => {
    const { bin, run } = homeWithAgents({ codex: "0.169.0" });
    program(join(bin, "systemctl"), 'echo "Failed to connect to bus" >&2; exit 1');
    const failed = await run(["init", "--yes", "--service"]);
    expect(failed.exitCode).toBe(0);
    expect(failed.stdout).toContain(
      "The service was not started: systemctl --user daemon-reload: Failed to connect to bus.",
    );
    expect(failed.stdout).toContain("  systemctl --user enable moai-metrics.service\n");
    expect((await run(["init", "--undo", "--yes"])).stdout).toContain("The service was not stopped");
    renameSync(join(bin, "systemctl"), join(bin, "gone"));
    const absent = await run(["init", "--yes", "--service"], { PATH: bin });
    expect(absent.stdout).toContain("systemctl is not on this machine");
  });

  it("writes through a link, and leaves the link", async () => {
    const { home, run, write } = homeWithAgents({ codex: "0.169.0" });
    write("dotfiles/codex.toml", "a = 1\n");
    mkdirSync(join(home, ".codex"));
    symlinkSync("../dotfiles/codex.toml", join(home, ".codex", "config.toml"));
    const { stdout } = await run(["init", "--yes", "--service"]);
    expect(stdout).toContain(`a link to ${join(home, "dotfiles", "codex.toml")}`);
    expect(lstatSync(join(home, ".codex", "config.toml")).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(home, "dotfiles", "codex.toml"), "utf8")).toContain("[otel]");
    await run(["init", "--undo", "--yes"]);
    expect(readFileSync(join(home, "dotfiles", "codex.toml"), "utf8")).toBe("a = 1\n");
  });

  it("puts the token into closed files, makes one where there is none, and shows none", async () => {
    const { home, run, write, read } = homeWithAgents();
    write(".config/moai-metrics/config.json", '{"metrics":{"receiver":{"requireToken":true}}}');
    write(".claude/settings.json", "{}\n", 0o644);
    const { stdout } = await run(["init", "--yes", "--service"]);
    const token = read(".local/share/moai-metrics/receiver-token").trim();
    expect(token.length).toBeGreaterThan(40);
    expect(read(".claude/settings.json")).toContain(`Authorization=Bearer%20${token}`);
    expect(read(".codex/config.toml")).toContain(`headers = { Authorization = "Bearer ${token}" }`);
    expect(stdout).not.toContain(token);
    expect(stdout).toContain("Gemini CLI: telemetry is left alone");
    for (const path of [
      ".claude/settings.json",
      ".codex/config.toml",
      ".local/share/moai-metrics/receiver-token",
      ".local/share/moai-metrics/init-journal.json",
    ]) {
      expect(statSync(join(home, path)).mode & 0o077, path).toBe(0);
    }
    expect((await run(["init", "--yes"])).stdout).toContain("nothing to write");
    await run(["init", "--undo", "--yes"]);
    expect(statSync(join(home, ".claude/settings.json")).mode & 0o777).toBe(0o644);
    chmodSync(join(home, ".local/share/moai-metrics"), 0o700);
    write(".local/share/moai-metrics/receiver-token", "a-token-that-others-can-read\n", 0o644);
    expect((await run(["init", "--yes"])).stderr).toContain("chmod 600");
  });

  it("takes out only its own when a file was changed since, and leaves a service file that is no longer its own", async () => {
    const { run, write, read } = homeWithAgents();
    write(".claude/settings.json", '{\n  "model": "opus"\n}\n');
    await run(["init", "--yes", "--service"]);
    write(".claude/settings.json", read(".claude/settings.json").replace('"opus"', '"haiku"'));
    write(UNIT, `${read(UNIT)}# mine\n`);
    const undone = await run(["init", "--undo", "--yes"]);
    expect(undone.stdout).toContain("was changed since: only what init wrote is taken out.");
    expect(read(".claude/settings.json")).toBe('{\n  "model": "haiku"\n}\n');
    expect(undone).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("Delete it if you do not need it") });
    expect(read(UNIT)).toContain("# mine");
  });

  it("leaves files alone that it cannot read or write, and does the others", async () => {
    const { home, run, write, read } = homeWithAgents();
    write(".claude/settings.json", "{ broken\n");
    mkdirSync(join(home, ".gemini"));
    symlinkSync(join(home, "nowhere", "deep", "settings.json"), join(home, ".gemini", "settings.json"));
    write("nowhere", "a file where a folder should be");
    mkdirSync(join(home, ".codex"));
    symlinkSync("/proc/self/nothing.toml", join(home, ".codex", "config.toml"));
    const { stdout, stderr, exitCode } = await run(["init", "--yes", "--service"]);
    expect(stdout).toContain(".claude/settings.json is left alone: line 1: ");
    expect(stdout).toContain(".gemini/settings.json is left alone: it cannot be read (ENOTDIR).");
    expect(read(UNIT)).toContain("ExecStart");
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining("config.toml was not written: ENOENT")]);
  });

  it("wires the hooks of a MoAI project where its updater does not write", async () => {
    const { home, write, read } = homeWithAgents({ claude: "2.1.330" });
    write("work/.moai/config/sections/system.yaml", "x: 1\n");
    write("work/.claude/settings.json", "{}\n");
    write("work/.claude/settings.local.json", '{\n  "env": {"GLM": "x"}\n}\n', 0o600);
    mkdirSync(join(home, "work", "deep"));
    const inProject = { variables: { PATH: `${home}/bin:/usr/bin:/bin` }, workingFolder: join(home, "work", "deep") };
    expect(await runHere(home, ["init", "moai", "--yes"], inProject)).toMatchObject({ exitCode: 0 });
    expect(read("work/.claude/settings.json")).toBe("{}\n");
    expect(Object.keys(JSON.parse(read("work/.claude/settings.local.json")).hooks)).toContain("SubagentStart");
    const hook = join(home, "work", ".moai", "hooks", "metrics-post-task.sh");
    spawnSync(hook, ["task-001", "expert-backend", "success", "1200", "345"], {
      env: { PATH: "/usr/bin:/bin", HOME: home },
    });
    const spool = join(home, ".local/share/moai-metrics/spool");
    expect(readFileSync(join(spool, readdirSync(spool)[0]!), "utf8")).toContain(`"cwd":"${join(home, "work")}"`);
    const all = await runHere(home, ["init", "--yes"], inProject);
    expect(all.exitCode).toBe(0);
    expect(read("work/.claude/settings.local.json")).toBe('{\n  "env": {"GLM": "x"}\n}\n');
    expect(read(".claude/settings.json")).toContain("SubagentStart");
    expect((await runHere(home, ["init", "moai", "--yes"], inProject)).stdout).toContain("nothing to write");
    await runHere(home, ["init", "--undo", "--yes"], inProject);
    expect(read("work/.claude/settings.local.json")).toBe('{\n  "env": {"GLM": "x"}\n}\n');
    expect(existsSync(dirname(hook))).toBe(false);
    write("work/.moai/hooks/metrics-post-task.sh", "#!/bin/bash\njq .\n", 0o755);
    expect((await runHere(home, ["init", "moai", "--yes"], inProject)).stdout).toContain(
      "metrics-post-task.sh is left alone",
    );
    expect(read("work/.moai/hooks/metrics-post-task.sh")).toContain("jq");
  });

  it("honours CLAUDE_CONFIG_DIR, CODEX_HOME, GEMINI_CLI_HOME, XDG_CONFIG_HOME and MoAI's profiles", async () => {
    const { home, run, write } = homeWithAgents();
    mkdirSync(join(home, ".moai", "claude-profiles", "work"), { recursive: true });
    write(".moai/claude-profiles/notes.txt", "x");
    const variables = {
      CLAUDE_CONFIG_DIR: `${home}/one, ${home}/two/projects,relative`,
      CODEX_HOME: `${home}/codex`,
      GEMINI_CLI_HOME: `${home}/gemini`,
      XDG_CONFIG_HOME: `${home}/cfg`,
    };
    await run(["init", "--yes", "--service"], variables);
    expect(
      Object.keys(filesBelow(home))
        .filter((path) => !path.startsWith(".local"))
        .sort(),
    ).toEqual([
      ".moai/claude-profiles/notes.txt",
      ".moai/claude-profiles/work/settings.json",
      "cfg/systemd/user/moai-metrics.service",
      "codex/config.toml",
      "gemini/.gemini/settings.json",
      "one/settings.json",
      "two/settings.json",
    ]);
    expect(readFileSync(join(home, "cfg/systemd/user/moai-metrics.service"), "utf8")).toContain(
      `Environment="CODEX_HOME=${home}/codex"`,
    );
  });

  it("reads a version from the package that a program is linked from, and does not run it", async () => {
    const { home, bin, run, write } = homeWithAgents({ gemini: "0.1.0" });
    const packaged = "lib/node_modules/@google/gemini-cli";
    write(`${packaged}/package.json`, JSON.stringify({ version: "0.61.0", bin: { gemini: "bundle/gemini.js" } }));
    write(`${packaged}/bundle/gemini.js`, `#!/bin/sh\necho 0.2.0 | tee "${home}/left-by-gemini"\n`, 0o755);
    rmSync(join(bin, "gemini"));
    symlinkSync(join(home, packaged, "bundle/gemini.js"), join(bin, "gemini"));
    expect((await run(["init", "gemini-cli", "--yes"])).stdout).toMatch(/Gemini CLI +0\.61\.0/);
    expect(existsSync(join(home, "left-by-gemini"))).toBe(false);
    for (const other of ['{"version":"0.61.0","bin":{"gemini":"other.js"}}', '{"bin":"bundle/gemini.js"}', "{"]) {
      write(`${packaged}/package.json`, other);
      expect((await run(["init", "gemini-cli"])).stdout).toMatch(/Gemini CLI +0\.2\.0/);
    }
  });

  it("adds no hooks where they are switched off, or the version is not known", async () => {
    const { run, write, read } = homeWithAgents({ claude: "no number" });
    expect((await run(["init", "--yes"])).stdout).toContain("does not tell its version");
    const { run: runOther, write: writeOther, read: readOther } = homeWithAgents({ claude: "2.1.330" });
    writeOther(".claude/settings.json", '{"disableAllHooks": true}\n');
    expect((await runOther(["init", "--yes"])).stdout).toContain("hooks are off (disableAllHooks)");
    expect(readOther(".claude/settings.json")).toBe('{"disableAllHooks": true}\n');
    write(".claude/settings.json", '{"env":{"OTEL_EXPORTER_OTLP_ENDPOINT":"https://otel.example"}}');
    expect((await run(["init", "--yes", "--service"])).stdout).toContain(
      "OTEL_EXPORTER_OTLP_ENDPOINT is set there to something else",
    );
    expect(read(".claude/settings.json")).toBe('{"env":{"OTEL_EXPORTER_OTLP_ENDPOINT":"https://otel.example"}}');
  });
});

describe("init with nothing to write", () => {
  it("says so of no agent, and does not call well what it leaves alone", async () => {
    const { run, write } = homeWithAgents({});
    expect((await run(["init", "--yes", "--no-service"])).stdout).toMatch(/No agent was found: nothing to write\.\n$/);
    write(".codex/config.toml", "[otel\n");
    const { stdout } = await run(["init", "--yes", "--no-service"]);
    expect(stdout).toContain("config.toml is left alone: line 1");
    expect(stdout).toMatch(/Beside that, nothing to write\.\n$/);
  });
});

const hasScript = spawnSync("script", ["--version"]).status === 0;

describe.runIf(isLinux && hasScript)("init at a terminal", () => {
  it("asks for the service and for the files, and does what was answered", () => {
    const { home, bin } = homeWithAgents({ codex: "0.169.0" });
    const command = `${process.execPath} ${BINARY} init codex`;
    const { stdout } = spawnSync("script", ["-qec", command, "/dev/null"], {
      input: "y\ny\n",
      encoding: "utf8",
      env: { PATH: `${bin}:/usr/bin:/bin`, HOME: home, TERM: "xterm" },
      timeout: 20_000,
    });
    expect(stdout).toContain("Let a service of systemd receive it");
    expect(stdout).toContain("Write these 2 files and start the service? [y/N]");
    expect(readFileSync(join(home, ".codex", "config.toml"), "utf8")).toContain("[otel]");
    expect(existsSync(join(home, UNIT))).toBe(true);
  });
});
