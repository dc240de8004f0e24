/** The command as it is published: its own modules and those of our packages in few files, which load in a moment. */
import { readFileSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import path from "node:path";
import { type OutputChunk, type Plugin, rolldown } from "rolldown";
import { noticesOf } from "./third-party-notices.ts";

/**
 * What others wrote stays a dependency, so that native modules, licences and updates remain theirs. But what draws the
 * dashboard is some forty packages, which take twice as long to load by themselves.
 */
export const BUNDLED: ReadonlySet<string> = new Set(["ink", "react"]);

function isExternal(id: string, importer: string | undefined): boolean {
  if (isBuiltin(id)) return true;
  if (id.startsWith("@moai-metrics/") || id.startsWith(".") || path.isAbsolute(id) || id.startsWith("\0")) return false;
  return !BUNDLED.has(id) && importer?.includes("node_modules") !== true;
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

/** Ink can connect to React's developer tools, a package that nobody has here: that part is left out. */
const withoutDeveloperTools: Plugin = {
  name: "without developer tools",
  resolveId: (source, importer) =>
    /^\.\/devtools(-window-polyfill)?\.js$/.test(source) && importer?.includes(`node_modules${path.sep}ink${path.sep}`)
      ? "\0no-developer-tools"
      : undefined,
  load: (id) => (id === "\0no-developer-tools" ? "export {};" : undefined),
};

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
    plugins: [threads, withoutDeveloperTools],
    transform: { define: { "process.env.NODE_ENV": '"production"' } },
  });
  const { output } = await bundle.write({ dir: to, format: "esm" });
  const chunks = output.filter((each): each is OutputChunk => each.type === "chunk");
  const notices = noticesOf(chunks.flatMap(({ moduleIds }) => moduleIds));
  writeFileSync(path.join(to, "THIRD-PARTY-NOTICES.txt"), notices);
  // A package that is bundled and still imported would be missing where it is installed.
  for (const { fileName } of chunks) {
    const code = readFileSync(path.join(to, fileName), "utf8");
    for (const name of BUNDLED) {
      if (code.includes(`from "${name}"`)) throw new Error(`${fileName} still imports ${name}.`);
    }
  }
}
