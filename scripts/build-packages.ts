/**
 * Stages what would be published, one folder per package in `dist/`: JavaScript and declarations from one compiler run;
 * the command, which nobody imports, as a bundle, and so what applications load at each start.
 * In the checkout `exports` point to the sources; only the staged copies point to JavaScript (docs/adr/0002).
 * Usage: node scripts/build-packages.ts
 */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { BUNDLED, bundleCommand, bundleHook } from "./bundle-command.ts";
import { BUNDLED_LIBRARIES, bundleLibrary } from "./bundle-library.ts";

const root = path.dirname(import.meta.dirname);
const out = path.join(root, "dist");
const emitted = path.join(out, ".emit");
const command = "cli";

type Manifest = Record<string, unknown>;
type Dependencies = Record<string, string>;

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(path.join(root, "packages", folder, "package.json"), "utf8"));
}

/** One entry of `exports`: `./src/x.ts` becomes the staged file and its declarations. */
function toPublishedExport(source: string): { types: string; default: string } {
  const stem = source.replace(/^\.\/src\//, "./dist/").replace(/\.ts$/, "");
  return { types: `${stem}.d.ts`, default: `${stem}.js` };
}

/** The published manifest: the checkout's, with JavaScript for TypeScript and without what only a checkout needs. */
function toPublishedManifest(manifest: Manifest): Manifest {
  const { devDependencies: _checkoutOnly, exports, ...kept } = manifest;
  const published = { ...kept, files: ["bin", "dist", "hooks"] };
  if (exports === undefined) return published;
  const entries = Object.entries(exports as Record<string, string>);
  return { ...published, exports: Object.fromEntries(entries.map(([name, to]) => [name, toPublishedExport(to)])) };
}

/** A bundle contains our packages, so it depends on what they depend on, unless it contains that as well. */
function dependenciesOfBundle(manifest: Manifest): Dependencies {
  const scope = "@moai-metrics/";
  const direct = Object.entries((manifest["dependencies"] ?? {}) as Dependencies);
  const all = direct.map(([name, version]) =>
    name.startsWith(scope) ? dependenciesOfBundle(readManifest(name.slice(scope.length))) : { [name]: version },
  );
  const needed = all.flatMap(Object.entries<string>).filter(([name]) => !BUNDLED.has(name));
  return Object.fromEntries(needed.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** The compiler rewrites imports, not the URLs that start workers and child processes, nor the specifiers in declarations. */
function rewriteUrls(folder: string): void {
  for (const file of globSync("**/*.js", { cwd: folder })) {
    const code = readFileSync(path.join(folder, file), "utf8");
    const rewritten = code.replace(/(new URL\(\s*["'`]\.[^"'`]*)\.ts(["'`],\s*import\.meta\.url)/g, "$1.js$2");
    if (rewritten !== code) writeFileSync(path.join(folder, file), rewritten);
  }
}

/** JavaScript and declarations of a package, and the files that lie beside its sources. */
function stageModules(folder: string, to: string): void {
  const from = path.join(root, "packages", folder, "src");
  cpSync(path.join(emitted, folder, "src"), to, { recursive: true });
  for (const asset of globSync("**/*.*", { cwd: from, exclude: ["**/*.ts"] })) {
    cpSync(path.join(from, asset), path.join(to, asset));
  }
  rewriteUrls(to);
}

/** Declarations of a package as the compiler made them, and its JavaScript in few files. */
async function stageLibrary(folder: string, to: string, manifest: Manifest): Promise<void> {
  const declarations = path.join(emitted, folder, "src");
  for (const file of globSync("**/*.d.ts", { cwd: declarations })) {
    cpSync(path.join(declarations, file), path.join(to, file));
  }
  const entries = Object.values(manifest["exports"] as Record<string, string>);
  const sources = path.join(root, "packages", folder, "src");
  await bundleLibrary(
    sources,
    entries.map((entry) => entry.replace(/^\.\/src\//, "")),
    to,
  );
}

/** What every package carries beside its modules. */
function stageRest(folder: string, to: string, manifest: Manifest): void {
  const from = path.join(root, "packages", folder);
  for (const name of ["bin", "hooks"].filter((each) => existsSync(path.join(from, each)))) {
    cpSync(path.join(from, name), path.join(to, name), { recursive: true });
  }
  writeFileSync(path.join(to, "package.json"), `${JSON.stringify(toPublishedManifest(manifest), null, 2)}\n`);
  cpSync(path.join(root, "LICENSE"), path.join(to, "LICENSE"));
  const readme = [path.join(from, "README.md"), path.join(root, "README.md")].find((file) => existsSync(file));
  if (readme !== undefined) cpSync(readme, path.join(to, "README.md"));
}

rmSync(out, { recursive: true, force: true });
const compiler = path.join(root, "node_modules", "typescript", "bin", "tsc");
const { status } = spawnSync(process.execPath, [compiler, "-p", "tsconfig.build.json"], {
  cwd: root,
  stdio: "inherit",
});
if (status !== 0) {
  console.error("Nothing was staged: the packages do not compile.");
  process.exit(1);
}
const folders = globSync("packages/*/package.json", { cwd: root }).map((file) => path.basename(path.dirname(file)));
for (const folder of folders) {
  const to = path.join(out, folder);
  mkdirSync(to, { recursive: true });
  const manifest = readManifest(folder);
  if (folder === command) {
    const sources = path.join(root, "packages", folder, "src");
    await bundleCommand(path.join(sources, "main.ts"), path.join(to, "dist"));
    await bundleHook(path.join(sources, "hook", "run-hook.ts"), path.join(to, "dist", "run-hook.cjs"));
    stageRest(folder, to, { ...manifest, dependencies: dependenciesOfBundle(manifest) });
  } else if (BUNDLED_LIBRARIES.has(folder)) {
    await stageLibrary(folder, path.join(to, "dist"), manifest);
    stageRest(folder, to, manifest);
  } else {
    stageModules(folder, path.join(to, "dist"));
    stageRest(folder, to, manifest);
  }
}
rmSync(emitted, { recursive: true });
console.log(`Staged ${folders.length} packages in dist/.`);
