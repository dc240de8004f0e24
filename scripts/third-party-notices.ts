/** The licences of what is bundled: their authors want them to travel along. */
import { existsSync, globSync, readFileSync } from "node:fs";
import path from "node:path";

/**
 * Names, versions and licences of the packages that modules belong to, as one text.
 *
 * @param modules paths of modules; those outside of `node_modules` are ours.
 * @throws Error for a package that says nothing of its licence.
 */
export function noticesOf(modules: readonly string[]): string {
  const folders = new Set(modules.flatMap((id) => packageFolder(id) ?? []));
  const texts = [...folders].map(noticeOf).toSorted();
  return `This programme contains these packages.\n\n${texts.join(`\n${"-".repeat(80)}\n\n`)}`;
}

/** `/…/node_modules/@scope/name` of a module in it. */
function packageFolder(id: string): string | undefined {
  return /^\0?(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/.exec(id)?.[1];
}

function noticeOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8")) as {
    readonly name: string;
    readonly version: string;
    readonly license?: string;
  };
  const file = globSync("{license,licence,LICENSE,LICENCE,License}*", { cwd: folder })[0];
  const text =
    file !== undefined && existsSync(path.join(folder, file)) ? readFileSync(path.join(folder, file), "utf8") : "";
  if (license === undefined && text === "") throw new Error(`${name} ${version} names no licence: do not bundle it.`);
  return `${name} ${version} (${license ?? "see below"})\n\n${text.trim()}\n`;
}
