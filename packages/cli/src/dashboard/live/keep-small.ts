/** Memory of a program that stays open all day. */
import { setFlagsFromString } from "node:v8";

/**
 * Makes V8 prefer memory to speed, in every thread: garbage is collected soon, code that is rarely run is not kept, and
 * the WebAssembly that lays out the screen is not compiled a second time for a speed that twenty frames a second do not
 * need. To be called behind the first frame: what was compiled under other flags is compiled anew by whoever loads it
 * afterwards, which takes a thread forty milliseconds. May be called again.
 */
export function keepSmall(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
  setFlagsFromString("--heap-growing-percent=12");
  setFlagsFromString("--optimize-for-size");
  setFlagsFromString("--no-wasm-tier-up");
}
