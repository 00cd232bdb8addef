import fc from 'fast-check';
import type { Json } from '../crypto/public/canonical.ts';

type Path = readonly (string | number)[];

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function children(value: Json): [string | number, Json][] {
  if (isList(value)) return value.map((item, i) => [i, item]);
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

function paths(value: Json, at: Path = []): Path[] {
  return [at, ...children(value).flatMap(([key, item]) => paths(item, [...at, key]))];
}

function replace(value: Json, path: Path, change: (value: Json) => Json): Json {
  const [key, ...rest] = path;
  if (key === undefined) return change(value);
  if (isList(value)) {
    return value.map((item, i) => (i === key ? replace(item, rest, change) : item));
  }
  return Object.fromEntries(
    children(value).map(([name, item]) => [name, name === key ? replace(item, rest, change) : item]),
  );
}

const LETTERS = Array.from('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=. ');

/** One change to whatever stands there: a letter, a number, a missing or additional field or item. */
function changed(value: Json, pick: number, letter: string): Json {
  if (typeof value === 'string') {
    const at = pick % (value.length + 1);
    return value.slice(0, at) + letter + value.slice(at + 1);
  }
  if (typeof value === 'number') return value + (pick % 2 === 0 ? 1 : -1);
  if (typeof value === 'boolean') return !value;
  if (value === null) return letter;
  const items = children(value);
  const dropped = items.filter((_, i) => i !== pick % (items.length + 1));
  if (isList(value)) {
    return dropped.length < items.length ? dropped.map(([, item]) => item) : [...value, 0];
  }
  return dropped.length < items.length ? Object.fromEntries(dropped) : { ...value, [letter]: 0 };
}

/** Copies of plain data that differ from it in one place, however deep. */
export function mutationsOf(value: Json): fc.Arbitrary<Json> {
  const before = JSON.stringify(value);
  return fc
    .tuple(fc.constantFrom(...paths(value)), fc.nat(), fc.constantFrom(...LETTERS))
    .map(([path, pick, letter]) => replace(value, path, (part) => changed(part, pick, letter)))
    .filter((after) => JSON.stringify(after) !== before);
}
