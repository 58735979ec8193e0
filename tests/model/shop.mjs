// What is sold: as driver.c puts it into the database.

export const PRODUCTS = {
  price_walk: { amount: 1500, kinds: ['download', 'license'] },
  price_pack: { amount: 900, kinds: ['tokens'], tokens: 3000 },
  price_studio: { amount: 2000, kinds: ['module'], level: 'full', days: 30, uses: null },
  price_counted: { amount: 1000, kinds: ['module'], level: 'counted', days: 30, uses: 1 },
};

export const PLANS = {
  price_month: { amount: 990, months: 1, tokens: 3000, level: 'basic' },
  price_month_pro: { amount: 1990, months: 1, tokens: 8000, level: 'pro' },
  price_year: { amount: 9900, months: 12, tokens: 3000, level: 'basic' },
  price_year_pro: { amount: 19900, months: 12, tokens: 8000, level: 'pro' },
};
