/** What is known of a model call, when two reports mean the same call, and how they merge. */
import {
  compareTokens,
  type ModelCallFact,
  NO_TOKENS,
  type TokenUsage,
  WITNESS_BITS,
  WITNESS_RANK,
} from "@moai-metrics/model";
import { type CallWitnesses, mergeWitnesses, NO_DISSENTS } from "./call-witnesses.ts";
import { hashOfId } from "./id-hash.ts";
import { better, byNumber, byText, type Ranked, ranked } from "./ranked.ts";

/** Keys of calls are hashes below this: what fits into six bytes of a row. Part of the file format. */
const KEY_LIMIT = 2 ** 48;

/** The names under which witnesses know a call, as hashes. */
export interface CallIdentity {
  readonly requestKey: number | undefined;
  readonly responseKey: number | undefined;
  /** May be a copy under a new request id; counts only if no other call has its response id. */
  readonly isReplay: boolean;
}

/** Tokens with what else decides their price. */
export interface PricedUsage {
  readonly tokens: TokenUsage;
  readonly webSearches: number;
  readonly isFast: boolean;
  /** The call is the sum of calls inside of it: it has no tokens of its own and does not count. */
  readonly isSum: boolean;
}

export interface ModelCallState extends CallIdentity {
  /** Session and time belong together: both come from the same witness. */
  readonly base: Ranked<{ readonly sessionId: string; readonly endedAtMillis: number }>;
  readonly taskId: Ranked<string> | undefined;
  readonly durationMillis: Ranked<number> | undefined;
  readonly firstChunkMillis: Ranked<number> | undefined;
  readonly usage: Ranked<PricedUsage> | undefined;
  readonly model: Ranked<string> | undefined;
  readonly errorType: Ranked<string> | undefined;
  readonly reportedCostNanoUsd: Ranked<number> | undefined;
  readonly witnesses: CallWitnesses;
}

export function modelCallStateOf(fact: ModelCallFact): ModelCallState {
  const rank = WITNESS_RANK[fact.witness];
  return {
    requestKey: callKeyOf(fact.product, fact.requestId),
    responseKey: callKeyOf(fact.product, fact.responseId),
    isReplay: fact.isReplay ?? false,
    base: { rank, value: { sessionId: fact.sessionId, endedAtMillis: fact.endedAtMillis } },
    taskId: ranked(rank, fact.taskId),
    durationMillis: ranked(rank, fact.durationMillis),
    firstChunkMillis: ranked(rank, fact.firstChunkMillis),
    usage: usageOf(fact),
    model: ranked(rank, fact.model),
    errorType: ranked(rank, fact.errorType || undefined),
    reportedCostNanoUsd: ranked(rank, fact.reportedCostNanoUsd),
    witnesses: { seenBy: WITNESS_BITS[fact.witness], dissents: NO_DISSENTS },
  };
}

/** Nothing outranks it: of a call with a name of its own nobody tells a usage that is not a sum. */
const SUM_RANK = 62;
/** Above a span, and below one inside of it that has the same response. */
const SHARED_SUM_RANK = 41;

function usageOf(fact: ModelCallFact): Ranked<PricedUsage> | undefined {
  if (fact.isSum === true) return { rank: fact.responseId === undefined ? SUM_RANK : SHARED_SUM_RANK, value: A_SUM };
  return ranked(
    WITNESS_RANK[fact.witness],
    fact.usage && {
      tokens: fact.usage,
      webSearches: fact.webSearches ?? 0,
      isFast: fact.speed === "fast",
      isSum: false,
    },
  );
}

/** What a call that is a sum has of its own. */
export const A_SUM: PricedUsage = Object.freeze({ tokens: NO_TOKENS, webSearches: 0, isFast: false, isSum: true });

/** Whether a call is the sum of calls inside of it. */
export function isSum({ usage }: Pick<ModelCallState, "usage">): boolean {
  return usage?.value.isSum === true;
}

/** The key of a request or response, by which its call is found. */
export function callKeyOf(product: string, id: string | undefined): number | undefined {
  if (id === undefined) return undefined;
  const hash = hashOfId(product, id);
  // `hash % KEY_LIMIT`, which takes longer.
  return hash - Math.floor(hash / KEY_LIMIT) * KEY_LIMIT;
}

/**
 * Whether two reports mean the same call: they share an id and contradict each other in none. Only a replay may have
 * another request id than its original.
 */
export function isSameCall(a: CallIdentity, b: CallIdentity): boolean {
  const requests = compareKeys(a.requestKey, b.requestKey);
  const responses = compareKeys(a.responseKey, b.responseKey);
  if (requests === "differ") return responses === "equal" && (a.isReplay || b.isReplay);
  return responses !== "differ" && (requests === "equal" || responses === "equal");
}

function compareKeys(a: number | undefined, b: number | undefined): "equal" | "differ" | "unknown" {
  if (a === undefined || b === undefined) return "unknown";
  return a === b ? "equal" : "differ";
}

/**
 * Merges two reports of the same call. A replay under another request id adds nothing to its original; replays under
 * different request ids are merged as one, under the greatest of them.
 */
export function mergeModelCalls(a: ModelCallState, b: ModelCallState): ModelCallState {
  const requests = compareKeys(a.requestKey, b.requestKey);
  if (requests !== "equal" && a.isReplay !== b.isReplay) return a.isReplay ? b : a;
  const usage = better(a.usage, b.usage, byUsage);
  return {
    requestKey: requests === "differ" ? Math.max(a.requestKey ?? 0, b.requestKey ?? 0) : (a.requestKey ?? b.requestKey),
    responseKey: a.responseKey ?? b.responseKey,
    isReplay: a.isReplay && b.isReplay,
    base: better(a.base, b.base, byTimeThenSession) ?? a.base,
    taskId: better(a.taskId, b.taskId, byText),
    durationMillis: better(a.durationMillis, b.durationMillis, byNumber),
    firstChunkMillis: better(a.firstChunkMillis, b.firstChunkMillis, byNumber),
    usage,
    model: better(a.model, b.model, byText),
    errorType: better(a.errorType, b.errorType, byText),
    reportedCostNanoUsd: better(a.reportedCostNanoUsd, b.reportedCostNanoUsd, byNumber),
    witnesses: mergeWitnesses(a, b, usage?.value.isSum === true ? undefined : usage?.value.tokens),
  };
}

function byTimeThenSession(
  a: { sessionId: string; endedAtMillis: number },
  b: { sessionId: string; endedAtMillis: number },
): number {
  return a.endedAtMillis - b.endedAtMillis || byText(a.sessionId, b.sessionId);
}

function byUsage(a: PricedUsage, b: PricedUsage): number {
  return (
    byNumber(a.isSum, b.isSum) ||
    compareTokens(a.tokens, b.tokens) ||
    byNumber(a.isFast, b.isFast) ||
    a.webSearches - b.webSearches
  );
}
