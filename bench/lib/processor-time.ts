/** Processor time: what wall time would be on a machine that does nothing else, waiting for the disk apart. */

/** Milliseconds that all threads of this process have taken until now. */
export function cpuMillisOfProcess(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** The same of the calling thread alone. */
export function cpuMillisOfThread(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}
