import { describe, expect, it } from 'vitest';
import type { DemoReport, DemoRound } from '../experiments/demo/report.ts';
import { demoText } from './demo-text.ts';

const ROUND: DemoRound = {
  round: 1,
  outcome: 'published',
  members: ['acme', 'borg', 'corp', 'dome'],
  contributors: ['acme', 'borg', 'corp'],
  bytesUp: 270_000,
  bytesDown: 88_000,
  ms: {
    train: 7,
    quantise: 1,
    encrypt: 20,
    upload: 30,
    answer: 40,
    collect: 60,
    check: 51,
    sum: 5,
    open: 4,
    audit: 52,
    total: 200,
  },
  noise: { greatest: 31, bound: 95 },
  sumExact: true,
  failure: null,
};

function report(change: Partial<DemoReport>): DemoReport {
  return {
    data: 'simulator',
    members: 4,
    seed: 1,
    threshold: 3,
    source: { files: 4, records: 100, events: 100, rejects: 2, skipped: 0, remainder: null },
    organisations: [],
    run: { id: 'run-0000000000000000', status: 'finished', modelHash: 'ab'.repeat(32) },
    rounds: [ROUND],
    quality: { available: false, ap: null, auc: null, reason: 'there are no labels' },
    modelEqualsPlaintext: true,
    failure: null,
    processes: [],
    ms: { data: 1, prepare: 2, training: 3, total: 6 },
    kept: null,
    inPlainWords: 'Nothing left.',
    ...change,
  };
}

describe('the report for people', () => {
  it('has a heading for every question a reader has', () => {
    const text = demoText(report({}));
    for (const heading of [
      'Organisations',
      'Rounds',
      'What the joint model is worth',
      'Top alerts',
      'In plain words',
    ]) {
      expect(text).toContain(heading);
    }
    expect(text).toContain('The same training without encryption gives the same bits.');
    expect(text).toContain('there are no labels');
  });

  it('shows what check and audit took, and says what they are', () => {
    const text = demoText(report({}));
    expect(text).toMatch(/upload +check +answer +sum +open +audit +all ms/);
    expect(text).toMatch(/ 30 +51 +40 +5 +4 +52 +200 /);
    expect(text).toContain('check (the committee tests every share) and audit (members recompute the sum)');
  });

  it('names who was missing in a round', () => {
    expect(demoText(report({}))).toContain('Round 1 went on without an update of dome.');
  });

  it('never calls a sum exact that is not, nor a model equal that differs', () => {
    const wrong = demoText(report({ rounds: [{ ...ROUND, sumExact: false }], modelEqualsPlaintext: false }));
    expect(wrong).toMatch(/ NO$/m);
    expect(wrong).toContain('OTHER BITS');
    const { sumExact: _, ...unopened } = ROUND;
    const failure = { code: 'NOISE_CHECK_FAILED', expected: 'a', got: 'b', next: 'c' };
    const failed = demoText(report({ rounds: [{ ...unopened, outcome: 'failed', failure, noise: null }] }));
    expect(failed).toMatch(/NOISE_CHECK_FAILED$/m);
    expect(failed).not.toMatch(/ yes$/m);
  });

  it('lets no control character of a log reach the terminal', () => {
    const alert = {
      time: 0,
      srcHost: 'evil\u001b[2Jhost',
      dstHosts: ['b\u202ec'],
      account: 'u\u0007',
      score: 1,
      events: 1,
      reasons: ['because'],
      dataset: 'd',
      techniques: [],
    };
    const twin = {
      hosts: 1,
      accounts: 1,
      accountEdges: 0,
      hostEdges: 0,
      networkEdges: 0,
      forgotten: { hosts: 0, accounts: 0, others: 0, edges: 0 },
      events: 1,
      authentications: 1,
      first: 0,
      last: 0,
    };
    const organisation = {
      id: 'acme',
      records: 1,
      rejects: 0,
      events: 1,
      late: 0,
      duplicates: 0,
      twin,
      incidents: 0,
      scored: 1,
      ms: 1,
      alerts: [alert],
    };
    expect(demoText(report({ organisations: [organisation] })).replaceAll('\n', '')).not.toMatch(
      /[\p{Cc}\p{Cf}]/u,
    );
  });
});
