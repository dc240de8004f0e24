/**
 * Packages that an application loads at each of its starts, in few files. Their modules lie together, those that several
 * entries need in files of their own, and so does what is loaded on demand.
 */
import { writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import path from "node:path";
import { type OutputChunk, rolldown } from "rolldown";
import { threads } from "./bundle-command.ts";
import { noticesOf } from "./third-party-notices.ts";

/** Loaded from their own files, these take longer than everything else that a start needs. */
const SDK: ReadonlySet<string> = new Set([
  "@opentelemetry/context-async-hooks",
  "@opentelemetry/core",
  "@opentelemetry/resources",
  "@opentelemetry/sdk-metrics",
  "@opentelemetry/sdk-trace",
  "@opentelemetry/semantic-conventions",
]);

/** Of our packages, entries that no one else loads in the same process. */
const OURS: ReadonlySet<string> = new Set(["@moai-metrics/agents/genai", "@moai-metrics/store/beside-the-thread"]);

/** Packages that are bundled: the folder of each. */
export const BUNDLED_LIBRARIES: ReadonlySet<string> = new Set(["instrumentation", "sqlite-exporter"]);

/** What an application may load as well stays outside: of all that keeps a state there must be one. */
function isExternal(id: string): boolean {
  if (isBuiltin(id)) return true;
  if (/^[.#\0]/.test(id) || path.isAbsolute(id)) return false;
  return !OURS.has(id) && !SDK.has(id.split("/").slice(0, 2).join("/"));
}

/**
 * Bundles a library of the checkout.
 *
 * @param sources the folder of its sources.
 * @param entries its entries, below that folder: `start/index.ts`.
 * @param to the folder to write into; entries keep their place and name.
 */
export async function bundleLibrary(sources: string, entries: readonly string[], to: string): Promise<void> {
  const input = Object.fromEntries(entries.map((entry) => [entry.replace(/\.ts$/, ""), path.join(sources, entry)]));
  await using bundle = await rolldown({ input, platform: "node", external: isExternal, plugins: [threads] });
  const { output } = await bundle.write({ dir: to, format: "esm", chunkFileNames: "chunks/[name]-[hash].js" });
  const modules = output.filter((each): each is OutputChunk => each.type === "chunk").flatMap((each) => each.moduleIds);
  if (modules.some((id) => id.includes("node_modules"))) {
    writeFileSync(path.join(to, "THIRD-PARTY-NOTICES.txt"), noticesOf(modules));
  }
}
