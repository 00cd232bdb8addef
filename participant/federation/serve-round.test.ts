import { describe, expect, it } from 'vitest';
import type { Complaint } from '../../crypto/public/complaint.ts';
import type { ClientMessage } from '../../protocol/messages/control.ts';
import { COMPLAINTS_AT_ONCE, type ServedRound, serve } from './serve-round.ts';

/** A round of a thousand in which so many have sealed bad shares; only what `serve` looks at is there. */
function setting(bad: number, place = 0) {
  const removed = new Map<string, string>();
  const sent: ClientMessage[] = [];
  const link = { token: 'first' };
  const complaints = Array.from({ length: bad }, (_, i) => ({ contributor: `org-${i}`, proof: [] }));
  const round = {
    announced: {
      round: 1,
      transcript: { committee: [{ member: 'org-a' }] },
      allowed: true,
      checkedOn: null,
      complainedOn: new Map(),
      record: () => ({ removed }),
    },
    run: { run: 'run-1' },
    closed: {},
    set: null,
    seat: { place, test: () => Promise.resolve({ complaints: complaints as unknown as Complaint[] }) },
  } as unknown as ServedRound;
  const modules = {
    member: 'org-a',
    send: (message: ClientMessage) => void sent.push(message),
    token: () => link.token,
  } as unknown as Parameters<typeof serve>[1];
  /** What one look at the round makes the member say. */
  const look = async () => {
    sent.length = 0;
    await serve(round, modules);
    return sent.map((one) => (one.type === 'complaint' ? one.complaint.contributor : one.type));
  };
  return { look, removed, link };
}

describe('complaints of a committee member', () => {
  it('a handful are sent before it says that it has tested its shares, once a connection', async () => {
    const { look, link } = setting(2);
    expect(await look()).toEqual(['org-0', 'org-1', 'checked']);
    expect(await look()).toEqual([]);
    link.token = 'second';
    expect(await look()).toEqual(['org-0', 'org-1', 'checked']);
  });

  it('more than the coordinator takes at once come look by look, each once, and the test is said to be done at the end', async () => {
    const { look } = setting(2 * COMPLAINTS_AT_ONCE + 5);
    const looks = [await look(), await look(), await look()];
    expect(looks.map((said) => said.length)).toEqual([COMPLAINTS_AT_ONCE, COMPLAINTS_AT_ONCE, 6]);
    expect(looks.flat()).toEqual([...Array.from({ length: 65 }, (_, i) => `org-${i}`), 'checked']);
  });

  it('whoever is removed already is not complained of: no second secret is shown', async () => {
    const { look, removed } = setting(COMPLAINTS_AT_ONCE + 10);
    const first = await look();
    for (let i = 0; i < COMPLAINTS_AT_ONCE + 9; i++) removed.set(`org-${i}`, 'does not open');
    expect(first).toHaveLength(COMPLAINTS_AT_ONCE);
    expect(await look()).toEqual([`org-${COMPLAINTS_AT_ONCE + 9}`, 'checked']);
  });

  it('each member of the committee begins at another place', async () => {
    expect(await setting(4, 0.5).look()).toEqual(['org-2', 'org-3', 'org-0', 'org-1', 'checked']);
  });
});
