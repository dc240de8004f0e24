/** Puts beside each other what every witness told of a session. */
import { type ProductTelling, TELLERS, type Teller, type ToldTokens } from "@moai-metrics/model";
import type { LedgerFilter, MissedCall, Store, ToldCalls, WitnessedModel, WitnessedSession } from "@moai-metrics/store";
import { nameOrUnknown } from "../fields.ts";
import { planMissedReason, planReason, type Told, totalOf } from "./plan-reasons.ts";
import { type MetricTokens, readMetricTokens } from "./read-metrics.ts";
import type {
  Agreement,
  ReconciledCall,
  ReconciledModel,
  ReconciledSession,
  ReconcileReport,
  ReconcileTotals,
  ToldFields,
  WitnessFields,
} from "./types.ts";

/** Which sessions, and what may be expected of them. */
export interface ReconcileQuestion {
  readonly filter: Omit<LedgerFilter, "agents">;
  /** Only sessions whose id begins so. */
  readonly idPrefix?: string | undefined;
  /** Only so many, the newest. */
  readonly last?: number | undefined;
  readonly tellings: readonly ProductTelling[];
  readonly nowMillis: number;
}

const NO_METRICS: MetricTokens = new Map();
const TELEMETRY: ReadonlySet<Teller> = new Set(["log", "span", "metric"]);

/** Reads whole sessions: what was told before the range began belongs to them, too. */
export function reconcileReport(
  store: Pick<Store, "ledger" | "pointSteps">,
  question: ReconcileQuestion,
): ReconcileReport {
  const { filter, idPrefix = "", last, tellings, nowMillis } = question;
  const sessions = store.ledger
    .witnesses(filter)
    .filter(({ sessionId, models, reportedByHook }) => {
      const hasTokens = models.length > 0 || reportedByHook !== undefined;
      return sessionId.startsWith(idPrefix) && hasTokens;
    })
    .slice(0, last);
  const metricsOf = new Map(
    tellings.map((telling) => {
      const own = sessions.filter(({ product }) => product === telling.product);
      const range = {
        startMillis: Math.min(...own.map(({ startedAtMillis }) => startedAtMillis)),
        endMillis: Math.max(...own.map(({ endedAtMillis }) => endedAtMillis)),
      };
      return [telling.product, own.length === 0 ? new Map() : readMetricTokens(store, telling, range)] as const;
    }),
  );
  const rows = sessions.map((session) => {
    const telling = tellings.find(({ product }) => product === session.product);
    const metrics = metricsOf.get(session.product)?.get(session.sessionId) ?? NO_METRICS;
    return reconcileSession(session, telling?.tellers ?? [], metrics, nowMillis - session.endedAtMillis);
  });
  return { sessions: rows, totals: totalsOf(rows) };
}

function reconcileSession(
  session: WitnessedSession,
  expected: readonly Teller[],
  metrics: MetricTokens,
  quietMillis: number,
): ReconciledSession {
  const models = session.models.map((model) => reconcileModel(model, session, expected, metrics, quietMillis));
  return {
    sessionId: session.sessionId,
    product: session.product,
    project: nameOrUnknown(session.project),
    startedAt: new Date(session.startedAtMillis).toISOString(),
    lastActivity: new Date(session.endedAtMillis).toISOString(),
    agreement: agreementOf(models),
    models,
    hookTokens: session.reportedByHook
      ? { reported: session.reportedByHook.tokens, counted: session.reportedByHook.countedTokens }
      : null,
    toolCalls: { ledger: session.toolCalls.ledger, ...session.toolCalls.told },
  };
}

function reconcileModel(
  { model, ledger, told, missed }: WitnessedModel,
  session: WitnessedSession,
  expected: readonly Teller[],
  metrics: MetricTokens,
  quietMillis: number,
): ReconciledModel {
  const metric = metricOf(model, session.models, metrics);
  const toldBy = (teller: Teller): Told | undefined => {
    if (teller === "metric") return metric && { tokens: metric };
    const calls = told[teller];
    return calls && { tokens: calls.tokens, calls };
  };
  const tellers = TELLERS.filter((teller) => expected.includes(teller) || toldBy(teller) !== undefined);
  const hasTelemetry = [...TELEMETRY].some((teller) => toldBy(teller) !== undefined);
  const witnesses = tellers.map((teller): WitnessFields => {
    const said = toldBy(teller);
    const reason = planReason({ teller, ledger, told: said, hasOtherTelemetry: hasTelemetry, quietMillis });
    const calls = said?.calls?.calls ?? (said === undefined ? 0 : null);
    return {
      witness: teller,
      hasTold: said !== undefined,
      ...toldFields(said?.tokens ?? NO_TOKENS, said?.calls, teller === "metric"),
      gapCalls: teller === "metric" ? null : (calls ?? 0) - ledger.calls,
      gapTokens: totalOf(said?.tokens ?? NO_TOKENS) - totalOf(ledger.tokens),
      reason,
    };
  });
  return {
    model: nameOrUnknown(model),
    ledger: toldFields(ledger.tokens, ledger, false),
    witnesses,
    missedCalls: missed.map((call) => reconcileCall(call, told)),
  };
}

