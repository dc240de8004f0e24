/**
 * What is added to the end of a file of an SDK: a line that hands us what the file defines, once it has run. Classes are
 * patched where they are defined, so it does not matter who imports them how, and no module is replaced.
 */
import { SDK_FILES } from "../sdks/list.ts";

/** Where the added line finds us: in the process that runs it, whoever added it. */
export const TELL_KEY = "moai-metrics.sdk.1";

/** The last `node_modules` in an address, the package, and the file below it. */
const PACKAGE_FILE = /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\/(.+)\.[cm]?js$/;

/** What a hook knows of a file that Node has read. */
interface LoadedFile {
  readonly format?: string | null | undefined;
  readonly source?: string | ArrayBuffer | NodeJS.TypedArray | null | undefined;
}

const decoder = new TextDecoder();

/** A file as Node has read it, with its line, where it has one. */
export function withTail<Loaded extends LoadedFile>(url: string, loaded: Loaded): Loaded {
  const { source } = loaded;
  if (source == null || !url.includes("/node_modules/")) return loaded;
  const text = (): string => (typeof source === "string" ? source : decoder.decode(source));
  const tail = tailOf(url, loaded.format !== "module", text);
  return tail === undefined ? loaded : { ...loaded, source: `${text()}${tail}` };
}

/**
 * The line for the file at an address; undefined for a file that is left as it is.
 *
 * @param text the file, asked for only where it is needed.
 */
export function tailOf(url: string, isCommonJs: boolean, text: () => string): string | undefined {
  const [, packageName = "", path = ""] = PACKAGE_FILE.exec(url) ?? [];
  const file = SDK_FILES.get(packageName)?.files.find((each) => each.path === path);
  if (file === undefined) return undefined;
  const { names, replaceable = [], isBundle } = file;
  const exported = isBundle === true ? exportedIn(text()) : undefined;
  const localOf = (name: string): string => (exported === undefined ? name : (exported.get(name) ?? "undefined"));
  const bindingOf = (name: string): string => `typeof ${localOf(name)}==="undefined"?void 0:${localOf(name)}`;
  const handedOver = (name: string): string => (isCommonJs ? `module.exports.${name}` : bindingOf(name));
  const bindings = `{${names.map((name) => `${name}:${handedOver(name)}`).join()}}`;
  const tell = `globalThis[Symbol.for("${TELL_KEY}")]?.("${packageName}","${path}",${bindings})`;
  if (replaceable.length === 0) return `\n;${tell};\n`;
  // A binding that turns out to be a constant stays as it is.
  const placeOf = (name: string): string => (isCommonJs ? `module.exports.${name}` : localOf(name));
  const replace = replaceable.map((name) => `try{if(patched.${name})${placeOf(name)}=patched.${name}}catch{}`);
  return `\n;{const patched=${tell};if(patched){${replace.join(";")}}}\n`;
}

/** What a bundle calls its bindings outside, and inside: `export{a as query}`. */
function exportedIn(text: string): ReadonlyMap<string, string> {
  const [, list = ""] = /export\s*\{([^{}]*)\}[;\s]*$/.exec(text.slice(text.lastIndexOf("export"))) ?? [];
  const pairs = list.split(",").map((entry) => entry.trim().split(/\s+as\s+/));
  return new Map(pairs.map(([local = "", name = local]) => [name, local]));
}
