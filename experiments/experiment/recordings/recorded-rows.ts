import { DAY_MS } from '../../../models/metrics/alerts.ts';
import { edgeV1Extractor } from '../../../participant/features/edge-v2.ts';
import { isScored } from '../../../participant/features/event-kind.ts';
import { prepareFiles } from '../../../participant/telemetry/prepare.ts';
import { RowList } from '../../../participant/train/rows.ts';
import type { AuthEvent } from '../../../protocol/events/canonical.ts';
import type { SiteFiles } from '../../demo/workspace.ts';
import type { World } from '../world.ts';
import type { Recording } from './read-recordings.ts';

/** A recording's remote logons as rows. */
export interface RecordedRows {
  readonly name: string;
  readonly techniques: readonly string[];
  readonly remote: RowList;
}

/** All recordings, seen by one member of a simulated world. */
export interface RecordedSight {
  /** Whose history stands before them, and whose threshold they must exceed. */
  readonly member: string;
  readonly recordings: readonly RecordedRows[];
}

/** The member in the middle by size. */
export function middleMember({ members, sizes }: Pick<World, 'members' | 'sizes'>): string {
  const bySize = members.toSorted((a, b) => (sizes.get(a) ?? 0) - (sizes.get(b) ?? 0) || (a < b ? -1 : 1));
  return bySize[Math.floor((bySize.length - 1) / 2)] ?? '';
}

/**
 * Rows of recordings as if they happened at a member on the day after its logs end, at their own time of day: each against
 * the member's whole history, and none against another recording. Every host and account of a recording is new there.
 * @throws CordonError as `prepareFiles`
 */
export async function recordedRows(
  member: string,
  files: SiteFiles,
  recordings: AsyncIterable<Recording>,
): Promise<RecordedSight> {
  const extractor = edgeV1Extractor();
  let end = 0;
  await prepareFiles({
    ...files,
    extractor,
    onEvent: ({ time }) => {
      end = Math.max(end, time);
    },
    seed: 0,
    rejectFile: null,
    now: Number.MAX_SAFE_INTEGER,
  });
  const history = extractor.snapshot();
  const next = (Math.floor(end / DAY_MS) + 1) * DAY_MS;
  const rows: RecordedRows[] = [];
  for await (const { name, techniques, events } of recordings) {
    const [first] = events;
    const remote = new RowList(extractor.width);
    extractor.restore(history);
    const shift = next - Math.floor((first?.time ?? 0) / DAY_MS) * DAY_MS;
    for (const event of events) {
      const row = extractor.push({ ...event, time: event.time + shift });
      if (row !== null && isRemote(event)) remote.add(row);
    }
    rows.push({ name, techniques, remote });
  }
  return { member, recordings: rows };
}

function isRemote(event: AuthEvent): boolean {
  return isScored(event) && event.srcHost !== event.dstHost && event.srcHost !== '';
}
