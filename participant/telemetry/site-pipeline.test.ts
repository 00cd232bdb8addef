import { describe, expect, it } from 'vitest';
import type { CanonicalEvent } from '../../protocol/events/canonical.ts';
import { logon } from '../../test/auth-event.ts';
import { SitePipeline } from './site-pipeline.ts';

const MINUTE = 60_000;
const at = (time: number, uid = '', record = 0) => ({
  ...logon(0, 'a', 'b'),
  time,
  source: { dataset: 'log', record, uid },
});

function pipeline(remembered?: number) {
  const twin: CanonicalEvent[] = [];
  const learnt: CanonicalEvent[] = [];
  const line = new SitePipeline(
    {
      twin: { apply: (event) => void twin.push(event) },
      learner: { add: (event) => void learnt.push(event) },
    },
    remembered,
  );
  return { line, twin, learnt };
}

describe('SitePipeline', () => {
  it('an event more than five minutes behind the newest is in the twin and not in the features', () => {
    const { line, twin, learnt } = pipeline();
    for (const time of [10 * MINUTE, 5 * MINUTE, 5 * MINUTE - 1, 9 * MINUTE]) line.take(at(time));
    expect(twin.map(({ time }) => time)).toEqual([10, 5, 5 - 1 / MINUTE, 9].map((m) => m * MINUTE));
    expect(learnt.map(({ time }) => time)).toEqual([10, 5, 9].map((m) => m * MINUTE));
    expect(line.counts).toMatchObject({ late: 1, duplicates: 0, newest: 10 * MINUTE });
  });

  it('events of every type move the newest time', () => {
    const { line, learnt } = pipeline();
    const source = { dataset: 'dns', record: 1, uid: '' };
    line.take({ type: 'dns', time: 10 * MINUTE, host: 'a', query: 'b', source });
    line.take(at(4 * MINUTE));
    expect(line.counts).toMatchObject({ late: 1, events: { dns: 1, auth: 1 } });
    expect(learnt).toEqual([]);
  });

  it('a record that came before is dropped; what has no identity never is', () => {
    const { line, twin } = pipeline();
    for (const event of [at(1, 'x', 1), at(2, 'y', 2), at(1, 'x', 3), at(3), at(3)]) line.take(event);
    expect(twin).toHaveLength(4);
    expect(line.counts.duplicates).toBe(1);
  });

  it('several events of one record are no duplicates of each other, but the record is when it comes again', () => {
    const { line, twin } = pipeline();
    for (const event of [at(1, 'x', 1), at(1, 'x', 1), at(1, 'x', 9), at(1, 'x', 9)]) line.take(event);
    expect(twin.length).toBe(2);
    expect(line.counts.duplicates).toBe(2);
  });

  it('two types of one identity are two events', () => {
    const { line } = pipeline();
    line.take(at(1, 'x', 1));
    line.take({ type: 'dns', time: 1, host: 'a', query: 'b', source: { dataset: 'd', record: 7, uid: 'x' } });
    expect(line.counts.duplicates).toBe(0);
  });

  it('knows the last identities for certain and holds at most twice as many', () => {
    const { line } = pipeline(3);
    for (let i = 0; i < 100; i++) line.take(at(1, `u${i}`, i));
    for (const back of [1, 2, 3]) line.take(at(1, `u${100 - back}`, 200 + back));
    expect(line.counts.duplicates).toBe(3);
    line.take(at(1, 'u10', 500));
    expect(line.counts.duplicates).toBe(3);
  });
});
