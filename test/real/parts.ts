/**
 * Real programs that tests run the product against. On a bare machine their tests are skipped by name; where
 * `MOAI_METRICS_REAL_PARTS=required` is set, as in CI, a missing one is a failure.
 */
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

/** Programs and libraries, and what brings them. `.ci/run` installs the same. */
export const REAL_PARTS = {
  promtool: { from: "apt-get", package: "prometheus" },
  prometheus: { from: "apt-get", package: "prometheus" },
  "victoria-metrics": { from: "apt-get", package: "victoria-metrics" },
  chromium: { from: "apt-get", package: "chromium" },
  soffice: { from: "apt-get", package: "libreoffice-calc-nogui" },
  tmux: { from: "apt-get", package: "tmux" },
  // Beside the project: what its own dependencies are is nothing that we depend on.
  ccusage: { from: "npm", package: "ccusage@20.0.24" },
  // Brings Claude Code along, which is 400 MB.
  "claude-agent-sdk": {
    from: "npm",
    package: "@anthropic-ai/claude-agent-sdk@0.3.332",
    library: "@anthropic-ai/claude-agent-sdk/sdk.mjs",
  },
  // The reference implementation of the compose specification.
  "compose-spec": { from: "go", package: "github.com/compose-spec/compose-go/v2/cmd@v2.16.2" },
  "otelcol-moai": { from: "sh", package: "collector/build.sh" },
} as const satisfies Record<string, Part>;
interface Part {
  readonly from: "apt-get" | "npm" | "go" | "sh";
  readonly package: string;
  /** The file of a library that is installed beside the programs of npm. */
  readonly library?: string;
}
export type RealPart = keyof typeof REAL_PARTS;

/**
 * The path of a program or a library; undefined where it is not installed.
 *
 * @throws Error for a missing program where all are required.
 */
export function findRealPart(name: RealPart): string | undefined {
  const { library }: Part = REAL_PARTS[name];
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const found =
    library === undefined
      ? folders.map((folder) => join(folder, name)).find(isExecutable)
      : folders.map((folder) => join(dirname(folder), library)).find(existsSync);
  if (found === undefined && process.env["MOAI_METRICS_REAL_PARTS"] === "required") {
    throw new Error(`${name} is not installed. Type: ${installCommand(name)}`);
  }
  return found;
}

function installCommand(name: RealPart): string {
  const part = REAL_PARTS[name];
  if (part.from === "apt-get") return `apt-get install ${part.package}`;
  if (part.from === "sh") return `ln -s "$(sh ${part.package})" FOLDER/${name} and put FOLDER into PATH`;
  if (part.from === "go") return `go install ${part.package}, call it ${name} and put it into PATH`;
  return `npm install --prefix FOLDER ${part.package} and put FOLDER/node_modules/.bin into PATH`;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
