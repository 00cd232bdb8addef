import type { FitRow } from '../datasets/simulator/fit/report.ts';
import type { Simulation } from '../datasets/simulator/simulation.ts';
import { table } from './table.ts';

/** What was simulated, and how it compares with what is published. */
export function simulationText(
  { events, maliciousEvents, organisations, campaigns, fit }: Simulation,
  out: string,
  cpuSeconds: number,
): string {
  return [
    `${count(events)} events, ${count(maliciousEvents)} malicious in ${campaigns.train} campaigns of the training and ${campaigns.test} of the test period, in ${out}`,
    `${cpuSeconds.toFixed(1)} s of processor time, compression included: ${count(Math.round(events / cpuSeconds))} events a second and core`,
    '',
    table(
      ['organisation', 'hosts', 'accounts', 'events', 'labelled incidents'],
      organisations.map((org) => [
        org.name,
        ...[org.hosts, org.accounts, org.events, org.incidents].map(count),
      ]),
    ),
    '',
    'Against what is published about LANL 2015 (ordinary events only)',
    table(
      ['fact', 'published', 'generated', 'deviation', 'verdict'],
      fit.map((row) => [
        row.fact,
        typeof row.published === 'number' ? percent(row.published) : row.published.map(percent).join(' to '),
        percent(row.generated),
        percent(row.deviation),
        row.verdict,
      ]),
    ),
    ...reasons(fit),
  ].join('\n');
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))} %`;
}

/** Why a figure is not comparable or does not fit: sentences, too long for a column. */
function reasons(fit: readonly FitRow[]): string[] {
  const lines = fit.flatMap(({ fact, verdict, reason }) =>
    reason === null ? [] : [`${fact}: ${verdict}:`, `  ${reason}`],
  );
  return lines.length === 0 ? [] : ['', ...lines];
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
