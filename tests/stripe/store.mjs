// All objects, in memory; with a state file also on disk.
//
// The file is a journal: one line per answered request, holding every object that request changed,
// written before the answer is. So a line is there whole or not at all, and a restart (or kill -9)
// loses nothing that anyone was told. At start the journal is read and replaced by a short one.

import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

export class Store {
  #kinds = new Map();
  #order = new Map(); // kind -> its ids, oldest first; dropped when one goes
  #changed = new Map();
  #file;

  constructor(file) {
    this.#file = file;
    if (!file) return;
    if (existsSync(file)) this.#read();
    this.#compact();
  }

  get(kind, id) {
    return this.#kind(kind).get(id);
  }

  // Also call it after changing an object in place.
  put(kind, id, object) {
    const objects = this.#kind(kind);
    if (!objects.has(id)) this.#order.get(kind)?.push(id);
    objects.set(id, object);
    this.#note(kind, id);
    return object;
  }

  remove(kind, id) {
    this.#order.delete(kind);
    this.#kind(kind).delete(id);
    this.#note(kind, id);
  }

  // Oldest first.
  all(kind) {
    return [...this.#kind(kind).values()];
  }

  // Oldest first, without a copy.
  values(kind) {
    return this.#kind(kind).values();
  }

  // Newest first, without a copy, from behind the one with this id.
  * newest(kind, after) {
    if (!this.#order.has(kind)) this.#order.set(kind, [...this.#kind(kind).keys()]);
    const ids = this.#order.get(kind);
    const objects = this.#kind(kind);
    const from = after === undefined ? ids.length : ids.lastIndexOf(after);
    for (let i = from - 1; i >= 0; i -= 1) yield objects.get(ids[i]);
  }

  entries(kind) {
    return [...this.#kind(kind)];
  }

  count(kind) {
    return this.#kind(kind).size;
  }

  clear() {
    this.#kinds.clear();
    this.#order.clear();
    this.#changed.clear();
    if (this.#file) this.#compact();
  }

  commit() {
    if (this.#changed.size === 0) return;
    const rows = [...this.#changed.values()].map(([kind, id]) => [kind, id, this.get(kind, id) ?? null]);
    this.#changed.clear();
    appendFileSync(this.#file, `${JSON.stringify(rows)}\n`);
  }

  #kind(kind) {
    if (!this.#kinds.has(kind)) this.#kinds.set(kind, new Map());
    return this.#kinds.get(kind);
  }

  #note(kind, id) {
    if (this.#file) this.#changed.set(`${kind} ${id}`, [kind, id]);
  }

  #read() {
    for (const line of readFileSync(this.#file, 'utf8').split('\n')) {
      if (line === '') continue;
      const rows = parseLine(line);
      if (!rows) break; // the last line of a process that was killed while writing
      for (const [kind, id, object] of rows) {
        if (object === null) this.#kind(kind).delete(id);
        else this.#kind(kind).set(id, object);
      }
    }
  }

  #compact() {
    const lines = [];
    for (const [kind, objects] of this.#kinds) {
      for (const [id, object] of objects) lines.push(JSON.stringify([[kind, id, object]]));
    }
    writeFileSync(`${this.#file}.new`, lines.map((line) => `${line}\n`).join(''));
    renameSync(`${this.#file}.new`, this.#file);
  }
}

function parseLine(line) {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
