import { describe, expect, it } from 'vitest';
import { CordonError } from '../../protocol/errors.ts';
import { everybodyConnected } from './federation.ts';

const alive = { running: true, died: () => Promise.reject(new Error('it lives')) };
const DIED = new CordonError('PROCESS_DIED', { expected: 'a', got: 'b', next: 'c' });
const dead = { running: false, died: () => Promise.resolve(DIED) };

describe('waiting for the participants', () => {
  it('ends when everybody is there', async () => {
    let asked = 0;
    const latest = () => ({ done: (asked += 1), expected: 3, waitingFor: [] });
    await everybodyConnected(latest, [alive, alive, alive], 5000);
    expect(asked).toBe(3);
  });

  it('names a participant that never comes', async () => {
    const state = { done: 2, expected: 3, waitingFor: ['borg'] };
    await expect(everybodyConnected(() => state, [alive, alive, alive], 120)).rejects.toMatchObject({
      code: 'PARTICIPANT_MISSING',
      got: 'no connection of borg',
    });
  });

  it('does not wait for one that has died', async () => {
    const state = { done: 2, expected: 3, waitingFor: ['borg'] };
    await expect(everybodyConnected(() => state, [alive, dead], 5000)).rejects.toBe(DIED);
  });
});
