/** Tells when telemetry stops while transcripts grow, and when an agent stops telling what it used to tell. */
import { DAY_MILLIS } from "@moai-metrics/model";
import type { LedgerReader, TelemetryQuestion, TelemetryUse, ToldFieldCounts } from "@moai-metrics/store";
import type { Alert } from "../budgets/alerts.ts";
import { formatCount } from "../render/numbers.ts";
import { toPlainText } from "../render/plain-text.ts";

/** What is looked at, and from when on something is said. */
export const TELEMETRY_RULES = Object.freeze({
  /** The calls of this many days, and of them the newest. */
  days: 7,
  maxCalls: 5_000,
  /** Telemetry is expected where it told of this share of at least this many calls. */
  expectedShare: 0.8,
  expectedCalls: 20,
  /** It has stopped when transcripts alone told of so many calls, over so long. */
  silentCalls: 20,
  silentMillis: 30 * 60_000,
  /** Something is gone when none of the newest calls has it, and this share of at least as many before had it. */
  recentCalls: 30,
  usualShare: 0.9,
});

/** What may be gone, and how a person calls it. */
const FIELDS = {
  duration: "durations",
  firstChunk: "times to the first chunk",
  cost: "costs",
} as const satisfies Partial<Record<keyof ToldFieldCounts, string>>;

/** Reads and judges. */
export function telemetryAlerts(ledger: Pick<LedgerReader, "telemetryUse">, nowMillis: number): Alert[] {
  const question: TelemetryQuestion = {
    range: { startMillis: nowMillis - TELEMETRY_RULES.days * DAY_MILLIS, endMillis: nowMillis },
    maxCalls: TELEMETRY_RULES.maxCalls,
    recentCalls: TELEMETRY_RULES.recentCalls,
  };
  return ledger.telemetryUse(question).flatMap(planTelemetryAlerts);
}

/** What there is to say of a product. Pure. */
function planTelemetryAlerts(use: TelemetryUse): Alert[] {
  const product = toPlainText(use.product);
  const base = { kind: "telemetry", state: "warning", subject: use.product } as const;
  if (hasStopped(use)) {
    const since = new Date(use.lastHeardMillis).toISOString();
    return [
      {
        ...base,
        key: `telemetry stopped ${use.product} ${since}`,
        message:
          `Telemetry of ${product} stopped at ${since.slice(0, 16)}Z: ` +
          `${formatCount(use.silentCalls)} calls since then are known from transcripts alone.`,
        next: "moai-metrics reconcile",
      },
    ];
  }
  const { recent, before } = use;
  if (recent.calls < TELEMETRY_RULES.recentCalls || before.calls < TELEMETRY_RULES.recentCalls) return [];
  return Object.entries(FIELDS)
    .filter(([field]) => isGone(field as keyof typeof FIELDS, recent, before))
    .map(([field, name]) => ({
      ...base,
      key: `telemetry ${field} ${use.product}`,
      message: `${product} no longer tells ${name}: none of its last ${recent.calls} calls has one, those before did.`,
      next: "moai-metrics reconcile",
    }));
}

function hasStopped({ heardCalls, callsUntilThen, silentCalls, silence }: TelemetryUse): boolean {
  const { expectedShare, expectedCalls, silentCalls: enough, silentMillis } = TELEMETRY_RULES;
  const isExpected = callsUntilThen >= expectedCalls && heardCalls / callsUntilThen >= expectedShare;
  const isLong = silence !== undefined && silence.endMillis - silence.startMillis >= silentMillis;
  return isExpected && isLong && silentCalls >= enough;
}

function isGone(field: keyof typeof FIELDS, recent: ToldFieldCounts, before: ToldFieldCounts): boolean {
  return recent[field] === 0 && before[field] / before.calls >= TELEMETRY_RULES.usualShare;
}
