/** Adds our line to the files of the SDKs as Node loads them. */
import module from "node:module";
import { pathToFileURL } from "node:url";
import { tailOf, withTail } from "./tail.ts";

/** What CommonJS files go through, the text first, the path behind it. */
interface Compiler {
  _compile(this: unknown, content: unknown, path: string, ...rest: unknown[]): unknown;
}

/** The part of `node:module` that is used; tests give another. */
export type NodeModule = Partial<Pick<typeof module, "registerHooks" | "register">> & { readonly prototype?: unknown };

/**
 * Has the files of SDKs patched from now on, ES modules and CommonJS: by synchronous hooks, or where Node has none (below
 * 22.15, and 23.0 to 23.4) by a thread that loads ES modules, which takes time at the start and is said in one warning.
 *
 * @returns a function that takes the hooks away, as far as Node can; what is patched by then stays patched.
 */
export function installHooks(node: NodeModule = module): () => void {
  if (node.registerHooks === undefined) return installSlowHooks(node);
  const hooks = node.registerHooks({ load: (url, context, nextLoad) => withTail(url, nextLoad(url, context)) });
  return () => hooks.deregister();
}

function installSlowHooks({ register, prototype }: NodeModule): () => void {
  const compiler = prototype as Partial<Compiler> | undefined;
  if (register === undefined || compiler?._compile === undefined) {
    warn("this Node.js cannot hook into the loading of modules, so calls of SDKs are not seen.", "NO_HOOKS");
    return () => {};
  }
  warn("this Node.js has no synchronous hooks: a thread loads ES modules, which makes the start slower.", "SLOW_HOOKS");
  register(new URL("./loader.ts", import.meta.url));
  return patchCompiler(compiler as Compiler);
}

function patchCompiler(compiler: Compiler): () => void {
  const { _compile: compile } = compiler;
  const compileWithTail: Compiler["_compile"] = function (content, path, ...rest) {
    const isOfPackage = typeof content === "string" && path.includes("node_modules");
    const tail = isOfPackage ? tailOf(pathToFileURL(path).href, true, () => content) : undefined;
    return Reflect.apply(compile, this, [tail === undefined ? content : `${content}${tail}`, path, ...rest]);
  };
  compiler._compile = compileWithTail;
  return () => {
    if (compiler._compile === compileWithTail) compiler._compile = compile;
  };
}

function warn(what: string, code: string): void {
  process.emitWarning(`moai-metrics: ${what} Use 22.15, 23.5 or newer.`, { code: `MOAI_METRICS_${code}` });
}
