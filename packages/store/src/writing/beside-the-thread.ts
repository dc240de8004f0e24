/**
 * What a program needs in the thread that has another one write for it: settings, the spool, the gate. It loads neither
 * SQLite nor any other part of the store.
 */
export { resolveStoreSettings, type StoreSettingsOptions } from "../maintenance/settings.ts";
export { storeSettingsOf } from "../maintenance/settings-of-config.ts";
export { listSpoolFiles, writeSpoolFile } from "../spool/files.ts";
export { encodeFacts } from "../spool/format.ts";
export { closeGate, createGateState } from "./thread-gate.ts";
