/** The hook for ES modules of Nodes that have no synchronous ones: it runs in a thread of its own. */
import type { LoadHook } from "node:module";
import { withTail } from "./tail.ts";

/** CommonJS is left to `Module.prototype._compile`. */
export const load: LoadHook = async (url, context, nextLoad) => {
  const loaded = await nextLoad(url, context);
  return loaded.format === "module" ? withTail(url, loaded) : loaded;
};
