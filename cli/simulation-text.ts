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
    `${events} events, ${maliciousEvents} malicious in ${campaigns.train} campaigns of the training and ${campaigns.test} of the test period, in ${out}`,
    `${cpuSeconds.toFixed(1)} s of processor time, compression included: ${Math.round(events / cpuSeconds)} events a second and core`,
    '',
    table(
      ['organisation', 'hosts', 'accounts', 'events', 'labelled incidents'],
      organisations.map((org) => [
        org.name,
        ...[org.hosts, org.accounts, org.events, org.incidents].map(String),
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
        verdict(row),
      ]),
    ),
  ].join('\n');
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))} %`;
}

function verdict({ verdict: found, reason }: FitRow): string {
  return reason === null ? found : `${found}: ${reason}`;
}
