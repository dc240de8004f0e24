/** The environment variables of our threads. */
import { getCompileCacheDir } from "node:module";

/**
 * What the program preloads (`NODE_OPTIONS`) is not for its threads; what it has compiled is: a thread that compiles
 * everything anew takes tens of megabytes for it.
 */
export function threadEnvironment(): NodeJS.ProcessEnv {
  const cache = getCompileCacheDir();
  return { ...process.env, NODE_OPTIONS: "", ...(cache !== undefined && { NODE_COMPILE_CACHE: cache }) };
}
