import { writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CanonicalEvent } from '../../protocol/events/canonical.ts';
import { collect, temporaryFolder } from '../fixtures/collect.ts';
import { anyEvent } from '../fixtures/events.ts';
import { fromOcsf } from './read.ts';
import { toOcsf } from './write.ts';

const origin = { dataset: 'elsewhere', record: -1 };

/** What OCSF cannot hold: fractions of milliseconds, bytes and packets (docs/events.md). */
function whole(event: CanonicalEvent): CanonicalEvent {
  return { ...event, time: Math.floor(event.time) };
}

function written(event: CanonicalEvent): unknown {
  return JSON.parse(JSON.stringify(toOcsf(event)));
}

describe('OCSF, there and back', () => {
  it('gives back every event, but for fractions of a millisecond', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        expect(fromOcsf(written(event), origin)).toEqual({ outcome: 'events', items: [whole(event)] });
      }),
      { numRuns: 2000 },
    );
  });

  it('is said of amounts too: OCSF has whole numbers', () => {
    const flow: CanonicalEvent = {
      type: 'flow',
      time: 1588205199824.37,
      srcHost: '10.0.1.6',
      dstHost: 'fe80:0:0:0:0:0:0:1',
      srcPort: 0,
      dstPort: 445,
      transport: 'other',
      image: '',
      service: 'smb',
      operation: 'SMB::FILE_OPEN',
      durationMs: 1.528,
      bytesOut: 0,
      bytesIn: null,
      packets: 3,
      source: { dataset: 'd', record: 7, uid: 'u' },
    };
    expect(fromOcsf(written(flow), origin)).toEqual({
      outcome: 'events',
      items: [{ ...flow, time: 1588205199824, durationMs: 1 }],
    });
  });

  it('holds in a file, as lines, as a list and in an object with Records', async () => {
    using folder = temporaryFolder();
    const events = fc.sample(anyEvent, { numRuns: 50, seed: 4 }).map(whole);
    const objects = events.map(toOcsf);
    writeFileSync(folder.path('a.json'), objects.map((object) => `${JSON.stringify(object)}\n`).join(''));
    writeFileSync(folder.path('b.json'), JSON.stringify(objects));
    writeFileSync(folder.path('c.json'), JSON.stringify({ Records: objects }, null, 2));
    const { events: read, stats } = await collect(folder.root);
    expect(stats.files.map((file) => file.format)).toEqual(['ocsf-json', 'ocsf-json', 'ocsf-json']);
    expect(read).toEqual([...events, ...events, ...events]);
  });
});
