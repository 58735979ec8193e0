// Decodes application/x-www-form-urlencoded text with brackets: a[b][c]=v, a[0][b]=v, a[]=v.

const NAME = /^([^[\]]+)((?:\[[^[\]]*\])*)$/;

export class BadForm extends Error {}

export function decodeForm(text) {
  const root = {};
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    const at = pair.indexOf('=');
    const name = unescape(at < 0 ? pair : pair.slice(0, at));
    put(root, splitName(name), at < 0 ? '' : unescape(pair.slice(at + 1)));
  }
  for (const key of Object.keys(root)) root[key] = withLists(root[key]);
  return root;
}

function unescape(text) {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new BadForm('Invalid percent encoding in the request');
  }
}

// A name that is not well bracketed is one plain key.
function splitName(name) {
  const match = NAME.exec(name);
  if (!match) return [name];
  const inner = match[2] === '' ? [] : match[2].slice(1, -1).split('][');
  return [match[1], ...inner];
}

function put(node, path, value) {
  for (const [i, part] of path.entries()) {
    const key = part === '' ? String(Object.keys(node).length) : part;
    if (key === '__proto__') throw new BadForm('Invalid parameter name');
    if (i === path.length - 1) {
      node[key] = value;
    } else {
      if (!Object.hasOwn(node, key) || typeof node[key] !== 'object') node[key] = {};
      node = node[key];
    }
  }
}

// {0: a, 1: b} was written as a list.
function withLists(node) {
  if (typeof node !== 'object') return node;
  const keys = Object.keys(node);
  for (const key of keys) node[key] = withLists(node[key]);
  const isList = keys.length > 0 && keys.every((key, i) => key === String(i));
  return isList ? keys.map((key) => node[key]) : node;
}
