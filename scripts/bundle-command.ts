/** The command as it is published: its own modules and those of our packages in few files, which load in a moment. */
import { readFileSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import path from "node:path";
import { type OutputChunk, type Plugin, rolldown } from "rolldown";
import { plainBuiltins } from "./plain-builtins.ts";
import { noticesOf } from "./third-party-notices.ts";

/**
 * What others wrote stays a dependency, so that native modules, licences and updates remain theirs. But what draws the
 * dashboard is some forty packages, which take twice as long to load by themselves, and every command reads its flags.
 */
export const BUNDLED: ReadonlySet<string> = new Set(["commander", "ink", "react"]);

/** Its native part stays a dependency. What calls that is a dozen small files, which take longer to find than to run. */
const NATIVE = "better-sqlite3";

function isExternal(id: string, importer: string | undefined): boolean {
  if (isBuiltin(id)) return !isLeftOut(id, importer);
  if (id.startsWith("@moai-metrics/") || id.startsWith(".") || path.isAbsolute(id) || id.startsWith("\0")) return false;
  return !BUNDLED.has(id) && id !== NATIVE && importer?.includes("node_modules") !== true;
}

/** The URL of a module that is started as a thread, or loaded by hand. */
const MODULE_URL = /new URL\(\s*["'](\.{1,2}\/[^"']+\.ts)["'],\s*import\.meta\.url\)/g;

/** A bundler follows imports only. Threads become files of their own, and their URLs point to where those end up. */
export const threads: Plugin = {
  name: "threads",
  transform(code, id) {
    if (!code.includes("import.meta.url")) return undefined;
    return code.replace(MODULE_URL, (_, relative: string) => {
      const file = this.emitFile({ type: "chunk", id: path.resolve(path.dirname(id), relative) });
      return `new URL(import.meta.ROLLUP_FILE_URL_${file})`;
    });
  },
};

/**
 * What nobody has here is left out: Ink can connect to React's developer tools, a package of its own; Commander can start
 * other programs as commands, and loads for them what takes longer than itself.
 */
const withoutUnused: Plugin = {
  name: "without what is not used",
  resolveId: (source, importer) => (isLeftOut(source, importer) ? NOTHING : undefined),
  load: (id) => (id === NOTHING ? "export default {};" : undefined),
};
const NOTHING = "\0nothing";

function isLeftOut(source: string, importer: string | undefined): boolean {
  return (
    (/^\.\/devtools(-window-polyfill)?\.js$/.test(source) && isOf("ink", importer)) ||
    (source === "node:child_process" && isOf("commander", importer))
  );
}

function isOf(name: string, importer: string | undefined): boolean {
  return importer?.includes(`node_modules${path.sep}${name}${path.sep}`) === true;
}

/** Where the native part lies is known to its own package, wherever that was installed. */
const nativeInItsPackage: Plugin = {
  name: "native part in its package",
  resolveId: (source, importer) => (source === "./binding" && isOf(NATIVE, importer) ? BINDING : undefined),
  load: (id) => (id === BINDING ? BINDING_CODE : undefined),
};
const BINDING = "\0binding";
const BINDING_CODE = `
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
const require = createRequire(import.meta.url);
const folder = dirname(require.resolve("${NATIVE}/package.json"));
export const { getBinding } = require(join(folder, "lib", "binding.js"));
`;

/** What answers are made with. Sources load it on demand, so that what has milliseconds need not; here it is one file. */
const ANSWERS = [
  "@moai-metrics/agents/finders",
  "@moai-metrics/receiver",
  "@moai-metrics/report",
  "@moai-metrics/report/pages",
  "@moai-metrics/settings",
  "@moai-metrics/store",
  "cli/src/budget/read-budgets.ts",
  "cli/src/flags/filter.ts",
  "cli/src/ledger/write-due-reports.ts",
  "cli/src/output/print-rows.ts",
  "cli/src/output/screen.ts",
  "cli/src/output/transcript-notes.ts",
  "cli/src/report/report-period.ts",
];
const ANSWERS_MODULE = "\0answers";
const IMPORT_ON_DEMAND = /(?<!typeof )import\(\s*"([^"]+)"\s*\)/g;
const PACKAGES = path.join(path.dirname(import.meta.dirname), "packages");

