/** `doctor`: looks at the whole way from the agents to the store. Writes nothing. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { telemetryAlerts } from "@moai-metrics/report";
import { databasePath, spoolFolder } from "@moai-metrics/settings";
import { openStore, type Store, StoreError } from "@moai-metrics/store";
import type { CliContext } from "../context.ts";
import type { CommonFlags } from "../flags/declare.ts";
import { readFileState } from "../init/file-state.ts";
import { readJournal } from "../init/journal.ts";
import { planInit } from "../init/plan-init.ts";
import { readSituation, type Situation } from "../init/situation.ts";
import { checkAgent } from "./check-agent.ts";
import { reportFindings, unreadFindings } from "./check-intake.ts";
import { receiverFindings, serviceFindings, tokenFindings } from "./check-receiver.ts";
import {
  clockFindings,
  folderFindings,
  priceFindings,
  spoolFindings,
  storeFindings,
  unreadableFinding,
} from "./check-storage.ts";
import { type Finding, findingsAbout } from "./finding.ts";
import { type LiveShare, liveFindings, liveShares } from "./live-share.ts";

/** What was found, and how much of what happened was told live. */
export interface Examination {
  readonly findings: readonly Finding[];
  readonly live: readonly LiveShare[];
}

/** Looks at everything. @throws ConfigError, CommandError for settings that cannot be read. */
export async function examine(
  context: CliContext,
  flags: Pick<CommonFlags, "storage" | "config">,
  platform?: NodeJS.Platform,
): Promise<Examination> {
  const { environment } = context;
  const nowMillis = context.now();
  const situation = await readSituation(context, flags, platform);
  const agents = situation.agents
    .filter(({ isHere }) => isHere)
    .map((agent) =>
      checkAgent({
        agent,
        plan: planOf(situation, agent, context, true),
        planWithoutReceiver: planOf(situation, agent, context, false),
        environment,
        isReceiving: situation.receiver.state === "ours",
      }),
    );
  const isWired = agents.some((agent) => agent.isWired);
  const isReceiving = situation.receiver.state === "ours";
  let live: readonly LiveShare[] = [];
  const findings = [
    ...collectingFindings(context, situation),
    ...receiverFindings(situation, isWired),
    ...tokenFindings(situation),
    ...(await serviceFindings(situation, environment.variables)),
    ...folderFindings(situation.storage),
    ...spoolFindings(spoolFolder(situation.storage), nowMillis, isReceiving),
    ...withStore(situation.storage, (store) => {
      live = liveShares(store.ledger, nowMillis);
      const intake = { store, environment, storage: situation.storage, nowMillis, isReceiving };
      return [
        ...storeFindings(store),
        ...clockFindings(store, nowMillis),
        ...priceFindings(store, nowMillis),
        ...reportFindings(intake),
        ...unreadFindings(intake),
        ...liveFindings(live),
        ...telemetryAlerts(store.ledger, nowMillis).map(({ subject, message, next }) =>
          findingsAbout(subject).problem("telemetry", message, next),
        ),
      ];
    }),
    ...agents.flatMap((agent) => agent.findings),
  ];
  return { findings, live };
}

/** What `init` would want of one agent, if somebody or nobody received it. */
function planOf(
  situation: Situation,
  agent: Situation["agents"][number],
  { environment }: CliContext,
  isReceived: boolean,
) {
  return planInit(
    situation,
    { agents: [agent], withService: false, isReceived, variables: environment.variables },
    {
      journal: readJournal(situation.storage),
      read: readFileState,
      hookScript: (name) => readFileSync(join(situation.packageFolder, "hooks", name), "utf8"),
      token: situation.token,
    },
  );
}

function collectingFindings({ environment }: CliContext, { config }: Situation): Finding[] {
  const { ok, problem } = findingsAbout("machine");
  if (environment.isDisabled)
    return [problem("collecting", "MOAI_METRICS_DISABLED is set: nothing is collected", "Unset it.")];
  if (!config.isEnabled) {
    return [
      problem(
        "collecting",
        "the setting enabled is off: nothing is collected",
        "moai-metrics config set enabled true --user",
      ),
    ];
  }
  return [ok("collecting", "is on")];
}

function withStore(storage: string, look: (store: Store) => Finding[]): Finding[] {
  const { note } = findingsAbout("machine");
  const path = databasePath(storage);
  if (!existsSync(path)) return [note("store", `there is none at ${path} yet`, "moai-metrics import")];
  let store: Store;
  try {
    store = openStore({ path, readOnly: true });
  } catch (error) {
    if (error instanceof StoreError) return [unreadableFinding(error)];
    throw error;
  }
  try {
    return look(store);
  } catch (error) {
    if (error instanceof StoreError) return [unreadableFinding(error)];
    throw error;
  } finally {
    store.close();
  }
}
