// Parameter checks as Stripe makes them. A type is a function (value, path) that gives the typed
// value or throws the API's error.

import { errors } from './errors.mjs';

const isText = (value) => typeof value === 'string';

export const text = ({ max = 5000 } = {}) => (value, path) => {
  if (!isText(value)) throw errors.invalid('Invalid string', path);
  if (value === '') throw errors.empty(path);
  if ([...value].length > max) {
    throw errors.invalid(`Invalid string: ${value.slice(0, 20)}...; must be at most ${max} characters`, path);
  }
  return value;
};

export const integer = ({ min, max } = {}) => (value, path) => {
  if (value === '') throw errors.empty(path);
  if (!isText(value) || !/^-?\d{1,15}$/.test(value)) throw errors.integer(path, value);
  const number = Number(value);
  const bound = (word, limit) => errors.coded('parameter_invalid_integer',
    `This value must be ${word} than or equal to ${limit} (it currently is '${number}').`, path);
  if (min !== undefined && number < min) throw bound('greater', min);
  if (max !== undefined && number > max) throw bound('less', max);
  return number;
};

export const number = ({ min, max } = {}) => (value, path) => {
  const result = isText(value) && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : NaN;
  if (!(result >= min && result <= max)) throw errors.invalid(`Invalid decimal: ${value}`, path);
  return result;
};

export const boolean = (value, path) => {
  if (value === 'true') return true;
  if (value === 'false') return false;
  throw errors.invalid(`Invalid boolean: ${value}`, path);
};

export const oneOf = (...allowed) => (value, path) => {
  if (allowed.includes(value)) return value;
  const last = allowed.at(-1);
  const list = allowed.length === 1 ? last
    : `${allowed.slice(0, -1).join(', ')}${allowed.length > 2 ? ',' : ''} or ${last}`;
  throw errors.invalid(`Invalid ${path}: must be ${allowed.length === 1 ? '' : 'one of '}${list}`, path);
};

export const url = (value, path) => {
  text({ max: 5000 })(value, path);
  if (/^https?:\/\/[^\s/]+/.test(value)) return value;
  throw errors.coded('url_invalid', 'Not a valid URL', path);
};

export const email = (value, path) => {
  text({ max: 800 })(value, path);
  if (/^[^@\s]+@[^@\s]+$/.test(value)) return value;
  throw errors.coded('email_invalid', `Invalid email address: ${value}`, path);
};

// An empty value unsets.
export const orUnset = (type) => (value, path) => (value === '' ? null : type(value, path));

// Taken as it came, without looking inside.
export const anything = (value) => value;

export const list = (type, { max } = {}) => (value, path) => {
  const items = isText(value) ? [value] : Object.values(value);
  if (max !== undefined && items.length > max) {
    throw errors.invalid(`Array must have at most ${max} elements (it has ${items.length}).`, path);
  }
  return items.map((item, i) => type(item, `${path}[${i}]`));
};

export const metadata = (value, path) => {
  if (value === '') return null;
  if (isText(value)) throw errors.invalid('Invalid object', path);
  const entries = Object.entries(value);
  if (entries.length > 50) throw errors.invalid('Metadata can have up to 50 keys.', path);
  for (const [key, item] of entries) checkMetadataEntry(key, item, path);
  return Object.fromEntries(entries);
};

function checkMetadataEntry(key, item, path) {
  const where = `${path}[${key}]`;
  if (key.length > 40) {
    throw errors.invalid('Metadata keys can have up to 40 characters. You passed in a key that is ' +
      `${key.length} characters. Invalid key: ${key}`, path);
  }
  if (!isText(item)) throw errors.invalid('Metadata values must be strings.', where);
  if ([...item].length > 500) {
    throw errors.invalid('Metadata values can have up to 500 characters. You passed in a value that is ' +
      `${[...item].length} characters.`, where);
  }
}

// As POST on an existing object does it: merge, an empty value removes, an empty whole removes all.
export function mergeMetadata(old, given) {
  if (given === undefined) return old;
  const merged = given === null ? {} : { ...old, ...given };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== ''));
}

export const shape = (fields, { required = [] } = {}) => (value, path = '') => {
  if (isText(value) || Array.isArray(value)) throw errors.invalid('Invalid object', path);
  const at = (name) => (path === '' ? name : `${path}[${name}]`);
  const result = {};
  for (const [name, item] of Object.entries(value)) {
    if (!Object.hasOwn(fields, name)) throw errors.unknown(at(name));
    result[name] = fields[name](item, at(name));
  }
  for (const name of required) {
    if (result[name] === undefined) throw errors.missing(at(name));
  }
  return result;
};

const EXPAND = { expand: list(text()) };

// The parameters of a whole request; every one may have expand[].
export const request = (fields, how) => shape({ ...EXPAND, ...fields }, how);
