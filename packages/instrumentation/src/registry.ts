/**
 * What all copies of this package in one process share (an ES module and a CommonJS copy, two versions side by side):
 * the current scope, the settings, the sink for facts, the price function and the counters of what was dropped.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Fact, TokenUsage } from "@moai-metrics/model";
import type { Context, Span } from "@opentelemetry/api";
import type { RunningBudget } from "./budget.ts";
import type { Scope, SessionScope } from "./scope.ts";
import { type InstrumentationSettings, mergeSettings, settingsFromEnvironment } from "./settings.ts";

/**
 * Takes every start and finish as it happens. Called synchronously on the agent's path: it must only remember.
 *
 * @param replaced a fact that was handed over before, of which `fact` tells all and more: who still holds it may forget it.
 */
export type FactSink = (fact: Fact, replaced?: Fact) => void;

/** A model call that may have a price. */
export interface PricedCall {
  readonly provider: string | undefined;
  readonly model: string;
  readonly usage: TokenUsage;
  readonly atMillis: number;
}

/** Computes the list price of a call in US dollars; undefined where none is known. */
export type PriceCall = (call: PricedCall) => number | undefined;

interface Registry {
  readonly scopes: AsyncLocalStorage<Scope>;
  readonly budgets: AsyncLocalStorage<RunningBudget>;
  readonly dropped: Map<string, number>;
  /** The proxies that stand for promises: no one else can tell. */
  readonly promises: WeakSet<object>;
  /** Tokens of each session, as warnings count them; the one that was heard of last comes last. */
  readonly sessionTokens: Map<string, number>;
  settings: InstrumentationSettings;
  /** The id that the session of the process is to have; undefined for a random one. */
  processSessionId: string | undefined;
  /** The session that stands for the whole process, once it was needed. */
  processSession: SessionScope | undefined;
  sink: FactSink | undefined;
  priceCall: PriceCall | undefined;
  /** Metrics that wait to be recorded together; undefined where each is recorded at once. */
  gathering: { add(key: string, record: () => void): void; settle(): void } | undefined;
  /** Starts a span that no one will read, or undefined for one that someone may; undefined where all are to be read. */
  startBareSpan: ((parent: Context) => Span | undefined) | undefined;
  /** Sets up where measurements go, before the first of them; undefined where nothing waits to be set up. */
  start: (() => void) | undefined;
}

const REGISTRY_KEY = Symbol.for("moai-metrics.instrumentation.1");

/** The registry of this process. */
export const registry: Registry = findOrCreateRegistry();

/**
 * Registers the process-wide fact sink; the one registered last receives the facts.
 *
 * @example
 * ```ts
 * const facts: unknown[] = [];
 * const takeAway = setFactSink((fact) => facts.push(fact));
 * takeAway();
 * ```
 * @returns a function that takes this sink away again, if it is still the registered one.
 */
export function setFactSink(sink: FactSink): () => void {
  registry.sink = sink;
  return () => {
    if (registry.sink === sink) registry.sink = undefined;
  };
}

/**
 * Registers the process-wide price function, which the cost metric needs.
 *
 * @example
 * ```ts
 * setPriceCall(({ model, usage }) => (model === "home-grown" ? usage.output * 0.000_002 : undefined));
 * ```
 * @returns a function that takes this price function away again, if it is still the registered one.
 */
export function setPriceCall(priceCall: PriceCall): () => void {
  registry.priceCall = priceCall;
  return () => {
    if (registry.priceCall === priceCall) registry.priceCall = undefined;
  };
}

/**
 * Gives the session that stands for the whole process the id under which others know the process, such as the
 * resource's `service.instance.id`. What is recorded outside of `withSession` from now on belongs to it.
 *
 * @example
 * ```ts
 * setProcessSessionId(process.env["POD_NAME"] ?? "worker-1");
 * ```
 * @throws TypeError for an id that is no text or an empty one.
 */
export function setProcessSessionId(id: string): void {
  if (typeof id !== "string" || id.trim() === "") {
    throw new TypeError(`The process's session id is ${JSON.stringify(id)}; give the value of service.instance.id.`);
  }
  registry.processSessionId = id;
  if (registry.processSession?.sessionId !== id) registry.processSession = undefined;
}

/**
 * Changes settings for the whole process; what is left out stays as it is.
 *
 * @example
 * ```ts
 * configure({ product: "shop-assistant", warnThreshold: 200_000, onWarn: ({ tokens }) => console.warn(tokens) });
 * ```
 * @throws TypeError for a value that no setting can have.
 */
export function configure(changes: Partial<InstrumentationSettings>): InstrumentationSettings {
  registry.gathering?.settle();
  registry.settings = mergeSettings(registry.settings, changes);
  return registry.settings;
}

/**
 * Has `start` called before the first measurement of the process, so that a process that measures nothing pays nothing,
 * and an application has registered what it brings itself.
 */
export function startBeforeFirstUse(start: () => void): void {
  registry.start = start;
}

/** Whether anything is to be recorded. Whoever records asks here first. */
export function isRecording(): boolean {
  const { start } = registry;
  if (start !== undefined) {
    registry.start = undefined;
    guarded(start);
  }
  return registry.settings.isEnabled;
}

/** Hands a fact to the sink, if there is one; with the one that it makes superfluous, if there is one. */
export function emitFact(fact: Fact, replaced?: Fact): void {
  if (registry.sink === undefined) return;
  try {
    registry.sink(fact, replaced);
  } catch {
    countDrop("fact sink failed");
  }
}

/** Counts something that was not recorded. */
export function countDrop(reason: string): void {
  registry.dropped.set(reason, (registry.dropped.get(reason) ?? 0) + 1);
}

/**
 * How many measurements were not recorded since the process started, by reason.
 *
 * @example
 * ```ts
 * for (const [reason, count] of Object.entries(droppedMeasurements())) console.log(`${count} × ${reason}`);
 * ```
 */
export function droppedMeasurements(): Readonly<Record<string, number>> {
  registry.gathering?.settle();
  return Object.fromEntries(registry.dropped);
}

/** Runs code of ours on the agent's path: whatever goes wrong is counted and goes no further. */
export function guarded<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    countDrop("internal error");
    return undefined;
  }
}

function findOrCreateRegistry(): Registry {
  const shared = globalThis as { [REGISTRY_KEY]?: Registry };
  shared[REGISTRY_KEY] ??= {
    scopes: new AsyncLocalStorage<Scope>(),
    budgets: new AsyncLocalStorage<RunningBudget>(),
    dropped: new Map(),
    promises: new WeakSet(),
    sessionTokens: new Map(),
    settings: settingsFromEnvironment(process.env),
    processSessionId: undefined,
    processSession: undefined,
    sink: undefined,
    priceCall: undefined,
    gathering: undefined,
    startBareSpan: undefined,
    start: undefined,
  };
  return shared[REGISTRY_KEY];
}
