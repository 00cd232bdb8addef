import type { DatasetStats } from './stats.ts';
import type { TimeQuality } from './time-quality.ts';

/** Fewer records than this with two clocks say nothing of a zone. */
const ENOUGH = 5;
const MOST = 0.9;

/** What a data set's reader should know before it is used, a sentence each. */
export function warningsOf(stats: DatasetStats, time: TimeQuality): string[] {
  const warnings: string[] = [];
  const broken = stats.skipped.flatMap(({ code }) => code ?? []);
  if (broken.length > 0) {
    warnings.push(
      `the counts are incomplete: ${broken.length} ${broken.length === 1 ? 'file' : 'files'} could not be read, ` +
        `or not to the end (${[...new Set(broken)].join(', ')})`,
    );
  }
  if (time.late > 0) {
    const share = ((100 * time.late) / stats.events).toFixed(2);
    warnings.push(
      `${time.late.toLocaleString('en-US')} events (${share} %) come more than five minutes after newer ones of their file: ` +
        'they enter the twin and get no features',
    );
  }
  const clocks = Object.entries(stats.clockMinutes);
  const all = clocks.reduce((sum, [, n]) => sum + n, 0);
  for (const [minutes, n] of clocks) {
    if (minutes === '0' || n < ENOUGH || n < MOST * all) continue;
    const hours = Math.abs(Number(minutes)) / 60;
    warnings.push(
      `the wall clock of ${n.toLocaleString('en-US')} records is ${hours} hours ${Number(minutes) > 0 ? 'behind' : 'ahead of'} UTC: ` +
        'their own times without a zone are local, and so may be those of records that have no other ' +
        '(name the zone, for example --time-zone America/New_York)',
    );
  }
  if (clocks.length > 1 && !clocks.some(([, n]) => n >= MOST * all)) {
    warnings.push(`wall clocks of ${clocks.length} different zones stand beside times with a zone`);
  }
  if (stats.files.some(({ file }) => /^truth[\\/]/.test(file))) {
    warnings.push(
      'the folder truth of a simulation is read too, and every label counts twice: ' +
        'name the folder of one organisation, or leave truth out',
    );
  }
  return warnings;
}
