import { expect, it } from 'vitest';
import { nodePrimitives as primitives } from '../../crypto/identity/node-primitives.ts';
import { startRound } from '../../protocol/round/machine.ts';
import type { RoundState } from '../../protocol/round/state.ts';
import { TestFederation } from '../../test/crypto-federation.ts';
import { CONFIG } from '../../test/driven-machine.ts';
import { RunningAudit } from './running-audit.ts';

const STATE: RoundState = { ...startRound(CONFIG, [], 0), phase: 'auditing' };

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
