import { describe, expect, it } from 'vitest';
import type { State } from '../../protocol/messages/control.ts';
import { indices, logOf } from '../../test/followed-log.ts';
import { Inbox } from './inbox.ts';

const COLLECTING: State = {
  type: 'state',
  phase: 'collecting',
  run: 'run-0123456789abcdef',
  round: 3,
  step: 1,
  steps: 5,
  logSize: 10,
  done: 0,
  expected: 4,
  waitingFor: [],
};

describe('what a member acts on', () => {
  it('is the newest state, once', async () => {
    const inbox = new Inbox('org-1');
    inbox.put(COLLECTING);
    inbox.put({ ...COLLECTING, phase: 'opening' });
    expect(await inbox.next(1000)).toMatchObject({ phase: 'opening' });
  });

  it('is no progress of others, and no phase that asks for nothing', async () => {
    const inbox = new Inbox('org-1');
    inbox.put(COLLECTING);
    expect(await inbox.next(1000)).toEqual(COLLECTING);
    inbox.put({ ...COLLECTING, done: 1, logSize: 11 });
    inbox.put({ ...COLLECTING, phase: 'combining', logSize: 12 });
    inbox.put({ ...COLLECTING, phase: 'published', logSize: 13 });
    // Nothing to act on came: after a while what was last asked for, again, with the log as it is by then.
    const started = performance.now();
    expect(await inbox.next(30)).toEqual({ ...COLLECTING, done: 1, logSize: 11 });
    expect(performance.now() - started).toBeGreaterThan(20);
    inbox.put({ ...COLLECTING, phase: 'advertising', round: 4, logSize: 14 });
    expect(await inbox.next(1000)).toMatchObject({ round: 4, phase: 'advertising' });
  });

  it('is being asked to stand in for an auditor, and not that others have signed', async () => {
    const inbox = new Inbox('org-1');
    const auditing: State = { ...COLLECTING, phase: 'auditing', waitingFor: ['org-2', 'org-3'] };
    inbox.put(auditing);
    expect(await inbox.next(1000)).toEqual(auditing);
    inbox.put({ ...auditing, done: 1, waitingFor: ['org-2'] });
    const started = performance.now();
    expect(await inbox.next(30)).toMatchObject({ waitingFor: ['org-2'] });
    expect(performance.now() - started).toBeGreaterThan(20);
    inbox.put({ ...auditing, done: 1, waitingFor: ['org-2', 'org-1'] });
    expect(await inbox.next(5000)).toMatchObject({ waitingFor: ['org-2', 'org-1'] });
    expect(performance.now() - started).toBeLessThan(4000);
  });

  it('between rounds is a log that grew', async () => {
    const idle: State = { ...COLLECTING, phase: 'idle', run: null, round: null };
    const inbox = new Inbox('org-1');
    inbox.put(idle);
    expect(await inbox.next(1000)).toEqual(idle);
    inbox.put({ ...idle, done: 2 });
    expect(await inbox.next(20)).toBeNull();
    inbox.put({ ...idle, logSize: 12 });
    expect(await inbox.next(1000)).toMatchObject({ logSize: 12 });
  });

  it('comes with the log entries of all states since, also of those that were passed over', async () => {
    const inbox = new Inbox('org-1');
    const log = logOf(6);
    const put = (phase: State['phase'], ...at: number[]) =>
      inbox.put({ ...COLLECTING, phase, entries: log.filter((_, i) => at.includes(i)) });
    const pushed = async () => {
      const state = await inbox.next(20);
      return typeof state === 'object' && indices(state?.entries ?? []);
    };
    put('collecting', 0);
    expect(await pushed()).toEqual([0]);
    put('collecting', 1);
    put('checking', 2);
    put('opening', 3);
    put('opening', 4);
    put('combining', 5);
    const state = await inbox.next(1000);
    expect(state).toMatchObject({ phase: 'opening' });
    expect(state).toEqual({ ...COLLECTING, phase: 'opening', entries: log.slice(1, 6) });
    // Once: neither the look after a while nor what is put back brings them again.
    expect(await pushed()).toEqual([]);
    inbox.again({ ...COLLECTING, entries: log });
    expect(await pushed()).toEqual([]);
  });

  it('does not let entries pile up while a member is busy', async () => {
    const inbox = new Inbox('org-1');
    const [first] = logOf(0);
    for (let i = 0; i < 1000; i++) inbox.put({ ...COLLECTING, entries: first ? [first] : [] });
    const state = await inbox.next(1000);
    expect(state).toMatchObject({ phase: 'collecting' });
    expect(typeof state === 'object' && state?.entries).toHaveLength(32);
  });

  it('is put back after trouble unless something newer came', async () => {
    const inbox = new Inbox('org-1');
    inbox.put(COLLECTING);
    await inbox.next(1000);
    inbox.again(COLLECTING);
    expect(await inbox.next(1000)).toEqual(COLLECTING);
    inbox.put({ ...COLLECTING, phase: 'opening' });
    inbox.again(COLLECTING);
    expect(await inbox.next(1000)).toMatchObject({ phase: 'opening' });
    inbox.close();
    expect(await inbox.next(1000)).toBe('closed');
  });
});
