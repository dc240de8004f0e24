/** What `doctor` found, for people and for programs. Pure. */
import { toPlainText, wrapToWidth } from "@moai-metrics/report";
import type { Finding, FindingState } from "../doctor/finding.ts";
import type { Examination } from "../doctor/run-doctor.ts";

const MARKS: Readonly<Record<FindingState, string>> = { ok: "ok", note: "note", problem: "PROBLEM" };
const MARK_WIDTH = 9;

/** The document of `--json`. */
export function doctorDocument({ findings, live }: Examination) {
  return {
    doctor: {
      isWell: findings.every(({ state }) => state !== "problem"),
      problems: findings.filter(({ state }) => state === "problem").length,
      notes: findings.filter(({ state }) => state === "note").length,
      findings: findings.map(({ about, check, state, message, next }) => ({
        about,
        check,
        state,
        message,
        next: next ?? null,
      })),
      live,
    },
  };
}

/** Findings by what they are about, each with what to do. */
export function doctorLines(findings: readonly Finding[], columns: number): string[] {
  const groups = Map.groupBy(findings, ({ about }) => about);
  return [...groups].flatMap(([about, found], at) => [
    ...(at === 0 ? [] : [""]),
    about,
    ...found.flatMap((finding) => findingLines(finding, columns)),
  ]);
}

function findingLines({ state, check, message, next }: Finding, columns: number): string[] {
  const indent = " ".repeat(MARK_WIDTH);
  const wrapped = wrapToWidth(toPlainText(`${check}: ${message}`), columns - MARK_WIDTH);
  const remedy = next === undefined ? [] : wrapToWidth(toPlainText(`→ ${next}`), columns - MARK_WIDTH);
  return [...wrapped, ...remedy].map((line, at) => `${at === 0 ? MARKS[state].padEnd(MARK_WIDTH) : indent}${line}`);
}
