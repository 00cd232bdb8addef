import { fromBase64Url } from './encoding.ts';
import { CryptoError } from './errors.ts';
import type { CryptoErrorCode } from './errors.ts';

/** One rule for one field: whether a value obeys it, and the rule in words. */
export interface Rule {
  readonly expects: string;
  readonly test: (value: unknown) => boolean;
}

export const ID_PATTERN = /^[a-z0-9][a-z0-9-]{0,62}$/;
const LABEL_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;

function matching(pattern: RegExp): Rule {
  return {
    expects: `text matching ${pattern.source}`,
    test: (value) => typeof value === 'string' && pattern.test(value),
  };
}

/** Name of a member or consortium. */
export const identifier: Rule = matching(ID_PATTERN);
/** Name of a run. */
export const label: Rule = matching(LABEL_PATTERN);
/** SHA-256 in lower-case hexadecimal. */
export const hash: Rule = matching(/^[0-9a-f]{64}$/);

/** Text of at most `most` letters, whose content is checked where it is read. */
export function text(most: number): Rule {
  return {
    expects: `text of at most ${most} letters`,
    test: (value) => typeof value === 'string' && value.length <= most,
  };
}

export function integer(min: number, max: number = Number.MAX_SAFE_INTEGER): Rule {
  return {
    expects: `an integer from ${min} to ${max}`,
    test: (value) => typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max,
  };
}

export function finite(above: number): Rule {
  return {
    expects: `a finite number above ${above}`,
    test: (value) => typeof value === 'number' && Number.isFinite(value) && value > above,
  };
}

/** Canonical base64url of exactly `bytes` bytes. */
export function base64url(bytes: number): Rule {
  return {
    expects: `base64url of ${bytes} bytes`,
    test: (value) => {
      if (typeof value !== 'string' || value.length !== Math.ceil((bytes * 8) / 6)) return false;
      try {
        return fromBase64Url(value, bytes).length === bytes;
      } catch {
        return false;
      }
    },
  };
}

export function oneOf(values: readonly unknown[]): Rule {
  return { expects: `one of ${values.map(String).join(', ')}`, test: (value) => values.includes(value) };
}

/** The rule, or null. */
export function nullOr(rule: Rule): Rule {
  return { expects: `null or ${rule.expects}`, test: (value) => value === null || rule.test(value) };
}

export function list(min: number, max: number): Rule {
  return {
    expects: `a list of ${min} to ${max}`,
    test: (value) => Array.isArray(value) && value.length >= min && value.length <= max,
  };
}

/** A nested plain object; its fields are checked by a call of their own. */
export const nested: Rule = {
  expects: 'an object',
  test: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
};

/**
 * Checks that a value has exactly these fields and that each obeys its rule. Verification does not rely on a decoder
 * having done so before.
 * @throws CryptoError with the given code, naming the first field that breaks its rule
 */
export function checkShape(
  code: CryptoErrorCode,
  what: string,
  value: unknown,
  fields: Readonly<Record<string, Rule>>,
): void {
  const fail = (expected: string, got: string): never => {
    throw new CryptoError(code, { expected, got, next: 'refuse it; its sender must make it anew' });
  };
  if (!nested.test(value)) fail(`${what} as an object`, value === null ? 'null' : typeof value);
  const object = value as Readonly<Record<string, unknown>>;
  let expected = 0;
  for (const name in fields) {
    const rule = fields[name];
    if (rule === undefined) continue;
    if (!Object.hasOwn(object, name)) fail(`${what}.${name}`, 'nothing');
    if (!rule.test(object[name])) fail(`${what}.${name} as ${rule.expects}`, show(object[name]));
    expected++;
  }
  const names = Object.keys(object);
  if (names.length === expected) return;
  const extra = names.find((name) => !Object.hasOwn(fields, name));
  fail(`no field of ${what} beyond ${Object.keys(fields).join(', ')}`, show(extra));
}

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 80));
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
