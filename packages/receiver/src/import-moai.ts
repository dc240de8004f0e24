/** Imports what MoAI-ADK and the PRD's first hook left in projects. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import {
  type MoaiFileFacts,
  mapActiveSessions,
  mapChainEvents,
  mapDayFile,
  mapSpec,
  mapTaskMetrics,
  mapTokenAccounting,
  mapVerifySnapshot,
} from "@moai-metrics/agents/moai";
import type { Fact } from "@moai-metrics/model";
import type { Store } from "@moai-metrics/store";
import { addCounts } from "./write-batches.ts";

/** What was found of one kind of file. */
export interface MoaiKindOutcome {
  readonly kind: string;
  readonly files: number;
  readonly entries: number;
  readonly facts: number;
  readonly inserted: number;
  readonly changed: number;
}

/** What an import did in one project. */
export interface MoaiOutcome {
  readonly project: string;
  readonly kinds: readonly MoaiKindOutcome[];
  /** What could not be taken over, by reason. */
  readonly skipped: ReadonlyMap<string, number>;
  /** Files that could not be read, with the system's code or `not JSON`. */
  readonly failures: readonly { readonly path: string; readonly code: string }[];
}

/** A kind of file (or folder): where it lies below the project, and what it tells. */
interface MoaiKind {
  readonly kind: string;
  readonly list: (moai: string) => readonly string[];
  readonly map: (path: string, project: string) => MoaiFileFacts;
}

function jsonIn(path: string): unknown {
  return JSON.parse(readFileSync(path, "utf8"));
}

const KINDS: readonly MoaiKind[] = [
  {
    kind: "day files of the first hook",
    list: (moai) => namesIn(join(moai, "metrics"), /^\d{4}-\d{2}-\d{2}\.json$/),
    map: (path, project) => mapDayFile(jsonIn(path), project),
  },
  {
    kind: "task metrics",
    list: (moai) => [join(moai, "logs", "task-metrics.jsonl")],
    map: (path, project) => mapTaskMetrics(linesIn(path), project),
  },
  {
    kind: "token accounting",
    list: (moai) => [join(moai, "state", "token-accounting.jsonl")],
    map: (path, project) => mapTokenAccounting(linesIn(path), project),
  },
  {
    kind: "verification",
    list: (moai) => namesIn(join(moai, "state", "verify", "snapshots"), /\.json$/),
    map: (path, project) => mapVerifySnapshot(jsonIn(path), project),
  },
  {
    kind: "active sessions",
    list: (moai) => [join(moai, "state", "active-sessions.json")],
    map: (path, project) => mapActiveSessions(jsonIn(path), project),
  },
  {
    kind: "worktrees of SPECs",
    list: (moai) => [join(moai, "state", "chain", "events.jsonl")],
    map: (path, project) => mapChainEvents(linesIn(path), project),
  },
  {
    kind: "SPECs",
    list: (moai) => namesIn(join(moai, "specs"), /^SPEC-/),
    map: (folder, project) => {
      const [specText, progressText] = ["spec.md", "progress.md"].map((name) => textIn(join(folder, name)));
      return mapSpec({ spec: basename(folder), specText, progressText }, project);
    },
  },
];

/**
 * Imports one project. Importing again adds what is new and nothing else; a broken file does not keep the others back.
 * @throws StoreError when the store cannot be written.
 */
export function importMoai(store: Pick<Store, "write" | "query">, project: string): MoaiOutcome {
  const skipped = new Map<string, number>();
  const failures: { path: string; code: string }[] = [];
  const kinds = KINDS.map(({ kind, list, map }): MoaiKindOutcome => {
    const sum = { files: 0, entries: 0, facts: 0, inserted: 0, changed: 0 };
    for (const path of list(join(project, ".moai")).filter((each) => existsSync(each))) {
      let mapped: MoaiFileFacts;
      try {
        mapped = map(path, project);
      } catch (error) {
        failures.push({ path, code: (error as NodeJS.ErrnoException).code ?? "not JSON" });
        continue;
      }
      const facts = mapped.facts.filter((fact) => isSeen(store, fact));
      const { inserted, changed, refused } = store.write({ facts });
      sum.files += 1;
      sum.entries += mapped.entries;
      sum.facts += facts.length;
      sum.inserted += inserted;
      sum.changed += changed;
      const unseen = mapped.facts.length - facts.length;
      if (unseen > 0) addCounts(skipped, [[UNSEEN, unseen]]);
      addCounts(skipped, [
        ...mapped.skipped.map((reason): [string, number] => [reason, 1]),
        ...Object.entries(refused),
      ]);
    }
    return { kind, ...sum };
  });
  return { project, kinds, skipped, failures };
}

/** Lines that are no JSON are told apart from entries later: they are no objects. */
function linesIn(path: string): unknown[] {
  return readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      try {
        return JSON.parse(line);
      } catch {
        return undefined;
      }
    });
}

/** Undefined where there is no such file. */
function textIn(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

function namesIn(folder: string, form: RegExp): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => form.test(name))
    .sort()
    .map((name) => join(folder, name));
}

const UNSEEN = "session of a SPEC that no agent's record tells of";

/** A session of which nothing is known but its SPEC would be a row about nothing. */
function isSeen(store: Pick<Store, "query">, fact: Fact): boolean {
  if (fact.kind !== "session" || fact.activity.length > 0) return true;
  return store.query.getSessions({ sessionIds: [fact.sessionId], limit: 1 }).rows.length > 0;
}
