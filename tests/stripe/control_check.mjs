// What control calls check of what they are given.

export class Refused extends Error {}

export function need(value, message) {
  if (!value) throw new Refused(message);
  return value;
}

export const find = (double, kind, id) => need(double.store.get(kind, id), `no ${kind} ${id}`);

// Gives the fields that are there, refuses those that are not known.
export function only(given, ...names) {
  const unknown = Object.keys(given).filter((name) => !names.includes(name));
  need(unknown.length === 0, `unknown field: ${unknown.join(', ')}; known: ${names.join(', ')}`);
  return given;
}
