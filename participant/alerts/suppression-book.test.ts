import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../datasets/fixtures/collect.ts';
import { logon } from '../../test/auth-event.ts';
import {
  SUPPRESSIONS_FILE,
  Suppressions,
  addSuppression,
  liftSuppression,
  suppressionsOf,
} from './suppression-book.ts';
import { type SuppressionRule, makeSuppression } from './suppression.ts';

const teller = { by: 'ann', at: 5 };
const HOUR = 3_600_000;

function rule(change: Partial<SuppressionRule> = {}) {
  const given = {
    source: 'Scan01',
    account: null,
    destination: null,
    until: 10 * HOUR,
    comment: 'weekly scan',
  };
  return makeSuppression({ ...given, ...change }, teller);
}

describe('suppressions', () => {
  it('hold for events with every name that they give, until their end', async () => {
    using folder = temporaryFolder();
    expect(await addSuppression(folder.root, rule())).toBe(true);
    expect(await addSuppression(folder.root, rule())).toBe(false);
    const narrow = rule({ source: null, account: 'svc@x', destination: 'db', until: 20 * HOUR });
    await addSuppression(folder.root, narrow);
    const rules = new Suppressions(folder.root);
    await rules.refresh();
    expect(rules.find(logon(9, 'scan01', 'a'))).toBe(rule().id);
    expect(rules.find(logon(10, 'scan01', 'a'))).toBeNull();
    expect(rules.find(logon(9, 'scan02', 'a'))).toBeNull();
    expect(rules.find(logon(15, 'any', 'db', 'svc@x'))).toBe(narrow.id);
    expect(rules.find(logon(15, 'any', 'dc', 'svc@x'))).toBeNull();
    expect(statSync(folder.path(SUPPRESSIONS_FILE)).mode & 0o777).toBe(0o600);
  });

  it('are lifted, and may be made again; a participant takes up either', async () => {
    using folder = temporaryFolder();
    const rules = new Suppressions(folder.root);
    await addSuppression(folder.root, rule());
    await rules.refresh();
    await liftSuppression(folder.root, rule().id, teller);
    expect(rules.find(logon(9, 'scan01', 'a'))).toBe(rule().id);
    await rules.refresh();
    expect(rules.find(logon(9, 'scan01', 'a'))).toBeNull();
    await expect(liftSuppression(folder.root, rule().id, teller)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(await addSuppression(folder.root, rule())).toBe(true);
    expect((await suppressionsOf(folder.root)).size).toBe(1);
  });

  it('that are about everything, or about nothing that can be, are refused', () => {
    const bad: Partial<SuppressionRule>[] = [
      { source: null },
      { comment: '' },
      { comment: 'two\nlines' },
      { source: 'a\u0000b' },
      { source: '\ud800' },
      { until: -1 },
    ];
    for (const change of bad) {
      expect(() => rule(change)).toThrow(expect.objectContaining({ code: 'VALUE_OUT_OF_RANGE' }));
    }
  });

  it('of a file that is damaged are refused with the line; what a crash has cut off is left out', async () => {
    using folder = temporaryFolder();
    await addSuppression(folder.root, rule());
    const path = folder.path(SUPPRESSIONS_FILE);
    appendFileSync(path, '{"type":"suppr');
    expect((await suppressionsOf(folder.root)).size).toBe(1);
    await addSuppression(folder.root, rule({ source: 'other' }));
    expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(3);
    expect((await suppressionsOf(folder.root)).size).toBe(2);
    const everything = JSON.stringify({ ...rule(), source: null });
    for (const line of ['nonsense', '{}', everything]) {
      writeFileSync(path, `${JSON.stringify(rule())}\n${line}\n`);
      const rules = new Suppressions(folder.root);
      await expect(rules.refresh()).rejects.toMatchObject({
        code: 'ENCODING_INVALID',
        expected: expect.stringContaining('line 2') as string,
      });
      // Told once; what was known before still counts.
      await rules.refresh();
    }
  });
});
