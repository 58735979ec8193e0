// In which shape events are made: today's, or the last one before 2025-03-31.basil.

import { legacyShape } from './legacy.mjs';

const FIRST_NEW = '2025-03-31';

export function renderingOf(name) {
  return { name, legacy: name.slice(0, 10) < FIRST_NEW ? legacyShape : null };
}
