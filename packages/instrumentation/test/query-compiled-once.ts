/**
 * `node:module` for tests that let the patch of the Claude Agent SDK load what follows a query. Loaded by Node itself,
 * as the patch does, the same files would stand in the process a second time, compiled otherwise: what is covered of
 * them could not be added up.
 */
type NodeModule = typeof import("node:module");

/** What `vi.mock("node:module", queryCompiledOnce)` needs: all of it, but for how `query.ts` is found. */
export async function queryCompiledOnce(importOriginal: () => Promise<NodeModule>): Promise<object> {
  const node = await importOriginal();
  const query = await import("../src/sdks/claude-agent/query.ts");
  const createRequire = (from: string) => {
    const require = node.createRequire(from);
    return Object.assign((name: string) => (name.endsWith("/query.ts") ? query : require(name)), require);
  };
  return { ...node, createRequire };
}
