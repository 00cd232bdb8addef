import { describe, expect, it } from 'vitest';
import { CryptoError } from '../crypto/public/errors.ts';
import { ModelError } from '../models/errors.ts';
import { CordonError, ERROR_CODES, isErrorCode, toCordonError } from './errors.ts';

const DETAIL = { expected: 'a', got: 'b', next: 'c' };

describe('errors', () => {
  it('of ours stay what they are', () => {
    const error = new CordonError('STALE_ROUND', DETAIL);
    expect(toCordonError(error)).toBe(error);
    expect(error.toWire()).toEqual({ code: 'STALE_ROUND', message: error.message, ...DETAIL });
    expect([error.status, error.exitCode]).toEqual([409, 1]);
  });

  it('of crypto and models keep their four fields and stand behind as the cause', () => {
    for (const foreign of [new CryptoError('SHARE_INVALID', DETAIL), new ModelError('NOT_FINITE', DETAIL)]) {
      const error = toCordonError(foreign);
      expect(error).toMatchObject({ code: foreign.code, ...DETAIL });
      expect(error.cause).toBe(foreign);
    }
  });

  it.each([
    ['ENOSPC', 'DISK_FULL'],
    ['EADDRINUSE', 'PORT_IN_USE'],
    ['ENOENT', 'DATA_NOT_FOUND'],
    ['EACCES', 'DATA_NOT_FOUND'],
    ['ECONNREFUSED', 'COORDINATOR_UNREACHABLE'],
    ['EWHATEVER', 'INTERNAL'],
  ])('of the system: %s is %s', (system, code) => {
    expect(toCordonError(Object.assign(new Error('text'), { code: system })).code).toBe(code);
  });

  it('that nobody foresaw are INTERNAL, whatever was thrown', () => {
    const thrown: unknown[] = [
      'text',
      7,
      null,
      undefined,
      Symbol('s'),
      Object.create(null),
      { code: 'FORBIDDEN' },
      1n,
    ];
    for (const value of thrown) expect(toCordonError(value).code).toBe('INTERNAL');
    expect(toCordonError(Object.assign(new Error('x'), { code: 'NO_SUCH', ...DETAIL })).code).toBe(
      'INTERNAL',
    );
  });

  it('codes are own names of the table only', () => {
    expect(isErrorCode('INTERNAL')).toBe(true);
    for (const code of ['constructor', 'toString', '__proto__', '', 5, null])
      expect(isErrorCode(code)).toBe(false);
    for (const { status, exit } of Object.values(ERROR_CODES)) {
      expect(status).toBeGreaterThanOrEqual(400);
      expect([1, 2, 3]).toContain(exit);
    }
  });
});