/** Imports of {@link ANSWERS} on demand become imports of one module that has all of them. */
const answersInOneFile: Plugin = {
  name: "answers in one file",
  resolveId: (source) => (source === ANSWERS_MODULE ? ANSWERS_MODULE : undefined),
  load: (id) =>
    id === ANSWERS_MODULE
      ? ANSWERS.map((each, i) => {
          const from = each.startsWith("@") ? each : path.join(PACKAGES, each);
          return `export * as part${i} from ${JSON.stringify(from)};`;
        }).join("\n")
      : undefined,
  transform(code, id) {
    if (!id.startsWith(PACKAGES)) return undefined;
    return code.replace(IMPORT_ON_DEMAND, (whole, specifier: string) => {
      const file = path.relative(PACKAGES, path.resolve(path.dirname(id), specifier)).replaceAll("\\", "/");
      const place = ANSWERS.indexOf(specifier.startsWith(".") ? file : specifier);
      return place < 0 ? whole : `import(${JSON.stringify(ANSWERS_MODULE)}).then((answers) => answers.part${place})`;
    });
  },
};

/**
 * Few files instead of many: finding and linking a file takes longer than most of them take to run. What has milliseconds
 * comes first, then what reads a command line, then what answers; each takes along what it needs and no one before has.
 */
const FILES = [
  { name: "statusline", test: /cli[\\/]src[\\/]statusline[\\/]run-status-line\.ts$|rolldown[\\/]runtime/, priority: 3 },
  { name: "program", test: /cli[\\/]src[\\/](?:command-line|program)\.ts$/, priority: 2 },
  { name: "answers", test: (id: string) => id === ANSWERS_MODULE, priority: 1 },
];

// Without comments and white space, which are a third of it; names stay, for whoever reads a stack.
const SMALLER = { compress: false, mangle: false, codegen: { removeWhitespace: true } };

/**
 * Bundles what an agent waits for as one file of CommonJS: Node starts to run it some milliseconds before it could run an
 * ES module.
 *
 * @param from its TypeScript source.
 * @param to the file to write.
 */
export async function bundleHook(from: string, to: string): Promise<void> {
  await using bundle = await rolldown({ input: from, platform: "node", external: isExternal });
  await bundle.write({ file: to, format: "cjs", minify: SMALLER });
}

/**
 * Bundles a programme of the checkout with what it imports from our packages. What is imported on demand stays in files
 * of its own, so that a command still loads only what it needs. The licences of what others wrote lie beside it.
 *
 * @param from its TypeScript source.
 * @param to the folder to write into; the programme itself keeps its name.
 */
export async function bundleCommand(from: string, to: string): Promise<void> {
  await using bundle = await rolldown({
    input: from,
    platform: "node",
    external: isExternal,
    plugins: [threads, withoutUnused, nativeInItsPackage, answersInOneFile, plainBuiltins],
    checks: { ineffectiveDynamicImport: false },
    transform: { define: { "process.env.NODE_ENV": '"production"' } },
  });
  const { output } = await bundle.write({
    dir: to,
    format: "esm",
    codeSplitting: { groups: FILES },
    charset: "ascii",
    minify: SMALLER,
  });
  const chunks = output.filter((each): each is OutputChunk => each.type === "chunk");
  const notices = noticesOf(chunks.flatMap(({ moduleIds }) => moduleIds));
  writeFileSync(path.join(to, "THIRD-PARTY-NOTICES.txt"), notices);
  // A package that is bundled and still imported would be missing where it is installed.
  for (const { fileName } of chunks) {
    const code = readFileSync(path.join(to, fileName), "utf8");
    for (const name of BUNDLED) {
      if (new RegExp(`from ?"${name}["/]`).test(code)) throw new Error(`${fileName} still imports ${name}.`);
    }
  }
}
