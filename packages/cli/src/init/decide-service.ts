/** Whether a service is wanted that runs the receiver. */
import type { CliContext } from "../context.ts";
import { CommandError } from "../errors.ts";
import { readFileState } from "./file-state.ts";
import type { Journal } from "./journal.ts";
import type { Situation } from "./situation.ts";

/** What was decided. */
export interface ServiceDecision {
  /** The service file shall be what we write today. */
  readonly withService: boolean;
  /** Somebody listens, now or once the service was started. */
  readonly isReceived: boolean;
  readonly notes: readonly string[];
}

const WITHOUT_RECEIVER = [
  "Nobody receives telemetry, and what is sent to nobody is lost: it is not wired.",
  "Transcripts and hooks tell the rest. Missing will be: costs as agents report",
  "them, how long model calls took, retries, and the agents' own metrics.",
  "Later: moai-metrics init --service, or run moai-metrics serve and init again.",
];

/**
 * Decides by the flag, by what is there, else by asking.
 *
 * @param flag undefined: to be asked.
 * @throws CommandError when the flag asks for a service that cannot be.
 */
export async function decideService(
  context: Pick<CliContext, "confirm">,
  situation: Situation,
  journal: Journal,
  flag: boolean | undefined,
): Promise<ServiceDecision> {
  const { service, receiver, url } = situation;
  const isThere = service !== undefined && readFileState(service.path).text !== undefined;
  const isInstalled = isThere && journal.files.some(({ path }) => path === service.path);
  const obstacle = obstacleOf(situation);
  if (flag === true && obstacle !== undefined) throw new CommandError(obstacle);
  if (flag === true && receiver.state === "ours" && !isThere) {
    throw new CommandError(
      `Process ${receiver.pid} receives already, and no service can beside it. Stop it first: kill ${receiver.pid}`,
    );
  }
  const isRunning = receiver.state === "ours";
  if (obstacle !== undefined) {
    const isReceived = isRunning && url !== undefined;
    return { withService: false, isReceived, notes: isReceived ? [] : [obstacle, ...WITHOUT_RECEIVER] };
  }
  if (flag === true || isInstalled) return { withService: flag !== false, isReceived: true, notes: [] };
  if (isRunning) return { withService: false, isReceived: true, notes: [] };
  const answer =
    flag === undefined
      ? await context.confirm(
          `Telemetry is lost while nobody receives it. Let a service of ${service?.name} receive it (${service?.path})?`,
        )
      : false;
  if (answer === true) return { withService: true, isReceived: true, notes: [] };
  return { withService: false, isReceived: false, notes: WITHOUT_RECEIVER };
}

/** Why there can be no service. */
function obstacleOf({ service, receiver, url, isInCache, packageFolder }: Situation): string | undefined {
  if (url === undefined) {
    return "receiver.port is 0, a new port each time: set one that stays. Type: moai-metrics config set receiver.port 4318 --user";
  }
  if (receiver.state === "foreign") {
    return `Another program listens on ${url}, perhaps an OpenTelemetry Collector. Choose another port: moai-metrics config set receiver.port 4319 --user`;
  }
  if (receiver.state === "other-storage") {
    return `On ${url} process ${receiver.pid} receives for another storage folder. Stop it: kill ${receiver.pid}`;
  }
  if (receiver.state === "locked") {
    return `The receiver on ${url} asks for a token that is not in this storage folder: set receiver.requireToken, or stop it.`;
  }
  if (service === undefined) return "No way to run a service is known on this system. Run moai-metrics serve yourself.";
  if (isInCache) {
    return `This command lies in a cache that can be emptied (${packageFolder}). Install it first: npm install --global moai-metrics`;
  }
  return undefined;
}