function reconcileCall(
  { endedAtMillis, agent, tokens, toldBy, missedBy }: MissedCall,
  told: WitnessedModel["told"],
): ReconciledCall {
  return {
    endedAt: new Date(endedAtMillis).toISOString(),
    agent: nameOrUnknown(agent),
    totalTokens: tokens === undefined ? null : totalOf(tokens),
    toldBy,
    missedBy: missedBy.flatMap((witness) => {
      const calls = told[witness];
      return calls === undefined ? [] : [{ witness, reason: planMissedReason(endedAtMillis, calls) }];
    }),
  };
}

const NO_TOKENS: ToldTokens = Object.freeze({ input: 0, cacheRead: 0, cacheWrite: 0, output: 0 });

/**
 * The metric's figure of a model. Metrics name models with a suffix such as `[1m]` that calls are told without; a name
 * that is known as it stands is left as it is.
 */
function metricOf(model: string, models: readonly WitnessedModel[], metrics: MetricTokens): ToldTokens | undefined {
  const known = new Set(models.map((each) => each.model));
  const own = [...metrics].filter(
    ([name]) => name === model || (!known.has(name) && plainName(name) === plainName(model)),
  );
  if (own.length === 0) return undefined;
  return own.map(([, tokens]) => tokens).reduce(addTokens);
}

function plainName(model: string): string {
  return model.replace(/\[[^\]]*\]$/, "");
}

function toldFields(tokens: ToldTokens, calls: ToldCalls | undefined, isMetric: boolean): ToldFields {
  return {
    calls: isMetric ? null : (calls?.calls ?? 0),
    callsWithoutUsage: isMetric ? null : (calls?.callsWithoutUsage ?? 0),
    inputTokens: tokens.input,
    cacheReadTokens: tokens.cacheRead,
    cacheCreationTokens: tokens.cacheWrite,
    outputTokens: tokens.output,
    totalTokens: totalOf(tokens),
  };
}

/** Silence is no disagreement: whoever said nothing said nothing wrong. */
function agreementOf(models: readonly ReconciledModel[]): Agreement {
  const heard = models.flatMap(({ witnesses }) => witnesses.filter(({ hasTold }) => hasTold));
  if (heard.some(({ reason }) => reason !== null)) return "differs";
  return models.some(({ witnesses }) => witnesses.filter(({ hasTold }) => hasTold).length > 1)
    ? "agrees"
    : "one_witness";
}

function totalsOf(sessions: readonly ReconciledSession[]): ReconcileTotals {
  const models = sessions.flatMap((session) => session.models);
  const witnesses: Partial<Record<Teller, ToldFields>> = {};
  for (const { witness, hasTold, ...fields } of models.flatMap((model) => model.witnesses)) {
    if (hasTold) witnesses[witness] = addFields(witnesses[witness], fields);
  }
  const count = (agreement: Agreement): number => sessions.filter((session) => session.agreement === agreement).length;
  return {
    sessions: sessions.length,
    agree: count("agrees"),
    differ: count("differs"),
    oneWitness: count("one_witness"),
    ledger: models.map(({ ledger }) => ledger).reduce(addFields, toldFields(NO_TOKENS, undefined, false)),
    witnesses,
  };
}

function addFields(sum: ToldFields | undefined, next: ToldFields): ToldFields {
  return {
    calls: sum === undefined ? next.calls : addCounts(sum.calls, next.calls),
    callsWithoutUsage:
      sum === undefined ? next.callsWithoutUsage : addCounts(sum.callsWithoutUsage, next.callsWithoutUsage),
    inputTokens: (sum?.inputTokens ?? 0) + next.inputTokens,
    cacheReadTokens: (sum?.cacheReadTokens ?? 0) + next.cacheReadTokens,
    cacheCreationTokens: (sum?.cacheCreationTokens ?? 0) + next.cacheCreationTokens,
    outputTokens: (sum?.outputTokens ?? 0) + next.outputTokens,
    totalTokens: (sum?.totalTokens ?? 0) + next.totalTokens,
  };
}

function addCounts(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
}

function addTokens(a: ToldTokens, b: ToldTokens): ToldTokens {
  return {
    input: a.input + b.input,
    cacheRead: a.cacheRead + b.cacheRead,
    cacheWrite: a.cacheWrite + b.cacheWrite,
    output: a.output + b.output,
  };
}
