import { expect, it } from 'vitest';
import { nodePrimitives as primitives } from '../../crypto/identity/node-primitives.ts';
import type { RoundState } from '../../protocol/round/state.ts';
import { TestFederation } from '../../test/crypto-federation.ts';
import { RunningAudit } from './running-audit.ts';

const STATE: RoundState = {
  phase: 'auditing',
  deadline: 4000,
  goneSince: {},
  refused: {},
  advertised: [],
  serving: [],
  uploaded: [],
  checked: [],
  removed: [],
  answered: [],
  audited: [],
  covered: false,
  enoughSince: null,
  failure: null,
};

it('time that has passed for an auditor is told however often others ask in between', () => {
  const { roster } = new TestFederation(6);
  const round = new TestFederation(3).round(1, { length: 100 });
  const sum = {
    transcript: round.transcript,
    transcriptHash: round.hash,
    setHash: 'a'.repeat(64),
    sumRoot: 'b'.repeat(64),
  };
  let now = 0;
  const audit = new RunningAudit(sum, 4000, { primitives, roster, elapsed: () => now });
  expect(audit.asksOthers(STATE)).toBe(true);
  expect(audit.asksOthers(STATE)).toBe(false);
  const asked = [...audit.wanted(STATE).keys()];
  now = 1000;
  // An auditor that is slow on purpose looks before the clock does.
  expect([...audit.wanted(STATE).keys()].length).toBeGreaterThan(asked.length);
  expect(audit.asksOthers(STATE)).toBe(true);
  expect(audit.asksOthers(STATE)).toBe(false);
});
