import { appendFileSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatEvent } from '../../datasets/cordon-jsonl/write.ts';
import { temporaryFolder } from '../../datasets/fixtures/collect.ts';
import type { AuthEvent } from '../../protocol/events/canonical.ts';
import { logon } from '../../test/auth-event.ts';
import { Followed, NOW, rotate, SETTLE } from '../../test/followed-folder.ts';
import { IncidentIndex } from '../train/incidents.ts';
import { SiteBuilder } from '../train/site-builder.ts';
import { readLanes } from '../telemetry/read-lanes.ts';
import { type PipelineSnapshot, SitePipeline } from '../telemetry/site-pipeline.ts';
import { TwinGraph } from '../twin/twin-graph.ts';

const MINUTE = 60_000;

/** Everything behind the merge, and the features of each event as hexadecimal bits. */
class Site {
  readonly rows: string[] = [];
  twin = new TwinGraph();
  builder = new SiteBuilder(new IncidentIndex([]), { trainUntil: null, seed: 3 });
  pipeline = this.#pipeline();

  #pipeline(): SitePipeline {
    const { twin, builder, rows } = this;
    const add = (event: AuthEvent): void => {
      const row = builder.add(event);
      const bits =
        row === null ? '' : Buffer.from(row.buffer, row.byteOffset, row.byteLength).toString('hex');
      rows.push(`${event.source.dataset} ${event.source.record} ${event.time} ${bits}`);
    };
    return new SitePipeline({ twin, learner: { add } });
  }

  digest(): string {
    const { samples, history } = this.builder.snapshot();
    const hash = createHash('sha256').update(this.twin.snapshot()).update(samples).update(history);
    return hash.digest('hex');
  }

  /** As after kill -9: nothing but what the checkpoint holds. */
  restart(): void {
    const pipeline = JSON.parse(JSON.stringify(this.pipeline.snapshot())) as PipelineSnapshot;
    const snapshot = this.builder.snapshot();
    this.twin = TwinGraph.restore(this.twin.snapshot());
    this.builder = new SiteBuilder(new IncidentIndex([]), { trainUntil: null, seed: 'another' });
    this.builder.restore(snapshot);
    this.pipeline = this.#pipeline();
    this.pipeline.restore(pipeline);
  }
}

interface Line {
  readonly minutes: number;
  readonly from: number;
  readonly to: number;
  readonly who: number;
  readonly success: boolean;
  /** 0 and 1: nothing of the kind. */
  readonly uid: number;
}

const line: fc.Arbitrary<Line> = fc.record({
  minutes: fc.nat(30),
  from: fc.nat(5),
  to: fc.nat(5),
  who: fc.nat(4),
  success: fc.boolean(),
  uid: fc.nat(12),
});

const textOf = (lane: number, { minutes, from, to, who, success, uid }: Line, record: number): string =>
  formatEvent({
    ...logon(0, `h${from}`, `h${to}`, `u${who}@x`, { success }),
    time: minutes * MINUTE + lane,
    source: { dataset: `log${lane}`, record, uid: uid < 2 ? '' : `id-${uid}` },
  });

type Deed =
  | { readonly do: 'append'; readonly log: number; readonly bytes: number }
  | { readonly do: 'rotate' | 'copy-truncate' | 'compress'; readonly log: number }
  | { readonly do: 'poll'; readonly pass: number }
  | { readonly do: 'restart' };

const log = fc.nat(2);
const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('append' as const), log, bytes: fc.nat(900) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('rotate', 'copy-truncate', 'compress' as const), log }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('poll' as const), pass: fc.constantFrom(10, SETTLE) }),
  },
);
const logs = fc.array(fc.array(line, { maxLength: 30 }), { minLength: 3, maxLength: 3 });

async function live(folder: string, lines: readonly (readonly Line[])[], deeds: readonly Deed[]) {
  const own = new Site();
  const followed = new Followed(folder, (item, lane) => own.pipeline.take(item, lane));
  const path = (i: number) => `${folder}/log${i}.jsonl`;
  const left = lines.map((all, i) => Buffer.from(all.map((one, n) => textOf(i, one, n)).join('')));
  for (const i of left.keys()) writeFileSync(path(i), '');
  await followed.poll();
  for (const step of deeds) {
    if (step.do === 'append') {
      const rest = left[step.log] ?? Buffer.alloc(0);
      appendFileSync(path(step.log), rest.subarray(0, step.bytes));
      left[step.log] = rest.subarray(step.bytes);
    } else if (step.do === 'poll') await followed.poll(step.pass);
    else if (step.do === 'restart') {
      await followed.restart();
      own.restart();
    } else rotate(path(step.log), step.do);
  }
  left.forEach((rest, i) => appendFileSync(path(i), rest));
  await followed.end();
  return own;
}

describe('batch and live', () => {
  it('give the same features for every event, bit for bit, and the same twin, samples and counts, over any restarts', async () => {
    const seen = { late: 0, duplicates: 0, rows: 0 };
    await fc.assert(
      fc.asyncProperty(logs, fc.array(deed, { maxLength: 50 }), async (lines, deeds) => {
        using folder = temporaryFolder();
        const followed = await live(folder.root, lines, deeds);
        const batch = new Site();
        await readLanes(folder.root, (item, lane) => batch.pipeline.take(item, lane), { now: NOW }).catch(
          () => undefined,
        );
        expect(followed.rows).toEqual(batch.rows);
        expect(followed.pipeline.counts).toEqual(batch.pipeline.counts);
        expect(followed.digest()).toBe(batch.digest());
        seen.late += batch.pipeline.counts.late;
        seen.duplicates += batch.pipeline.counts.duplicates;
        seen.rows += batch.rows.length;
      }),
      { numRuns: 40, seed: 11 },
    );
    // The files had what they were to have.
    expect(seen.late).toBeGreaterThan(50);
    expect(seen.duplicates).toBeGreaterThan(50);
    expect(seen.rows).toBeGreaterThan(200);
  });

  it('the same files in the same pieces give the same bytes', async () => {
    const many = fc.array(fc.array(line, { minLength: 25, maxLength: 30 }), { minLength: 3, maxLength: 3 });
    const given = fc.tuple(many, fc.array(deed, { minLength: 30, maxLength: 50 }));
    const [[lines, deeds] = [[], []]] = fc.sample(given, { numRuns: 1, seed: 5 });
    using first = temporaryFolder();
    using second = temporaryFolder();
    const [one, two] = [await live(first.root, lines, deeds), await live(second.root, lines, deeds)];
    expect(one.rows.length).toBeGreaterThan(10);
    expect(one.rows).toEqual(two.rows);
    expect(one.digest()).toBe(two.digest());
  });
});
