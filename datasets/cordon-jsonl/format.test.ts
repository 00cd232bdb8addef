import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CanonicalEvent } from '../../protocol/events/canonical.ts';
import { anyEvent } from '../fixtures/events.ts';
import { collect, temporaryFolder } from '../fixtures/collect.ts';
import { eventProblem } from './schema.ts';
import { formatEvent, writeEvents } from './write.ts';

describe('cordon-jsonl', () => {
  it('gives back every event exactly as it was written', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyEvent, { minLength: 1, maxLength: 20 }),
        fc.boolean(),
        async (events, packed) => {
          using folder = temporaryFolder();
          const path = folder.path(packed ? 'events.jsonl.gz' : 'events.jsonl');
          expect(await writeEvents(path, [events.slice(0, 3), events.slice(3)])).toBe(events.length);
          // A lone surrogate cannot be written as UTF-8; JSON escapes it, so it survives too.
          expect((await collect(path)).events).toEqual(events);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('refuses missing, wrong and unknown fields', () => {
    const good = {
      type: 'detection',
      time: 1,
      srcHost: 'a',
      dstHost: 'b',
      account: 'c',
      technique: '',
      label: '',
      source: { dataset: 'd', record: 1, uid: '' },
    };
    expect(eventProblem(good)).toBeNull();
    expect(eventProblem({ ...good, time: null })).toContain('time');
    expect(eventProblem({ ...good, extra: 1 })).toContain('extra');
    expect(eventProblem({ ...good, type: 'toString' })).toContain('type');
    expect(eventProblem({ ...good, source: { dataset: 'd', record: 1.5, uid: '' } })).toContain('source');
  });

  it('leaves nothing behind when the events end in an error', async () => {
    using folder = temporaryFolder();
    const path = folder.path('events.jsonl');
    // eslint-disable-next-line require-yield
    async function* broken(): AsyncGenerator<CanonicalEvent[]> {
      throw new Error('no more');
    }
    await expect(writeEvents(path, broken())).rejects.toThrow('no more');
    expect(existsSync(path) || existsSync(`${path}.tmp`)).toBe(false);
  });

  it('counts a line of another shape as a reject', async () => {
    using folder = temporaryFolder();
    const good: CanonicalEvent = {
      type: 'detection',
      time: 1,
      srcHost: 'a',
      dstHost: 'b',
      account: 'c',
      technique: '',
      label: '',
      source: { dataset: 'd', record: 1, uid: '' },
    };
    writeFileSync(folder.path('x'), `${formatEvent(good)}{"type":"auth"}\n[]\n{`);
    const { stats } = await collect(folder.path('x'));
    expect(stats).toMatchObject({ events: 1, rejects: 3 });
    expect(readFileSync(folder.path('x'), 'utf8').split('\n')).toHaveLength(4);
  });
});
