import type { Roster } from '../../crypto/public/roster.ts';
import type { DemoRound } from './report.ts';

/** One paragraph: what left each organisation, and what the coordinator could and could not see. */
export function inPlainWords(
  { committee, threshold, cRoster }: Pick<Roster, 'committee' | 'threshold' | 'cRoster'>,
  rounds: readonly DemoRound[],
  values: number,
): string {
  const published = rounds.filter(({ outcome }) => outcome === 'published');
  const last = published.at(-1);
  const uploads = published.reduce((sum, { contributors }) => sum + contributors.length, 0);
  const bytes = published.reduce((sum, { bytesUp }) => sum + bytesUp, 0);
  const each = uploads === 0 ? 0 : bytes / uploads;
  const cohorts = published.map(({ contributors }) => contributors.length);
  return [
    'No log line, host name, account name, feature, alert or model of a single organisation was sent to anybody.',
    '(This demo started all of them, and reads their own folders to print what stands above.)',
    `In each round a participant sent one encrypted update (${(each / 1000).toFixed(0)} kB: ${values} numbers and the sealed`,
    `shares of the key that encrypts them) and, if it sits on the committee, one sum of key shares.`,
    `The coordinator could see who took part, when, and how large the messages were; it could not read any update.`,
    ...(last
      ? [
          `What was opened, with the help of ${threshold} of ${committee.length} committee members, is only the sum of ${Math.min(...cohorts)} or more updates a round.`,
          'Before, the committee had tested the shares of every key: whoever sends one that does not fit is left out, and the proof',
          'is in the log.',
          `After, ${cRoster + 1} members recomputed each part of the sum from all encrypted updates and signed that it is right;`,
          'without that nobody adopts it, so the coordinator cannot pass off a wrong one. From these sums every participant',
          'computed the joint model by itself.',
        ]
      : ['No sum was adopted.']),
    `If ${threshold} committee members worked together with the coordinator, they could open single updates of that round.`,
    'A coordinator that chooses whose updates are summed can subtract sums of neighbouring rounds and come closer to',
    'single updates than one sum allows; noise against that is not built yet. Besides,',
    'the sums and the joint model are known to all members and may tell something about the data of all of them together.',
    'This code has not been audited.',
  ].join(' ');
}
