/** Records what a task left behind: files and lines. */
import { resolve } from "node:path";
import { FILE_CHANGES, type FileChange } from "@moai-metrics/model";
import { cleanText } from "./attributes.ts";
import { currentScope } from "./current-scope.ts";
import { recordMetric } from "./instruments.ts";
import { countDrop, emitFact, guarded, isRecording } from "./registry.ts";
import type { SessionScope, TaskState } from "./scope.ts";

/** Paths, or one path, by what happened to them; relative paths count from the working directory. */
export type ChangedFiles = Partial<Readonly<Record<FileChange, readonly string[] | string>>>;

/** Lines by what happened to them. */
export interface ChangedLines {
  readonly added?: number | undefined;
  readonly removed?: number | undefined;
}

/** Distinct files that one task may list; more are counted as dropped. */
const MAX_FILES_PER_TASK = 10_000;
const MAX_PATH_LENGTH = 4096;

/**
 * Records which files the current task created, modified or deleted. A path counts once per task and change. Outside
 * of a task nothing is recorded, and counted as dropped. Never throws.
 *
 * @example
 * ```ts
 * withTask("writer", () => recordFiles({ created: ["src/plan.ts"], modified: "README.md" }));
 * ```
 */
export function recordFiles(files: ChangedFiles): void {
  if (!isRecording()) return;
  guarded(() => {
    const scope = currentScope();
    for (const change of FILE_CHANGES) {
      for (const given of pathsOf(files[change])) {
        const text = cleanText(given, MAX_PATH_LENGTH);
        if (scope?.task === undefined) countDrop("file outside of a task");
        else if (text === undefined) countDrop("path is not a text");
        else if (scope.task.files.size >= MAX_FILES_PER_TASK) countDrop("too many files in one task");
        else recordFile(scope.session, scope.task, resolve(text), change);
      }
    }
  });
}

/**
 * Records how many lines the current task added and removed. Never throws.
 *
 * @example
 * ```ts
 * withTask("writer", () => recordLines({ added: 12, removed: 3 }));
 * ```
 */
export function recordLines(lines: ChangedLines): void {
  if (!isRecording()) return;
  guarded(() => {
    const scope = currentScope();
    const task = scope?.task;
    if (scope === undefined || task === undefined) return countDrop("lines outside of a task");
    const added = lineCount(lines.added);
    const removed = lineCount(lines.removed);
    task.linesAdded += added;
    task.linesRemoved += removed;
    emitFact({
      kind: "task",
      witness: "process",
      ...scope.session,
      taskId: task.id,
      lastSeenAtMillis: Math.max(task.startedAtMillis, Date.now()),
      linesAdded: task.linesAdded,
      linesRemoved: task.linesRemoved,
    });
    if (added > 0) recordMetric("taskLines", added, { agentName: task.agent, lineChange: "added" });
    if (removed > 0) recordMetric("taskLines", removed, { agentName: task.agent, lineChange: "removed" });
  });
}

function pathsOf(given: unknown): readonly unknown[] {
  if (given === undefined || given === null) return [];
  if (typeof given === "string") return [given];
  if (Array.isArray(given)) return given;
  countDrop("files are not a list of paths");
  return [];
}

function recordFile(session: SessionScope, task: TaskState, path: string, change: FileChange): void {
  const key = `${change} ${path}`;
  if (task.files.has(key)) return;
  task.files.add(key);
  emitFact({
    kind: "file_change",
    witness: "process",
    ...session,
    taskId: task.id,
    path,
    change,
    atMillis: Date.now(),
  });
  recordMetric("taskFiles", 1, { agentName: task.agent, fileChange: change });
}

function lineCount(value: unknown): number {
  if (value === undefined) return 0;
  const number = typeof value === "bigint" ? Number(value) : value;
  if (typeof number === "number" && Number.isFinite(number) && number >= 0) return Math.floor(number);
  countDrop("lines is not a number of 0 or more");
  return 0;
}
