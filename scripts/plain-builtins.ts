/** Modules of Node as they are, without the ES modules that Node makes of them, which cost more than themselves. */
import type { Plugin } from "rolldown";

/** The lines with which a bundler begins a chunk. */
const HEAD = /^(?:import .*\n)*/;
/** One of them: the default of a module of Node, some of its names, or both. */
const IMPORT = /^import (?:([\w$]+)(?:, )?)?(?:\{ ((?!.*\bdefault as ).+) \})? from "(node:[^"]+)";$/;

/**
 * For an ES module Node reads every property of a module of its own, and many of those load others: `node:process` loads
 * threads and sockets, `node:fs` streams and lines, `node:http` a whole client. Who asks for the module itself waits only
 * for what is used.
 */
export const plainBuiltins: Plugin = {
  name: "plain builtins",
  renderChunk: (code) => withPlainBuiltins(code),
};

/**
 * @param code a chunk as the bundler writes it, before it is made smaller.
 * @returns the same, with modules of Node as constants behind its imports. A namespace stays an import.
 */
export function withPlainBuiltins(code: string): string {
  return code.replace(HEAD, (head) => {
    const lines = head.split("\n").slice(0, -1);
    const imports = lines.filter((line) => !IMPORT.test(line));
    const constants = lines.flatMap((line) => constantsOf(line));
    return [...imports, ...constants].map((line) => `${line}\n`).join("");
  });
}

/** What an import of a module of Node declares, as constants; none for other imports. */
function constantsOf(line: string): readonly string[] {
  const [, byDefault, names, specifier] = IMPORT.exec(line) ?? [];
  // By way of `globalThis`, because `process` may be one of the constants.
  const module = `globalThis.process.getBuiltinModule("${specifier}")`;
  const patterns = [byDefault, names && `{ ${names.replaceAll(" as ", ": ")} }`].filter(Boolean);
  return patterns.map((pattern) => `const ${pattern} = ${module};`);
}
