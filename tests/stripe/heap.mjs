// What comes next: the smallest time first, of equal times the one put in first.

export class Heap {
  #rows = [];
  #count = 0;

  get size() {
    return this.#rows.length;
  }

  get first() {
    return this.#rows[0];
  }

  push(at, value) {
    const rows = this.#rows;
    const row = { at, order: this.#count, value };
    this.#count += 1;
    let i = rows.push(row) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!before(row, rows[parent])) break;
      rows[i] = rows[parent];
      i = parent;
    }
    rows[i] = row;
  }

  pop() {
    const rows = this.#rows;
    const [first] = rows;
    const last = rows.pop();
    if (rows.length > 0) this.#sink(last);
    return first;
  }

  #sink(row) {
    const rows = this.#rows;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= rows.length) break;
      if (child + 1 < rows.length && before(rows[child + 1], rows[child])) child += 1;
      if (!before(rows[child], row)) break;
      rows[i] = rows[child];
      i = child;
    }
    rows[i] = row;
  }

  clear() {
    this.#rows.length = 0;
  }
}

const before = (a, b) => a.at < b.at || (a.at === b.at && a.order < b.order);
