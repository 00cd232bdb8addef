import { describe, expect, it } from 'vitest';
import { errorText, failureOf, jsonLine } from './output.ts';
import { table } from './table.ts';

describe('output', () => {
  it('shows the four fields of an error, cleaned of what moves a cursor', () => {
    const text = errorText({ code: 'PORT_IN_USE', expected: 'a\u001b[2Jb', got: 'c\nd', next: 'e' });
    expect(text).toBe(
      'error PORT_IN_USE: The address is already in use\n  expected  a [2Jb\n  got       c d\n  next      e\n',
    );
  });

  it('writes JSON that says the same and holds nothing that a terminal obeys', () => {
    const value = { host: 'a\u001b[2J\u009b2Jb\u202e\u2028\u{e0001}\u007f', n: 1, '\u0085': 'ü😀' };
    const line = jsonLine(value);
    expect(JSON.parse(line)).toEqual(value);
    expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(line).toContain('ü😀');
  });

  it('keeps the code of a failed run, and takes an unknown one for ROUND_FAILED', () => {
    const detail = { expected: 'a', got: 'b', next: 'c' };
    expect(failureOf({ code: 'COHORT_TOO_SMALL', ...detail }).code).toBe('COHORT_TOO_SMALL');
    expect(failureOf({ code: 'FROM_THE_FUTURE', ...detail }).code).toBe('ROUND_FAILED');
  });

  it('aligns numbers to the right and names to the left', () => {
    expect(
      table(
        ['name', 'ms'],
        [
          ['a', '5'],
          ['long name', '1234'],
        ],
      ),
    ).toBe(['name       ms', '---------  ----', 'a             5', 'long name  1234'].join('\n'));
  });
});
