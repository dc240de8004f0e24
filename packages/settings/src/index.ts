export { createPriceBook } from "./prices/book.ts";
export { costNanoUsd, type PriceBook, type PriceQuestion, type UnitPrices } from "./prices/types.ts";
export {
  databasePath,
  type Environment,
  homeFolder,
  resolveStorageFolder,
  type StorageOptions,
  spoolFolder,
} from "./storage.ts";
