/** What is known of a session, and how two states of knowledge merge. */
import { type ActivityInterval, type SessionFact, WITNESS_RANK } from "@moai-metrics/model";
import { joinActivity } from "./activity.ts";
import { better, byText, type Ranked, ranked } from "./ranked.ts";

/** The branch last seen. */
interface BranchSighting {
  readonly branch: string;
  readonly atMillis: number;
}

export interface SessionState {
  readonly project: Ranked<string> | undefined;
  readonly branch: Ranked<BranchSighting> | undefined;
  readonly version: Ranked<string> | undefined;
  readonly hasEnded: boolean;
  readonly activity: readonly ActivityInterval[];
}

export const EMPTY_SESSION: SessionState = {
  project: undefined,
  branch: undefined,
  version: undefined,
  hasEnded: false,
  activity: [],
};

export function sessionStateOf(fact: SessionFact): SessionState {
  const rank = WITNESS_RANK[fact.witness];
  const atMillis = fact.activity.reduce((latest, { endMillis }) => Math.max(latest, endMillis), 0);
  return {
    project: ranked(rank, fact.project),
    branch: fact.branch === undefined ? undefined : { rank, value: { branch: fact.branch, atMillis } },
    version: ranked(rank, fact.version),
    hasEnded: fact.hasEnded ?? false,
    activity: joinActivity(fact.activity),
  };
}

export function mergeSessions(a: SessionState, b: SessionState): SessionState {
  return {
    project: better(a.project, b.project, byText),
    branch: better(a.branch, b.branch, byTimeThenName),
    version: better(a.version, b.version, byVersion),
    hasEnded: a.hasEnded || b.hasEnded,
    activity: joinActivity([...a.activity, ...b.activity]),
  };
}

/** 2.1.100 is greater than 2.1.99. */
function byVersion(a: string, b: string): number {
  if (a === b) return 0;
  return a.localeCompare(b, "en", { numeric: true }) || byText(a, b);
}

function byTimeThenName(a: BranchSighting, b: BranchSighting): number {
  return a.atMillis - b.atMillis || byText(a.branch, b.branch);
}
