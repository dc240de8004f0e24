/** What the store keeps, for how long, and how much room it may take. */

/** How long things are kept. Whole days. */
export interface RetentionSettings {
  /** Points stay as they came for this long. Default 7. */
  readonly detailedDays: number;
  /** Points at full resolution (compressed) and hourly points. Default 30. */
  readonly hourlyDays: number;
  /** Daily points; older ones are deleted. Default 90. */
  readonly dailyDays: number;
  /** Sessions, tasks and calls; rollups stay for ever. Default 400. */
  readonly ledgerDays: number;
}

/** Settings of a store; resolved once, frozen. */
export interface StoreSettings {
  readonly retention: RetentionSettings;
  readonly compression: {
    /** Points are compressed from this age on. Default 7. */
    readonly minAgeDays: number;
  };
  /** The most that the data may take, in bytes; undefined for no limit (the default). */
  readonly maxBytes: number | undefined;
  /** Room kept on the disk, so that a full disk can still be cleaned. */
  readonly reserve: {
    /** Size of the file that holds the room. 0 for none. Default 16 MiB. */
    readonly bytes: number;
    /** The file is made only where more than this is free. Default 1 GB. */
    readonly minFreeBytes: number;
  };
  /**
   * Below this much free room nothing is written any more. Default 100 MB; never more than a twentieth of the disk.
   */
  readonly minFreeBytes: number;
}

/** Settings as a user gives them; what is left out has its default. */
export interface StoreSettingsOptions {
  readonly retention?: Partial<RetentionSettings> | undefined;
  readonly compression?: Partial<StoreSettings["compression"]> | undefined;
  readonly maxBytes?: number | undefined;
  readonly reserve?: Partial<StoreSettings["reserve"]> | undefined;
  readonly minFreeBytes?: number | undefined;
}

const MIN_BYTES_LIMIT = 1_000_000;

/** @throws RangeError that names the setting, its value and what is accepted. */
export function resolveStoreSettings(options: StoreSettingsOptions = {}): StoreSettings {
  const retention = { detailedDays: 7, hourlyDays: 30, dailyDays: 90, ledgerDays: 400, ...defined(options.retention) };
  const compression = { minAgeDays: 7, ...defined(options.compression) };
  const reserve = { bytes: 16 * 1024 * 1024, minFreeBytes: 1_000_000_000, ...defined(options.reserve) };
  const { maxBytes, minFreeBytes = 100_000_000 } = options;
  for (const [name, days] of Object.entries(retention)) requireWhole(`retention.${name}`, days, 1);
  requireWhole("compression.minAgeDays", compression.minAgeDays, 1);
  requireWhole("reserve.bytes", reserve.bytes, 0);
  requireWhole("reserve.minFreeBytes", reserve.minFreeBytes, 0);
  requireWhole("minFreeBytes", minFreeBytes, 0);
  if (maxBytes !== undefined) requireWhole("maxBytes", maxBytes, MIN_BYTES_LIMIT);
  requireOrder("retention.hourlyDays", retention.hourlyDays, "retention.detailedDays", retention.detailedDays);
  requireOrder("retention.dailyDays", retention.dailyDays, "retention.hourlyDays", retention.hourlyDays);
  return Object.freeze({
    retention: Object.freeze(retention),
    compression: Object.freeze(compression),
    maxBytes,
    reserve: Object.freeze(reserve),
    minFreeBytes,
  });
}

function requireWhole(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new RangeError(`${name} is ${value}. Give a whole number from ${least}.`);
}

function requireOrder(name: string, value: number, lowerName: string, lower: number): void {
  if (value >= lower) return;
  throw new RangeError(
    `${name} is ${value}, less than ${lowerName} (${lower}). Coarser data is kept longer: raise it.`,
  );
}

/** Without what is undefined, which would hide a default. */
function defined<T extends object>(values: T | undefined): Partial<T> {
  return Object.fromEntries(Object.entries(values ?? {}).filter(([, value]) => value !== undefined)) as Partial<T>;
}
