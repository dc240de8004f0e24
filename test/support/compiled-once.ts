/**
 * `node:module` for a test whose subject loads a file with `require()` when it is first wanted: it gets the runner's copy
 * of that file, so that what the test covers of it counts. What Node itself loads does not (`name-native-copies.ts`).
 */
type NodeModule = typeof import("node:module");

/** For `vi.mock("node:module", (original) => compiledOnce(original, end, load))`; `end` is how the file's path ends. */
export async function compiledOnce(
  importOriginal: () => Promise<NodeModule>,
  end: string,
  load: () => Promise<object>,
): Promise<object> {
  const node = await importOriginal();
  const copy = await load();
  const createRequire = (from: string | URL) => {
    const require = node.createRequire(from);
    return Object.assign((name: string) => (name.endsWith(end) ? copy : require(name)), require);
  };
  return { ...node, createRequire };
}
