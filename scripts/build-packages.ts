/**
 * Stages what would be published: JavaScript and declarations from one compiler run, one folder per package in `dist/`.
 * In the checkout `exports` point to the sources; only the staged copies point to JavaScript (docs/adr/0002).
 * Usage: node scripts/build-packages.ts
 */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

const root = path.dirname(import.meta.dirname);
const out = path.join(root, "dist");
const emitted = path.join(out, ".emit");

/** One entry of `exports`: `./src/x.ts` becomes the staged file and its declarations. */
function toPublishedExport(source: string): { types: string; default: string } {
  const stem = source.replace(/^\.\/src\//, "./dist/").replace(/\.ts$/, "");
  return { types: `${stem}.d.ts`, default: `${stem}.js` };
}

/** The published manifest: the checkout's, with JavaScript for TypeScript and without what only a checkout needs. */
function toPublishedManifest(manifest: Record<string, unknown>): Record<string, unknown> {
  const { devDependencies: _checkoutOnly, exports, ...kept } = manifest;
  const published = { ...kept, files: ["bin", "dist", "hooks", "sample"] };
  if (exports === undefined) return published;
  const entries = Object.entries(exports as Record<string, string>);
  return { ...published, exports: Object.fromEntries(entries.map(([name, to]) => [name, toPublishedExport(to)])) };
}

/** The compiler rewrites imports, not the URLs that start workers and child processes, nor the specifiers in declarations. */
function rewriteUrls(folder: string): void {
  for (const file of globSync("**/*.js", { cwd: folder })) {
    const code = readFileSync(path.join(folder, file), "utf8");
    const rewritten = code.replace(/(new URL\(\s*["'`]\.[^"'`]*)\.ts(["'`],\s*import\.meta\.url)/g, "$1.js$2");
    if (rewritten !== code) writeFileSync(path.join(folder, file), rewritten);
  }
}

function stage(folder: string): void {
  const from = path.join(root, "packages", folder);
  const to = path.join(out, folder);
  mkdirSync(to, { recursive: true });
  cpSync(path.join(emitted, folder, "src"), path.join(to, "dist"), { recursive: true });
  if (existsSync(path.join(emitted, folder, "sample"))) {
    cpSync(path.join(emitted, folder, "sample"), path.join(to, "sample"), { recursive: true });
  }
  for (const asset of globSync("{src,sample}/**/*.*", { cwd: from, exclude: ["**/*.ts"] })) {
    cpSync(path.join(from, asset), path.join(to, asset.replace(/^src/, "dist")));
  }
  rewriteUrls(to);
  for (const name of ["bin", "hooks"].filter((each) => existsSync(path.join(from, each)))) {
    cpSync(path.join(from, name), path.join(to, name), { recursive: true });
  }
  const manifest = JSON.parse(readFileSync(path.join(from, "package.json"), "utf8"));
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
for (const folder of folders) stage(folder);
rmSync(emitted, { recursive: true });
console.log(`Staged ${folders.length} packages in dist/.`);
