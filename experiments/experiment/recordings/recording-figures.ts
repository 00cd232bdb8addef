import { thresholdAt } from '../../../models/metrics/alerts.ts';
import type { FramedWorld } from '../../evaluate/framed-members.ts';
import { ALL, type Figure } from '../measure.ts';
import type { RowScores } from '../triggered-figures.ts';
import type { RecordedSight } from './recorded-rows.ts';

/**
 * Of the recordings with a remote logon, the share in which one would be among the alerts at one alert a day: over all, and
 * by technique. It says nothing about false alerts: nobody has labelled what in a recording is not the attack, and
 * everything in it is new to the member.
 */
export function recordingFigures(
  { member, recordings }: RecordedSight,
  { members }: Pick<FramedWorld, 'members'>,
  scores: RowScores,
): Figure[] {
  const framed = members.find(({ organisation }) => organisation === member);
  if (framed === undefined) return [];
  const { site, validation } = framed;
  const threshold = thresholdAt(site.validationShare, validation, scores(member, site.validation.list.rows));
  const seen = recordings
    .filter(({ remote }) => remote.length > 0)
    .map(({ techniques, remote }) => ({
      techniques,
      alerted: scores(member, remote.rows).some((score) => score > threshold.score),
    }));
  const share = (some: typeof seen) => some.filter(({ alerted }) => alerted).length / some.length;
  const figure = (metric: string, value: number | null): Figure => ({ member: ALL, metric, value });
  const techniques = [...new Set(recordings.flatMap((recording) => recording.techniques))].toSorted();
  return [
    figure('recordings', recordings.length),
    figure('recordingsWithRemoteLogons', seen.length),
    figure('recordingRecall', seen.length > 0 ? share(seen) : null),
    ...techniques.flatMap((technique) => {
      const those = seen.filter((one) => one.techniques.includes(technique));
      return [
        figure(`recordingRecall:${technique}`, those.length > 0 ? share(those) : null),
        figure(`recordingsWithRemoteLogons:${technique}`, those.length),
      ];
    }),
  ];
}
