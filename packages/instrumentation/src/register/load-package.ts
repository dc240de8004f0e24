/** Loads packages that may be installed or not, without waiting: ES modules, too. */
import { createRequire } from "node:module";
import { join } from "node:path";

/** Loads a package. @throws Error as `require` does. */
export type LoadPackage = (name: string) => unknown;

const fromHere = createRequire(import.meta.url);

/** Loads what is installed beside this package, else what the working folder knows. */
export function loadPackage(name: string): unknown {
  return loadIfInstalled(fromHere, name) ?? createRequire(join(process.cwd(), "any-file.js"))(name);
}

/** Undefined where the package is not installed. @throws Error where it is and cannot be loaded. */
export function loadIfInstalled(load: LoadPackage, name: string): unknown {
  try {
    return load(name);
  } catch (error) {
    if (isMissing(error, name)) return undefined;
    throw error;
  }
}

/** Whether it is the package itself that is missing, not one that it needs. */
function isMissing(error: unknown, name: string): boolean {
  if (typeof error !== "object" || error === null) return false;
  const { code, message } = error as { code?: unknown; message?: unknown };
  return (code === "MODULE_NOT_FOUND" || code === "ERR_MODULE_NOT_FOUND") && String(message).includes(`'${name}'`);
}
