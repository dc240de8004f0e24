/** How long points are kept, and how. */

/** Periods in whole UTC days, counted back from the newest day with points. */
export interface SeriesSettings {
  /** Points lie in plain rows for so long, then compressed. Default 7. */
  readonly plainDays: number;
  /** Every single point is kept for so long. Default 30. */
  readonly detailedDays: number;
  /** Hourly points are kept for so long. Default 30. */
  readonly hourlyDays: number;
  /** Daily points are kept for so long, then nothing is left. Default 90. */
  readonly dailyDays: number;
  /** Most points that one step takes out of the plain rows: bounds the time that it holds the file. Default 16,384. */
  readonly maxStepPoints: number;
  /** Chunks grow up to so many points; larger ones are smaller per point and slower to read. Default 65,536. */
  readonly maxChunkPoints: number;
}

const DEFAULTS: SeriesSettings = {
  plainDays: 7,
  detailedDays: 30,
  hourlyDays: 30,
  dailyDays: 90,
  maxStepPoints: 16_384,
  maxChunkPoints: 65_536,
};

/** Beyond this a chunk would not be read with bounded memory. */
const MAX_CHUNK_POINTS = 1_000_000;

/**
 * Fills in the defaults: those of the PRD.
 * @throws RangeError that names the setting, its value and what it may be.
 */
export function resolveSeriesSettings(settings: Partial<SeriesSettings> = {}): SeriesSettings {
  const resolved = { ...DEFAULTS, ...settings };
  for (const name of Object.keys(DEFAULTS) as (keyof SeriesSettings)[]) {
    const isPoints = name === "maxStepPoints" || name === "maxChunkPoints";
    const [least, most] = isPoints ? [1, MAX_CHUNK_POINTS] : [0, 100_000];
    const value = resolved[name];
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new RangeError(`${name} is ${value}. Give a whole number from ${least} to ${most}.`);
    }
  }
  const order = ["plainDays", "detailedDays", "dailyDays"] as const;
  for (const [i, name] of order.entries()) {
    const longer = order[i + 1];
    if (longer !== undefined && resolved[name] > resolved[longer]) {
      throw new RangeError(
        `${name} is ${resolved[name]}, more than ${longer} (${resolved[longer]}). Make ${longer} at least as long.`,
      );
    }
  }
  return Object.freeze(resolved);
}
