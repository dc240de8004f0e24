import { spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");
const checkout = path.join(root, "packages/cli/bin/moai-metrics.js");
let project: string;

/** Runs a command to its end and returns what it printed; a failure shows everything that it said. */
function succeed(command: string, args: string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: "utf8" });
  expect(status, `${command} ${args.join(" ")}\n${stdout}\n${stderr}\n${error ?? ""}`).toBe(0);
  return stdout;
}

/** A home of an agent's user, with the transcripts of one session. */
function homeWithTranscripts(): string {
  const home = emptyHome();
  cpSync(path.join(root, "packages/cli/test/fixtures/projects"), path.join(home, ".claude/projects"), {
    recursive: true,
  });
  return home;
}

function emptyHome(): string {
  const home = mkdtempSync(path.join(tmpdir(), "packed-home-"));
  onTestFinished(() => rmSync(home, { recursive: true }));
  return home;
}

function environmentOf(home: string): NodeJS.ProcessEnv {
  return { PATH: process.env["PATH"], HOME: home, TZ: "UTC", NO_COLOR: "1" };
}

function installedCommand(): string {
  return path.join(project, "node_modules/moai-metrics/bin/moai-metrics.js");
}

/** What a command prints for a user, with a store of its own. */
function answerOf(command: string, home: string, argv: readonly string[]): string {
  const storage = mkdtempSync(path.join(home, "storage-"));
  const env = { ...environmentOf(home), MOAI_METRICS_STORAGE: storage };
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...argv], {
    cwd: home,
    env,
    encoding: "utf8",
  });
  expect(status, `${command} ${argv.join(" ")}\n${stdout}\n${stderr}`).toBe(0);
  return stdout;
}

/** The statements with which the code of a module begins. */
function importsOf(code: string): string {
  return /^(?:import[^;]*;\s*)*/.exec(code)?.[0] ?? "";
}

function staged(folder: string): Record<string, unknown> {
  return JSON.parse(readFileSync(path.join(root, "dist", folder, "package.json"), "utf8"));
}

