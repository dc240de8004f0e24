import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");
let project: string;

/** Runs a command to its end and returns what it printed; a failure shows everything that it said. */
function succeed(command: string, args: string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: "utf8" });
  expect(status, `${command} ${args.join(" ")}\n${stdout}\n${stderr}\n${error ?? ""}`).toBe(0);
  return stdout;
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

  it("give a command that tells its version", () => {
    const bin = path.join(project, "node_modules/.bin/moai-metrics");
    const version = String(staged("cli")["version"]);
    expect(succeed(process.execPath, [bin, "--version"], project)).toContain(version);
  });
});
