/** Whether somebody receives what agents send. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { readDaemonNote } from "@moai-metrics/receiver/find";
import type { Environment } from "@moai-metrics/settings";
import { readFileState } from "../init/file-state.ts";
import type { Situation } from "../init/situation.ts";
import { findProgram, runProgramFile } from "../machine/find-program.ts";
import { type Finding, findingsAbout } from "./finding.ts";

const { ok, note, problem } = findingsAbout("machine");

/** How to have a receiver. */
const START = "moai-metrics init --service, or moai-metrics serve";

/** @param isWired the telemetry of some agent goes there. */
export function receiverFindings({ receiver, url, storage }: Situation, isWired: boolean): Finding[] {
  const lost = isWired ? problem : note;
  const loss = isWired ? ": what agents send is lost" : "";
  const announced = readDaemonNote(storage);
  switch (receiver.state) {
    case "ours":
      return [
        receiver.isWell
          ? ok("receiver", `receives on ${url}, process ${receiver.pid}`)
          : problem("receiver", `process ${receiver.pid} on ${url} cannot write`, "moai-metrics db check"),
      ];
    case "other-storage":
      return [
        lost(
          "receiver",
          `on ${url} process ${receiver.pid} receives for another storage folder${loss}`,
          `kill ${receiver.pid}`,
        ),
      ];
    case "locked":
      return [
        lost(
          "receiver",
          `${url} asks for a token that is not in this storage folder${loss}`,
          "Set receiver.requireToken, or stop it.",
        ),
      ];
    case "foreign":
      return [
        lost(
          "receiver",
          `another program listens on ${url}${loss}`,
          "moai-metrics config set receiver.port 4319 --user, then init",
        ),
      ];
    default:
      if (announced?.url !== undefined && isRunning(announced.pid)) {
        return [
          lost(
            "receiver",
            `process ${announced.pid} receives on ${announced.url}, and agents are told ${url}`,
            "Start it without --port, or set receiver.port.",
          ),
        ];
      }
      if (url === undefined)
        return [
          lost(
            "receiver",
            "receiver.port is 0: agents cannot be told a port",
            "moai-metrics config set receiver.port 4318 --user",
          ),
        ];
      return [lost("receiver", `nobody receives on ${url}${loss}`, START)];
  }
}

/** Whether the token can be used, where one is asked for. */
export function tokenFindings({ config, token, storage }: Situation): Finding[] {
  if (!config.receiver.requiresToken) return [];
  if (token === undefined)
    return [problem("token", `${join(storage, "receiver-token")} is not there`, "moai-metrics init")];
  return [ok("token", "senders need it, and only you can read it")];
}

/** Whether the service is there, and is what it should be. */
export async function serviceFindings({ service, receiver }: Situation, environment: Environment): Promise<Finding[]> {
  if (service === undefined) return [note("service", "no way to run a service is known on this system")];
  const { text } = readFileState(service.path);
  if (text === undefined) return [note("service", "not installed", "moai-metrics init --service")];
  const gone = pathsIn(text).find((path) => !existsSync(path));
  if (gone !== undefined) {
    return [problem("service", `${service.path} runs ${gone}, which is not there`, "moai-metrics init --service")];
  }
  const [program, ...argv] = service.checkCommand;
  const path = findProgram(program, environment);
  if (path === undefined) return [note("service", `${service.path} is there, and ${program} is not`)];
  const { isDone, output } = await runProgramFile(path, argv, environment, CHECK_TIMEOUT_MILLIS);
  if (isDone) return [ok("service", `runs: ${service.path}`)];
  const [reason = ""] = output.trim().split("\n");
  const state = receiver.state === "ours" ? note : problem;
  return [state("service", `does not run (${reason})`, service.statusCommand)];
}

const CHECK_TIMEOUT_MILLIS = 5_000;

/** Programs and scripts that a service file names. */
function pathsIn(text: string): string[] {
  const command = /^ExecStart=(.*)$/m.exec(text)?.[1] ?? /<array>([\s\S]*?)<\/array>/.exec(text)?.[1] ?? "";
  return [...command.matchAll(/"((?:\\.|[^"\\])*)"|<string>([^<]*)<\/string>/g)]
    .map(([, quoted, xml]) =>
      quoted === undefined
        ? (xml ?? "").replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&")
        : quoted.replaceAll("$$", "$").replaceAll("%%", "%").replace(/\\(.)/g, "$1"),
    )
    .filter((word) => word.startsWith("/"));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
