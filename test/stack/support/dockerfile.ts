/** Runs the steps of our Dockerfile as shell, each stage in a folder of its own instead of a container. */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** A stage that has been built. */
export interface BuiltStage {
  /** What stands for `/`. */
  readonly root: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
}

/** Folders at the top of an image that the steps name. */
const TOP = /(?<![\w./-])\/(?=(?:app|backfill|etc\/moai-metrics|var\/lib\/moai-metrics|transcripts)\b)/g;

/** What .dockerignore keeps out of folders that it lets in. */
const IGNORED = /\/(?:node_modules|test)$/;

/** Builds every stage and returns the last. @param context the folder that is sent to the builder. */
export function runDockerfile(file: string, context: string, folder: string): BuiltStage {
  const stages = new Map<string, string>();
  let [root, work] = ["", "/"];
  let environment: Record<string, string> = {};
  let entrypoint: string[] = [];
  let command: string[] = [];
  const inside = (text: string): string => text.replace(TOP, `${root}/`);
  for (const line of readFileSync(file, "utf8").split("\n")) {
    const [, step = "", rest = ""] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
    if (step === "FROM") {
      const name = / AS (\w+)/.exec(rest)?.[1] ?? "last";
      root = join(folder, name);
      [work, environment] = ["/", {}];
      mkdirSync(root, { recursive: true });
      stages.set(name, root);
    } else if (step === "WORKDIR") {
      work = rest;
      mkdirSync(join(root, work), { recursive: true });
    } else if (step === "ENV") {
      const [name = "", value = ""] = rest.split("=");
      environment[name] = inside(value);
    } else if (step === "ARG") {
      environment["UID"] = String(process.getuid?.() ?? 0);
    } else if (step === "COPY") {
      const [, stage, files = rest] = /^--from=(\w+) (.*)$/.exec(rest) ?? [];
      const names = files.split(" ");
      const to = names.pop() ?? "";
      const target = join(root, to.startsWith("/") ? "" : work, to);
      if (stage === undefined) copy(context, names, target, (path) => IGNORED.test(path));
      else copy(stages.get(stage) ?? "", names, target, () => false);
    } else if (step === "RUN") {
      const { status, stdout, stderr } = spawnSync("sh", ["-c", inside(rest)], {
        cwd: join(root, work),
        env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...environment },
        encoding: "utf8",
      });
      if (status !== 0) throw new Error(`${line} ended with ${status}:\n${stdout}\n${stderr}`);
    } else if (step === "ENTRYPOINT") entrypoint = (JSON.parse(rest) as string[]).map(inside);
    else if (step === "CMD") command = JSON.parse(rest) as string[];
    else if (step !== "" && !["VOLUME", "USER", "HEALTHCHECK"].includes(step)) throw new Error(`What is ${line}?`);
  }
  return { root, environment, entrypoint, command };
}

function copy(from: string, names: readonly string[], to: string, isIgnored: (path: string) => boolean): void {
  for (const name of names) {
    const source = join(from, name);
    const isInto = to.endsWith("/") || names.length > 1 || (existsSync(to) && statSync(to).isDirectory());
    const target = isInto && statSync(source).isFile() ? join(to, basename(name)) : to;
    mkdirSync(dirname(target), { recursive: true });
    cpSync(source, target, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !isIgnored(path.slice(from.length)),
    });
  }
}