beforeAll(() => {
  succeed("npm", ["run", "build"], root);
  project = mkdtempSync(path.join(tmpdir(), "packed-"));
  const tarballs = path.join(project, "tarballs");
  mkdirSync(tarballs);
  const folders = readdirSync(path.join(root, "dist"));
  succeed("npm", ["pack", "--pack-destination", tarballs, ...folders.map((folder) => `./dist/${folder}`)], root);
  writeFileSync(path.join(project, "package.json"), '{"private":true,"type":"module"}');
  const files = readdirSync(tarballs).map((file) => `./tarballs/${file}`);
  succeed("npm", ["install", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund", ...files], project);
});
afterAll(() => {
  rmSync(project, { recursive: true });
});

describe("the packed packages, installed into an empty project", () => {
  it("are all there, with JavaScript, declarations, licence and no development dependencies", () => {
    for (const folder of readdirSync(path.join(root, "packages"))) {
      const manifest = staged(folder);
      const installed = path.join(project, "node_modules", String(manifest["name"]));
      expect(existsSync(path.join(installed, "LICENSE")), folder).toBe(true);
      expect(manifest["devDependencies"], folder).toBeUndefined();
      const entries = Object.values((manifest["exports"] ?? {}) as Record<string, { types: string; default: string }>);
      for (const file of entries.flatMap((entry) => [entry.types, entry.default])) {
        expect(existsSync(path.join(installed, file)), `${folder} ${file}`).toBe(true);
      }
    }
  });

  it("carry no TypeScript source and name none", () => {
    const scope = path.join(project, "node_modules/@moai-metrics");
    const folders = [
      ...readdirSync(scope).map((name) => path.join(scope, name)),
      path.join(project, "node_modules/moai-metrics"),
    ];
    const files = folders.flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: "utf8" }).map((file) => path.join(folder, file)),
    );
    expect(files.filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"))).toEqual([]);
    const scripts = files.filter((file) => /\/(dist|sample)\/.*\.js$/.test(file));
    expect(scripts.length).toBeGreaterThan(folders.length);
    expect(scripts.filter((file) => /["'`]\.{1,2}\/[^"'`\n]*\.ts["'`]/.test(readFileSync(file, "utf8")))).toEqual([]);
  });

  it("load, each by its own name", () => {
    const names = readdirSync(path.join(project, "node_modules/@moai-metrics")).map((name) => `@moai-metrics/${name}`);
    const script = `for (const name of ${JSON.stringify(names)}) console.log(Object.keys(await import(name)).length > 0);`;
    expect(succeed(process.execPath, ["--input-type=module", "-e", script], project)).toBe(
      "true\n".repeat(names.length),
    );
  });

  it("carry declarations that a strict consumer can read", () => {
    const names = readdirSync(path.join(project, "node_modules/@moai-metrics")).map((name) => `@moai-metrics/${name}`);
    const lines = names.map((name, index) => `export type T${index} = keyof typeof import("${name}");`);
    writeFileSync(path.join(project, "consumer.ts"), `${lines.join("\n")}\n`);
    const options = [
      "--strict",
      "--module",
      "nodenext",
      "--target",
      "es2024",
      "--lib",
      "es2024,esnext.disposable",
      "--noEmit",
    ];
    const types = ["--typeRoots", path.join(root, "node_modules/@types"), "--types", "node"];
    const compiler = path.join(root, "node_modules/typescript/bin/tsc");
    succeed(process.execPath, [compiler, ...options, ...types, "consumer.ts"], project);
  });

  it("load an application's own part from few files", () => {
    const program = `
      import module from "node:module";
      let files = 0;
      module.registerHooks({ load: (url, context, next) => (files += Number(!url.includes("@opentelemetry/api/")), next(url, context)) });
      await import("@moai-metrics/instrumentation");
      await import("@moai-metrics/sqlite-exporter/start");
      console.log(files);`;
    expect(Number(succeed(process.execPath, ["--input-type=module", "-e", program], project))).toBeLessThan(80);
  });

  it("record what a registered program does", () => {
    const home = emptyHome();
    const program = `import { withTask } from "@moai-metrics/instrumentation"; withTask("packed", () => {});`;
    const register = ["--import", "@moai-metrics/instrumentation/register"];
    const run = (args: readonly string[]) => {
      const env = { ...environmentOf(home), MOAI_METRICS_STORAGE: home };
      const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: project, env, encoding: "utf8" });
      return { status, said: stdout + stderr };
    };
    expect(run([...register, "--input-type=module", "-e", program])).toEqual({ status: 0, said: "" });
    expect(run([installedCommand(), "task", "--json"]).said).toContain('"packed"');
  });

  it("give a command that tells its version", () => {
    const bin = path.join(project, "node_modules/.bin/moai-metrics");
    const version = String(staged("cli")["version"]);
    expect(succeed(process.execPath, [bin, "--version"], project)).toContain(version);
  });

  it("give a command that is bundled and needs no package of ours", () => {
    const names = Object.keys(staged("cli")["dependencies"] as object);
    expect(names).toEqual(expect.arrayContaining(["better-sqlite3", "string-width", "zod"]));
    const chunks = path.join(project, "node_modules/moai-metrics/dist");
    const imported = readdirSync(chunks).flatMap((file) =>
      [...importsOf(readFileSync(path.join(chunks, file), "utf8")).matchAll(/(?:from|import)\s*"([^."][^"]*)"/g)].map(
        ([, specifier = ""]) => /^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? "",
      ),
    );
    expect(imported).toContain("zod");
    expect(imported.filter((name) => !name.startsWith("node:") && !names.includes(name))).toEqual([]);
    const notices = readFileSync(path.join(chunks, "THIRD-PARTY-NOTICES.txt"), "utf8");
    for (const name of ["commander", "ink", "react"]) {
      expect(names).not.toContain(name);
      expect(notices).toMatch(new RegExp(`^${name} \\d`, "m"));
    }
    // Only its native part is installed for the command.
    expect(notices).toMatch(/^better-sqlite3 \d/m);
  });

  it("give a command of ASCII, which reads no module of Node as an ES module", () => {
    const chunks = path.join(project, "node_modules/moai-metrics/dist");
    const scripts = readdirSync(chunks).filter((file) => file.endsWith("js"));
    expect(scripts.length).toBeGreaterThan(50);
    for (const script of scripts) {
      const code = readFileSync(path.join(chunks, script), "utf8");
      expect(code.match(/[^\0-\x7f].{0,40}/u)?.[0], script).toBeUndefined();
      expect(importsOf(code).match(/import(?!\s*\*)[^;]*"node:[^;]*/)?.[0], script).toBeUndefined();
    }
  });

  it("give a command that finds in a few files what it answers with", () => {
    const env = environmentOf(homeWithTranscripts());
    const filesOf = (...argv: string[]): string[] => {
      const count = `import { registerHooks } from "node:module";
        registerHooks({ load: (url, context, next) => (process._rawDebug("loads " + url), next(url, context)) });`;
      const { stderr, status } = spawnSync(
        process.execPath,
        ["--import", `data:text/javascript,${encodeURIComponent(count)}`, installedCommand(), ...argv],
        { env, encoding: "utf8", input: "{}" },
      );
      expect(status, stderr).toBe(0);
      return [...stderr.matchAll(/^loads file:.*\/(?:moai-metrics|better-sqlite3)\/(.*)$/gm)].map(
        ([, file = ""]) => file,
      );
    };
    filesOf("import");
    expect(filesOf("daily", "--json").length).toBeLessThanOrEqual(12);
    expect(filesOf("statusline").length).toBeLessThanOrEqual(7);
    expect(filesOf("hook", "claude-code")).toEqual(["bin/moai-metrics.js", "dist/run-hook.cjs"]);
    expect(filesOf("hook", "post-task", "t")).toEqual(["bin/moai-metrics.js", "dist/run-hook.cjs"]);
  });

  it.each([
    ["daily", "--json"],
    ["daily", "--breakdown"],
    ["session", "--json"],
    ["report", "weekly", "--date", "2026-11-22"],
  ])("give a command that answers %s %s as the checkout does", (...argv) => {
    const home = homeWithTranscripts();
    const answer = answerOf(installedCommand(), home, argv);
    expect(answer).toMatch(/claude/i);
    expect(answer).toBe(answerOf(checkout, home, argv));
  });

  it("give a command that checks a configuration", () => {
    const home = emptyHome();
    const file = path.join(home, "config.json");
    writeFileSync(file, '{"metrics":{"receiver":{"port":4319}}}');
    expect(answerOf(installedCommand(), home, ["config", "list", "--config", file])).toContain("4319");
  });

  it("give a command whose sample agent has its measurements written by a thread", () => {
    expect(answerOf(installedCommand(), emptyHome(), ["start"])).toMatch(/Tasks completed +5 /);
  });

  it("give a command that receives and watches in threads", async () => {
    const home = homeWithTranscripts();
    const child = spawn(process.execPath, [installedCommand(), "serve", "--port", "0", "--verbose"], {
      cwd: home,
      env: environmentOf(home),
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    const ended = new Promise((resolve) => child.once("exit", resolve));
    let output = "";
    const told = (pattern: RegExp): Promise<string> =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const [, found] = pattern.exec(output) ?? [];
          if (found !== undefined) resolve(found);
        };
        child.stdout.on("data", look);
        void ended.then(() => reject(new Error(output)));
        look();
      });
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text: Buffer) => (output += text));
    const url = await told(/Listening on (\S+) /);
    expect(Number(await told(/Took in \d+ files: (\d+) facts/))).toBeGreaterThan(0);
    const dataPoints = [{ asInt: "3", timeUnixNano: `${Date.now()}000000`, attributes: [] }];
    const metrics = [{ name: "packed.count", sum: { aggregationTemporality: 1, isMonotonic: true, dataPoints } }];
    const response = await fetch(`${url}/v1/metrics`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ resourceMetrics: [{ resource: {}, scopeMetrics: [{ scope: {}, metrics }] }] }),
    });
    expect([response.status, await response.text()]).toEqual([200, "{}"]);
    child.kill("SIGTERM");
    expect(await ended, output).toBe(0);
  });
});
