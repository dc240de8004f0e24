/**
 * Real programs that tests run the product against. On a bare machine their tests are skipped by name; where
 * `MOAI_METRICS_REAL_PARTS=required` is set, as in CI, a missing one is a failure.
 */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Programs, and the Debian packages that bring them. `.ci/run` installs the same packages. */
export const REAL_PARTS = {
  promtool: "prometheus",
  chromium: "chromium",
  soffice: "libreoffice-calc-nogui",
} as const;
export type RealPart = keyof typeof REAL_PARTS;

/**
 * The path of a program; undefined where it is not installed.
 *
 * @throws Error for a missing program where all are required.
 */
export function findRealPart(name: RealPart): string | undefined {
  const found = (process.env["PATH"] ?? "")
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(isExecutable);
  if (found === undefined && process.env["MOAI_METRICS_REAL_PARTS"] === "required") {
    throw new Error(`${name} is not installed. Type: apt-get install ${REAL_PARTS[name]}`);
  }
  return found;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
