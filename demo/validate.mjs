// Checks the demo shop: every JSON has its fields in both languages, every file exists and is what it says.
// Node 20, no dependencies:  node demo/validate.mjs
import { readFileSync, existsSync, readdirSync, statSync } from 'node:fs';
import { join, dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import zlib from 'node:zlib';

const root = dirname(fileURLToPath(import.meta.url));
let passed = 0, failed = 0;
const check = (ok, what) => { if (ok) passed++; else { failed++; console.error('FAIL', what); } return Boolean(ok); };
const json = path => { try { return JSON.parse(readFileSync(path, 'utf8')); } catch (e) { check(false, `${path}: ${e.message}`); return null; } };
const both = (value, what) => ['en', 'fr'].forEach(l => check(typeof value?.[l] === 'string' && value[l].trim() !== '', `${what}: ${l} is missing`));
const integer = (v, min) => Number.isInteger(v) && v >= min;
const walk = dir => readdirSync(dir, { withFileTypes: true }).flatMap(e => e.isDirectory() ? walk(join(dir, e.name)) : [join(dir, e.name)]);
const SLUG = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const DATE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;

/** Opens a ZIP by its central directory and inflates each entry. Returns the names. */
function unzip(data) {
  const end = data.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  if (end < 0) throw new Error('no end of central directory');
  const names = [];
  for (let n = data.readUInt16LE(end + 10), p = data.readUInt32LE(end + 16); n > 0; n--) {
    if (data.readUInt32LE(p) !== 0x02014b50) throw new Error('broken central directory');
    const [method, crc, packed, size] = [data.readUInt16LE(p + 10), data.readUInt32LE(p + 16), data.readUInt32LE(p + 20), data.readUInt32LE(p + 24)];
    const [nameLen, extraLen, commentLen, local] = [data.readUInt16LE(p + 28), data.readUInt16LE(p + 30), data.readUInt16LE(p + 32), data.readUInt32LE(p + 42)];
    const name = data.toString('utf8', p + 46, p + 46 + nameLen);
    const start = local + 30 + data.readUInt16LE(local + 26) + data.readUInt16LE(local + 28);
    const raw = data.subarray(start, start + packed);
    const body = method === 0 ? raw : zlib.inflateRawSync(raw);
    if (body.length !== size || (zlib.crc32 && zlib.crc32(body) !== crc)) throw new Error(`${name} is damaged`);
    if (name.startsWith('/') || name.split('/').includes('..')) throw new Error(`${name} leaves the folder`);
    names.push(name);
    p += 46 + nameLen + extraLen + commentLen;
  }
  return names;
}

const tag = (data, at, n = 4) => data.toString('latin1', at, at + n);
const KINDS = {
  'application/pdf': d => tag(d, 0, 5) === '%PDF-' && d.subarray(-1024).includes('%%EOF'),
  'application/zip': d => unzip(d).length > 0,
  'application/epub+zip': d => unzip(d)[0] === 'mimetype' && tag(d, 30, 28) === 'mimetypeapplication/epub+zip',
  'audio/wav': d => tag(d, 0) === 'RIFF' && tag(d, 8) === 'WAVE' && d.readUInt16LE(22) === 1 && d.readUInt32LE(24) === 22050 && d.readUInt16LE(34) === 16 && d.length < 300000,
  'audio/mpeg': d => tag(d, 0, 3) === 'ID3' || d.readUInt16BE(0) >= 0xffe0,
  'text/plain': d => !d.includes(0) && d.length > 0,
  'application/json': d => {
    const w = JSON.parse(d), names = new Set(w.nodes.map(n => n.name));
    return names.size === w.nodes.length && Object.entries(w.connections).every(([from, { main }]) =>
      names.has(from) && main.flat().every(to => names.has(to.node)));
  },
};

function checkFile(path, mediaType) {
  if (!check(existsSync(path), `${path} is missing`)) return;
  let ok = false, why = '';
  try { ok = KINDS[mediaType]?.(readFileSync(path)); } catch (e) { why = e.message; }
  check(ok, `${path} is not ${mediaType} ${why}`);
}

function checkBenefit(b, parts, what) {
  const orNull = (v, min) => v === null || integer(v, min);
  const rules = {
    download: () => (b.parts ? b.parts.length > 0 && b.parts.every(p => parts.has(p)) : parts.size > 0),
    license: () => orNull(b.seats, 1) && orNull(b.duration_days, 1) && orNull(b.updates_days, 1) && typeof b.transferable === 'boolean',
    tokens: () => integer(b.amount, 1),
    module: () => SLUG.test(b.module) && SLUG.test(b.level) && orNull(b.duration_days, 1) && orNull(b.uses, 1),
  };
  check(rules[b.kind]?.(), `${what}: ${JSON.stringify(b)}`);
}

// the shop around the products
const categories = json(join(root, 'categories.json')) ?? [];
const slugsOfCategories = new Set(categories.map(c => c.slug));
check(slugsOfCategories.size === categories.length, 'category slugs are unique');
categories.forEach(c => { check(SLUG.test(c.slug) && integer(c.position, 1), `category ${c.slug}`); both(c.title, `category ${c.slug}`); });

const accounts = json(join(root, 'accounts.json')) ?? [];
check(new Set(accounts.map(a => a.email)).size === accounts.length, 'account addresses are unique');
accounts.forEach(a => check(/@demo\.example$/.test(a.email) && a.name && a.password && ['buyer', 'seller', 'staff'].includes(a.role) && ['en', 'fr'].includes(a.language), `account ${a.email}`));
['buyer', 'seller', 'staff'].forEach(r => check(accounts.some(a => a.role === r), `there is a ${r}`));
const sellers = new Set(accounts.filter(a => a.role === 'seller').map(a => a.seller));

// the products
const folders = readdirSync(root, { withFileTypes: true }).filter(e => e.isDirectory() && e.name !== 'make').map(e => e.name);
const products = new Map();
for (const folder of folders) {
  const at = (...p) => join(root, folder, ...p);
  const p = json(at('product.json'));
  if (!p) continue;
  check(p.slug === folder && SLUG.test(p.slug), `${folder}: slug`);
  check(!products.has(p.slug), `${folder}: slug is unique`);
  products.set(p.slug, p);
  check(slugsOfCategories.has(p.category), `${folder}: category`);
  check(sellers.has(p.seller), `${folder}: seller`);
  check(integer(p.position, 1) && ['published', 'draft'].includes(p.status), `${folder}: position, status`);
  check(Array.isArray(p.tags) && p.tags.length > 0 && p.tags.every(t => typeof t === 'string'), `${folder}: tags`);
  for (const field of ['title', 'summary', 'cover_alt', 'description']) both(p[field], `${folder}: ${field}`);
  for (const l of ['en', 'fr']) {
    if (!check(existsSync(at(p.description[l])), `${folder}: ${p.description[l]}`)) continue;
    const words = readFileSync(at(p.description[l]), 'utf8').match(/[\p{L}\p{N}’'-]+/gu).length;
    check(words >= 100 && words <= 320, `${folder}: ${p.description[l]} has ${words} words`);
  }
  const cover = existsSync(at(p.cover)) ? readFileSync(at(p.cover)) : Buffer.alloc(40);
  check(tag(cover, 0) === 'RIFF' && tag(cover, 8, 7) === 'WEBPVP8' && (cover.readUInt16LE(26) & 0x3fff) === 960 && (cover.readUInt16LE(28) & 0x3fff) === 720, `${folder}: cover is WebP, 960x720`);
  check(cover.length <= 25 * 1024, `${folder}: cover has ${cover.length} bytes`);

  const parts = new Set(), names = new Set(), used = new Set(), versions = new Set();
  for (const v of p.versions) {
    check(/^\d+\.\d+\.\d+$/.test(v.name) && !versions.has(v.name), `${folder}: version ${v.name}`);
    versions.add(v.name);
    check(DATE.test(v.released_at) && !Number.isNaN(Date.parse(v.released_at)), `${folder} ${v.name}: released_at`);
    both(v.notes, `${folder} ${v.name}: notes`);
    check(v.files.length > 0, `${folder} ${v.name}: files`);
    for (const f of v.files) {
      check(f.path.startsWith('files/') && !f.path.includes('..') && f.name && SLUG.test(f.part), `${folder}: ${f.path}`);
      check(!names.has(f.name), `${folder}: ${f.name} is named once`);
      checkFile(at(f.path), f.media_type);
      parts.add(f.part); names.add(f.name); used.add(at(f.path));
    }
  }
  check(p.versions.every((v, i) => i === 0 || v.released_at > p.versions[i - 1].released_at), `${folder}: versions are in order`);
  if (existsSync(at('files'))) walk(at('files')).forEach(f => check(used.has(f), `${relative(root, f)} belongs to a version`));

  check(p.prices.length > 0 && new Set(p.prices.map(q => q.key)).size === p.prices.length, `${folder}: prices`);
  for (const q of p.prices) {
    const what = `${folder}/${q.key}`;
    check(SLUG.test(q.key) && integer(q.amount, 0) && ['eur', 'usd', 'jpy'].includes(q.currency) && integer(q.position, 1) && integer(q.quantity_max, 1), what);
    both(q.title, `${what}: title`); both(q.summary, `${what}: summary`);
    check(['once', 'month', 'year', undefined].includes(q.recurring) && (!q.trial || integer(q.trial.days, 1)), `${what}: recurring, trial`);
    check(q.benefits.length > 0, `${what}: benefits`);
    q.benefits.forEach(b => checkBenefit(b, parts, what));
  }
}

// what the demo promises as a whole
const all = [...products.values()], prices = all.flatMap(p => p.prices);
const withCurrency = c => all.filter(p => p.prices.some(q => q.currency === c)).length;
check(all.length === 20, `20 products, not ${all.length}`);
check(withCurrency('usd') === 2 && withCurrency('jpy') === 1, 'two products in usd, one in jpy');
check(all.filter(p => p.prices.every(q => q.amount === 0)).length === 1, 'one free product');
check(all.filter(p => p.status === 'draft').length === 1, 'one draft');
check(all.some(p => p.versions.length === 3) && all.some(p => p.title.fr.length > 150) && all.some(p => /’.*€/.test(p.title.fr)), 'versions, a long title, a title with signs');
check(prices.some(q => q.recurring === 'month' && q.amount === 990 && q.trial) && prices.some(q => q.recurring === 'year' && q.amount === 9900 && q.benefits.some(b => b.amount === 3000)), 'a monthly plan with a trial, an annual one with tokens');
check(prices.some(q => q.benefits.some(b => b.kind === 'license' && b.seats === null)), 'a licence without a limit of seats');
const bytes = walk(root).filter(f => !f.includes('__pycache__')).reduce((n, f) => n + statSync(f).size, 0);
check(bytes <= 6e6, `the folder has ${bytes} bytes`);

// past orders
for (const o of json(join(root, 'orders.json')) ?? []) {
  check(accounts.some(a => a.email === o.buyer && a.role === 'buyer') && integer(o.days_ago, 0) && o.lines.length > 0, `order of ${o.days_ago} days ago`);
  const bought = o.lines.map(l => ({ ...l, p: products.get(l.product), q: products.get(l.product)?.prices.find(q => q.key === l.price) }));
  bought.forEach(l => check(l.p?.status === 'published' && l.q && integer(l.quantity, 1) && l.quantity <= l.q.quantity_max, `order: ${l.product}/${l.price}`));
  check(new Set(bought.map(l => l.q?.currency)).size === 1, `order of ${o.days_ago} days ago: one currency`);
}

console.log(`${all.length} products, ${prices.length} prices, ${(bytes / 1e6).toFixed(1)} MB`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
