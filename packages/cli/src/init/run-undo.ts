/** `init --undo`: takes back what the journal says, and nothing else. */
import type { CliContext } from "../context.ts";
import { CommandError } from "../errors.ts";
import { say } from "../output/say.ts";
import { askToWrite } from "./ask-to-write.ts";
import { readFileState } from "./file-state.ts";
import { type Journal, readJournal, replaceJournal, withFile } from "./journal.ts";
import { planUndo, type UndoPlan } from "./plan-undo.ts";
import { removeFolders, replaceTarget } from "./replace-target.ts";
import type { InitFlags } from "./run-init.ts";
import { serviceManager } from "./service/service.ts";
import { forgetService, stopService } from "./service/start-service.ts";
import { changeLines, nameOf } from "./show-changes.ts";

/** Takes everything back. @throws UsageError, CommandError. */
export async function runUndo(
  context: CliContext,
  flags: InitFlags,
  platform: NodeJS.Platform = process.platform,
): Promise<void> {
  const { resolveStorageFolder } = await import("@moai-metrics/settings");
  const { variables, homeFolder } = context.environment;
  const storage = resolveStorageFolder({ storage: flags.storage, environment: variables });
  const journal = readJournal(storage);
  if (journal.files.length === 0) {
    context.write(`Nothing to take back: init wrote nothing for ${storage}.\n`);
    return;
  }
  const planned = journal.files.map((file) => ({ file, plan: planUndo(file, readFileState(file.path)) }));
  const plans = planned.flatMap(({ plan }) => (plan === undefined ? [] : [plan]));
  const changes = plans.filter(({ problem }) => problem === undefined);
  say(context, [...changes.flatMap(changeLines), ...plans.flatMap(noteLines)]);
  if (!(await askToWrite(context, flags, "Take this back?"))) return;

  let left: Journal = planned.reduce(
    (now, { file, plan }) => (plan === undefined ? withFile(now, { ...file, steps: [] }) : now),
    journal,
  );
  replaceJournal(storage, journal, left);
  const service = serviceManager(platform, variables, homeFolder);
  const hasService = changes.some(({ path }) => path === service?.path);
  if (hasService && service !== undefined) say(context, await stopService(service, variables));
  const failures: string[] = [];
  for (const plan of changes) {
    try {
      replaceTarget(plan);
      if (plan.after === undefined) removeFolders(plan.madeFolders);
      const next = without(left, plan);
      replaceJournal(storage, left, next);
      left = next;
      say(context, [`${plan.after === undefined ? "Removed" : "Restored"} ${plan.path}`]);
    } catch (error) {
      failures.push(`${plan.path} was not restored: ${(error as Error).message}.`);
    }
  }
  if (hasService && service !== undefined) await forgetService(service, variables);
  const untouched = plans.flatMap(({ path, problem }) => (problem === undefined ? [] : [`${path}: ${problem}.`]));
  if (failures.length + untouched.length > 0) throw new CommandError([...failures, ...untouched].join(" "));
}

function without(journal: Journal, { path }: UndoPlan): Journal {
  return { ...journal, files: journal.files.filter((file) => file.path !== path) };
}

function noteLines({ path, isExact, problem, left }: UndoPlan): string[] {
  if (problem !== undefined) return [`${path} is left alone: ${problem}.`];
  if (isExact) return [];
  const changed = left.map(nameOf).join(", ");
  return [
    `${path} was changed since: only what init wrote is taken out.`,
    ...(left.length === 0 ? [] : [`${path}: you changed ${changed}, which ${left.length === 1 ? "stays" : "stay"}.`]),
  ];
}
