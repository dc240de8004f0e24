/** Entries by product and natural key. A text of both would have to be made, and hashed, for every look-up. */
export interface KeyedEntries<T> {
  get(product: string, key: string): T | undefined;
  set(product: string, key: string, entry: T): void;
  clear(): void;
}

export function createKeyedEntries<T>(): KeyedEntries<T> {
  const byProduct = new Map<string, Map<string, T>>();
  return {
    get: (product, key) => byProduct.get(product)?.get(key),
    set(product, key, entry) {
      const entries = byProduct.get(product);
      if (entries === undefined) byProduct.set(product, new Map([[key, entry]]));
      else entries.set(key, entry);
    },
    clear() {
      byProduct.clear();
    },
  };
}
