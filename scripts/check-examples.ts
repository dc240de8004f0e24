/**
 * Compiles the examples in docstrings. Every function and class of the packages that applications import has one, as a
 * block of `ts` behind `@example`; names of the package that it uses are imported for it.
 * Usage: node scripts/check-examples.ts
 */
import { spawnSync } from "node:child_process";
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

const PACKAGES = ["instrumentation", "sqlite-exporter"];
/** Below it, packages are found; it is no part of the repository. */
const WORK_FOLDER = path.join("dist", ".examples");
const COMPILER_OPTIONS = { noEmit: true, allowImportingTsExtensions: true, noUnusedLocals: false };

/** A piece of code in a docstring. */
export interface Example {
  /** What the docstring describes. */
  readonly name: string;
  /** `file:line` of the docstring. */
  readonly place: string;
  readonly code: string;
}

const DOCUMENTED =
  /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*export (?:async )?(?:abstract )?(?:function\*?|class|const) (\w+)/g;

/** The examples of a source file, and what it exports without one. */
export function examplesOf(file: string, source: string): { examples: Example[]; without: string[] } {
  const examples: Example[] = [];
  const without: string[] = [];
  for (const match of source.matchAll(DOCUMENTED)) {
    const [, docstring = "", name = ""] = match;
    const text = docstring.replace(/^[ \t]*\* ?/gm, "");
    const blocks = [...text.matchAll(/@example\s*```ts\n([\s\S]*?)```/g)].map(([, code = ""]) => code);
    const place = `${file}:${source.slice(0, match.index).split("\n").length}`;
    if (blocks.length === 0) without.push(name);
    for (const code of blocks) examples.push({ name, place, code });
  }
  return { examples, without };
}

/** What an index exports that is no type, and under which names it can be imported. */
export function exportedNames(index: string): { values: string[]; types: string[] } {
  const values: string[] = [];
  const types: string[] = [];
  for (const [, isType, list = ""] of index.matchAll(/export (type )?\{([^}]*)\}/g)) {
    for (const part of list.split(",").map((each) => each.trim())) {
      const name = part.replace(/^type /, "");
      if (name !== "") (isType !== undefined || name !== part ? types : values).push(name);
    }
  }
  return { values, types };
}

/** An example as a module: with the imports that it leaves out. */
export function moduleOf(code: string, names: readonly string[], packageName: string): string {
  const own = code.match(/^import .*$/gm)?.join("\n") ?? "";
  const isUsed = (name: string): boolean => new RegExp(`\\b${name}\\b`).test(code) && !own.includes(name);
  return `import { ${names.filter(isUsed).join(", ")} } from "${packageName}";\n${code}export {};\n`;
}

function checkPackage(root: string, name: string, folder: string): string[] {
  const sources = path.join(root, "packages", name, "src");
  const { values, types } = exportedNames(readFileSync(path.join(sources, "index.ts"), "utf8"));
  const missing = new Set(values);
  for (const file of globSync("**/*.ts", { cwd: sources })) {
    const place = path.join("packages", name, "src", file);
    const { examples } = examplesOf(place, readFileSync(path.join(sources, file), "utf8"));
    for (const [index, example] of examples.entries()) {
      missing.delete(example.name);
      const text = `// ${example.place}, ${example.name}\n${moduleOf(example.code, [...values, ...types], `@moai-metrics/${name}`)}`;
      writeFileSync(path.join(folder, `${name}-${example.name}-${index}.ts`), text);
    }
  }
  return [...missing].map((each) => `${each} of ${name} has no example.`);
}

function compile(root: string, folder: string): string {
  writeFileSync(
    path.join(folder, "tsconfig.json"),
    JSON.stringify({ extends: path.join(root, "tsconfig.json"), compilerOptions: COMPILER_OPTIONS, include: ["*.ts"] }),
  );
  const compiler = path.join(root, "node_modules", "typescript", "bin", "tsc");
  const { status, stdout, stderr } = spawnSync(process.execPath, [compiler, "-p", folder], { encoding: "utf8" });
  return status === 0 ? "" : stdout + stderr || "The compiler did not run.";
}

if (import.meta.main) {
  const root = path.dirname(import.meta.dirname);
  mkdirSync(path.join(root, WORK_FOLDER), { recursive: true });
  const folder = mkdtempSync(path.join(root, WORK_FOLDER, "check-"));
  try {
    const missing = PACKAGES.flatMap((name) => checkPackage(root, name, folder));
    const errors = compile(root, folder);
    for (const line of missing) console.error(line);
    if (errors !== "") console.error(errors);
    process.exitCode = missing.length === 0 && errors === "" ? 0 : 1;
    console.log(process.exitCode === 0 ? "Examples hold." : "Examples do not hold.");
  } finally {
    rmSync(folder, { recursive: true });
  }
}
