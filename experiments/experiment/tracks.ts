import { seededStream } from '../../participant/train/seeded-stream.ts';
import { CordonError } from '../../protocol/errors.ts';
import type { Track } from './experiment.ts';
import type { World } from './world.ts';

/** Members of a track, and all others, in the order of the world. */
export interface TrackMembers {
  readonly members: readonly string[];
  readonly others: readonly string[];
}

/**
 * Who the tracks are in the world of a seed; size is the number of events in a member's logs.
 * @throws CordonError CONFIG_INVALID for a name that the world does not have, or more members than it has
 */
export function tracksOf(
  tracks: readonly Track[],
  { members, sizes }: Pick<World, 'members' | 'sizes'>,
  seed: number,
): ReadonlyMap<string, TrackMembers> {
  const size = (member: string) => sizes.get(member) ?? 0;
  return new Map(
    tracks.map((track) => {
      const chosen = new Set(chosenOf(track, members, size, seed));
      return [
        track.name,
        {
          members: members.filter((member) => chosen.has(member)),
          others: members.filter((member) => !chosen.has(member)),
        },
      ];
    }),
  );
}

function chosenOf(
  { name, of }: Track,
  members: readonly string[],
  size: (member: string) => number,
  seed: number,
): readonly string[] {
  if ('members' in of) {
    const unknown = of.members.find((member) => !members.includes(member));
    if (unknown !== undefined) throw wrong(name, `members among ${members.join(', ')}`, unknown);
    return of.members;
  }
  if (of.count > members.length) throw wrong(name, `at most ${members.length} members`, String(of.count));
  const bySize = members.toSorted((a, b) => size(a) - size(b) || (a < b ? -1 : 1));
  if (of.take === 'smallest') return bySize.slice(0, of.count);
  if (of.take === 'largest') return bySize.slice(-of.count);
  const stream = seededStream('track', name, seed);
  const left = [...members];
  return Array.from({ length: of.count }, () => left.splice(stream.nextBelow(left.length), 1)).flat();
}

function wrong(name: string, expected: string, got: string): CordonError {
  return new CordonError('CONFIG_INVALID', {
    expected: `track ${name} to have ${expected}`,
    got,
    next: 'correct the track in the experiment file',
  });
}

/** The same under the names that figures have: a track, and all but it. */
export function tracksByFigure(tracks: ReadonlyMap<string, TrackMembers>): Record<string, readonly string[]> {
  return Object.fromEntries(
    [...tracks].flatMap(([name, { members, others }]) => [
      [name, members],
      [`all-but-${name}`, others],
    ]),
  );
}
