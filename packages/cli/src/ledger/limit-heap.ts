/** Memory for long imports. */

/**
 * Makes V8 collect garbage sooner. Reading transcripts makes short-lived garbage faster than V8 bothers to collect it:
 * it would rather let the heap grow by hundreds of megabytes. With these limits an import of any size stays small, at
 * no measurable cost in time. Both flags are read by V8 whenever it decides on a heap's growth, so they may be set
 * late; they hold for the rest of the process.
 */
export function limitHeapGrowth(): void {
  const { setFlagsFromString } = process.getBuiltinModule("node:v8");
  setFlagsFromString("--semi-space-growth-factor=1");
  setFlagsFromString("--heap-growing-percent=40");
}
