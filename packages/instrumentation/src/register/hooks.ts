/** Adds our line to the files of the SDKs as Node loads them. */
import module from "node:module";
import { tailOf } from "./tail.ts";

/** The part of `node:module` that is used; tests give another. */
export type NodeModule = Partial<Pick<typeof module, "registerHooks">>;

const decoder = new TextDecoder();

/**
 * Has the files of SDKs patched from now on, by synchronous hooks, which see ES modules and CommonJS. Where Node has
 * none, it says so in one warning.
 *
 * @returns a function that takes the hooks away; what is patched by then stays patched.
 */
export function installHooks(node: NodeModule = module): () => void {
  if (node.registerHooks === undefined) {
    process.emitWarning(
      "moai-metrics: this Node.js cannot hook into the loading of modules, so calls of SDKs are not seen. Use 22.15 or newer.",
      { code: "MOAI_METRICS_NO_HOOKS" },
    );
    return () => {};
  }
  const hooks = node.registerHooks({
    load: (url, context, nextLoad) => {
      const loaded = nextLoad(url, context);
      const { source } = loaded;
      if (source == null || !url.includes("/node_modules/")) return loaded;
      const text = (): string => (typeof source === "string" ? source : decoder.decode(source));
      const tail = tailOf(url, loaded.format !== "module", text);
      return tail === undefined ? loaded : { ...loaded, source: `${text()}${tail}` };
    },
  });
  return () => hooks.deregister();
}
