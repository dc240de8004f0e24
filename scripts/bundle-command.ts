/** The command as it is published: its own modules and those of our packages in few files, which load in a moment. */
import path from "node:path";
import { type Plugin, rolldown } from "rolldown";

/** Everything that is not ours stays a dependency, so that native modules, licences and updates remain theirs. */
const OF_OTHERS = /^(?!@moai-metrics\/|\.{0,2}\/|[A-Za-z]:\\)/;

/** The URL of a module that is started as a thread, or loaded by hand. */
const MODULE_URL = /new URL\(\s*["'](\.\/[^"']+\.ts)["'],\s*import\.meta\.url\)/g;

/** A bundler follows imports only. Threads become files of their own, and their URLs point to where those end up. */
const threads: Plugin = {
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
 * Bundles a programme of the checkout with what it imports from our packages. What is imported on demand stays in files
 * of its own, so that a command still loads only what it needs.
 *
 * @param from its TypeScript source.
 * @param to the folder to write into; the programme itself keeps its name.
 */
export async function bundleCommand(from: string, to: string): Promise<void> {
  await using bundle = await rolldown({ input: from, platform: "node", external: OF_OTHERS, plugins: [threads] });
  await bundle.write({ dir: to, format: "esm" });
}
