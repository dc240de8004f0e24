/**
 * A SPEC's folder as facts: which sessions worked on it, how it stands, and the tokens that its `progress.md` names. Source: MoAI-ADK 3.1
 * (front matter of `spec.md`; `## §I Token Accounting` and `source_session_id` of `progress.md`). Nothing else of them is looked at.
 */
import type { Fact, TaskResult } from "@moai-metrics/model";
import { hash53, joinKey } from "@moai-metrics/model";
import { countOf, timeOf } from "../jsonl/json-values.ts";
import type { MoaiFileFacts } from "./moai-files.ts";
import { reportedTaskFacts } from "./reported-task.ts";
import { AGENT_PRODUCT, SPEC_TAGS, sessionFact, specOf } from "./spec-sessions.ts";

/** The files of one SPEC, as far as they are there. */
export interface SpecFiles {
  /** Name of the folder. */
  readonly spec: string;
  readonly specText: string | undefined;
  readonly progressText: string | undefined;
}

/** What a status says of how the work ended; others say that it goes on. */
const RESULTS: Readonly<Record<string, TaskResult>> = {
  completed: "success",
  implemented: "success",
  archived: "cancelled",
  superseded: "cancelled",
};

/** Maps one SPEC. Never throws. */
export function mapSpec({ spec: name, specText = "", progressText = "" }: SpecFiles, project: string): MoaiFileFacts {
  const spec = specOf(name);
  if (spec === undefined) return { entries: 0, facts: [], skipped: [] };
  const status = frontMatter(specText, "status")?.toLowerCase();
  const isKnown = status !== undefined && /^[a-z][a-z_-]{1,29}$/.test(status);
  const sessions = sessionsIn(progressText);
  const tags = { [SPEC_TAGS.spec]: spec, ...(isKnown ? { [SPEC_TAGS.status]: status } : {}) };
  const facts: Fact[] = sessions.map((id) => sessionFact(id, project, tags, []));
  const skipped: string[] = [];
  const tokens = tokensIn(progressText);
  const day = frontMatter(specText, "updated") ?? frontMatter(specText, "created");
  const atMillis = timeOf(`${day}T00:00:00Z`);
  if (tokens !== undefined && atMillis === undefined) skipped.push("tokens of a SPEC without a date");
  if (tokens !== undefined && atMillis !== undefined) {
    const [onlySession, ...others] = sessions;
    const result = isKnown ? RESULTS[status] : undefined;
    facts.push(
      ...reportedTaskFacts(
        {
          id: `spec:${hash53(joinKey(project, spec)).toString(36)}`,
          session:
            onlySession === undefined || others.length > 0
              ? undefined
              : { product: AGENT_PRODUCT, sessionId: onlySession },
          project,
          atMillis,
          kind: "hook",
          name: spec,
          result: result ?? "unknown",
          origin: result === undefined ? "inferred" : "reported",
          tokens,
          // Sums over transcript lines, some of them several times, some sessions not at all.
          isRough: true,
        },
        "hook",
      ),
    );
  }
  return { entries: sessions.length + (tokens === undefined ? 0 : 1), facts, skipped };
}

const SESSION_LINE = /source_session_id\W{1,4}([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\b/gi;
const TOKENS_SECTION = /^## §I\b[^\n]*\n([\s\S]*?)(?=^## |(?![\s\S]))/m;

function sessionsIn(text: string): string[] {
  return [...new Set([...text.matchAll(SESSION_LINE)].map(([, id = ""]) => id.toLowerCase()))];
}

/** The figure, where it is a number: before a SPEC is closed it is a word. */
function tokensIn(text: string): number | undefined {
  const section = TOKENS_SECTION.exec(text)?.[1] ?? "";
  return countOf(
    /^[-*]?[ \t]*tokens_spent[ \t]*:[ \t]*([\d_,]{1,20})[ \t]*$/m.exec(section)?.[1]?.replaceAll(/[_,]/g, ""),
  );
}

/** One value of the block between the lines `---` at the beginning. */
function frontMatter(text: string, key: "status" | "updated" | "created"): string | undefined {
  const block = /^---\r?\n([\s\S]*?)\r?\n---/.exec(text)?.[1] ?? "";
  return new RegExp(`^${key}:[ \\t]*["']?([\\w.-]{1,40})["']?[ \\t]*\\r?$`, "m").exec(block)?.[1];
}
