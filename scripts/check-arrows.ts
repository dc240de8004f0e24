/**
 * Holds the arrows between the packages: which package may import which, and who alone may touch the SDK and SQLite.
 * Usage: node scripts/check-arrows.ts [root]
 */
import { globSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import path from "node:path";

/** Folder of a package → folders it may import. Anything not listed here is not a package. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  model: [],
  settings: ["model"],
  store: ["settings", "model"],
  agents: ["settings", "model"],
  instrumentation: ["agents", "model"],
  "sqlite-exporter": ["store", "agents", "instrumentation", "settings", "model"],
  report: ["store", "settings", "model"],
  receiver: ["store", "agents", "report", "sqlite-exporter", "settings", "model"],
  cli: ["receiver", "report", "sqlite-exporter", "agents", "instrumentation", "store", "settings", "model"],
};

/** Libraries that only some packages may import, and where the need belongs instead. */
const reserved: readonly {
  readonly library: RegExp;
  readonly allowedIn: readonly string[];
  readonly remedy: string;
}[] = [
  {
    library: /^(ink|react)$/,
    allowedIn: ["cli"],
    remedy: "the terminal belongs to packages/cli, which is published as a bundle",
  },
  {
    library: /^better-sqlite3$/,
    allowedIn: ["store"],
    remedy: "add what you need to packages/store",
  },
  {
    library: /^@opentelemetry\/(?!api$)/,
    allowedIn: ["sqlite-exporter"],
    remedy: "the SDK belongs to packages/sqlite-exporter; elsewhere use @opentelemetry/api",
  },
  {
    library: /^@opentelemetry\/api$/,
    allowedIn: ["instrumentation", "sqlite-exporter", "cli"],
    remedy: "keep OpenTelemetry at the edges: packages/instrumentation or packages/sqlite-exporter",
  },
];

/**
 * The one place that may load what an application has installed or not: packages above its own, and the SDK. Only as
 * types, or by name at run time.
 */
const optional = {
  folder: "packages/instrumentation/src/register/",
  packages: ["sqlite-exporter"],
  library: /^@opentelemetry\//,
};

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

interface Import {
  readonly specifier: string;
  readonly line: number;
}

/** Every module that a source names: static, type-only, dynamic, re-exported. Comments are not read. */
function findImports(source: string): Import[] {
  const code = source
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, " "))
    .replace(/^\s*\/\/.*$/gm, "");
  const patterns = [
    /^\s*(?:import|export)\b[^;"'`]*?\bfrom\s*["']([^"']+)["']/gm,
    /^\s*import\s*["']([^"']+)["']/gm,
    /\b(?:import|import\.meta\.resolve|require)\s*\(\s*["']([^"']+)["']/g,
  ];
  return patterns.flatMap((pattern) =>
    [...code.matchAll(pattern)].map((match) => ({
      specifier: match[1] ?? "",
      line: code.slice(0, match.index + match[0].length).split("\n").length,
    })),
  );
}

/** `@scope/name/deep` → `@scope/name`; `name/deep` → `name`. */
function packageOf(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

/** What is wrong with one import, or undefined. */
function judge(
  folder: string,
  file: string,
  specifier: string,
  names: ReadonlyMap<string, string>,
  manifest: Manifest,
) {
  if (specifier.startsWith("node:")) return undefined;
  if (specifier.startsWith(".")) {
    const target = path.posix.join(path.posix.dirname(file), specifier);
    if (target.startsWith(`packages/${folder}/`)) return undefined;
    return `reaches outside its package with "${specifier}": import the package by its name`;
  }
  const library = packageOf(specifier);
  if (builtinModules.includes(library)) return `imports "${specifier}": write "node:${specifier}"`;
  const target = names.get(library);
  const isOptionalPeer = manifest.peerDependenciesMeta?.[library]?.optional === true;
  if (file.startsWith(optional.folder) && isOptionalPeer) {
    if (optional.library.test(library) || optional.packages.some((name) => name === target)) return undefined;
  }
  if (target !== undefined && !arrows[folder]?.includes(target)) {
    const allowed = arrows[folder]?.join(", ") || "no other package";
    return `${folder} may not import ${target}: it may import ${allowed}. Move the code down or pass the value in`;
  }
  const rule = reserved.find((candidate) => candidate.library.test(library));
  if (rule !== undefined && !rule.allowedIn.includes(folder)) {
    return `${folder} may not import ${library}: ${rule.remedy}`;
  }
  if (manifest.dependencies?.[library] === undefined && manifest.peerDependencies?.[library] === undefined) {
    return `${library} is not declared: add it to dependencies in packages/${folder}/package.json`;
  }
  return undefined;
}

/** Every broken arrow below `root`, one line each, as `file:line  what is wrong and what to do`. */
export function findBrokenArrows(root: string): string[] {
  const manifests = new Map<string, Manifest>();
  for (const file of globSync("packages/*/package.json", { cwd: root })) {
    manifests.set(path.basename(path.dirname(file)), JSON.parse(readFileSync(path.join(root, file), "utf8")));
  }
  const names = new Map([...manifests].map(([folder, manifest]) => [manifest.name, folder]));
  const unknown = [...manifests.keys()].filter((folder) => arrows[folder] === undefined);
  const broken = unknown.map(
    (folder) => `packages/${folder}/package.json:1  add ${folder} to the arrows in scripts/check-arrows.ts`,
  );
  for (const [folder, manifest] of manifests) {
    if (arrows[folder] === undefined) continue;
    for (const native of globSync(`packages/${folder}/{src,bin,sample}/**/*.{ts,js}`, { cwd: root }).sort()) {
      const file = native.split(path.sep).join("/");
      for (const { specifier, line } of findImports(readFileSync(path.join(root, file), "utf8"))) {
        const problem = judge(folder, file, specifier, names, manifest);
        if (problem !== undefined) broken.push(`${file}:${line}  ${problem}`);
      }
    }
  }
  return broken;
}

if (import.meta.main) {
  const broken = findBrokenArrows(process.argv[2] ?? path.dirname(import.meta.dirname));
  for (const line of broken) console.error(line);
  console.log(broken.length === 0 ? "Arrows hold." : `${broken.length} broken.`);
  process.exitCode = broken.length === 0 ? 0 : 1;
}
