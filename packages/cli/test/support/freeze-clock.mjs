// Preloaded into the command under test: the clock stands still, so that screens can be compared.
const NOW = Number(process.env.FROZEN_NOW);
const RealDate = Date;
globalThis.Date = class extends RealDate {
  constructor(...values) {
    if (values.length === 0) super(NOW);
    else super(...values);
  }
  static now() {
    return NOW;
  }
};
