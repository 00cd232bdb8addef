import { CordonError } from '../../protocol/errors.ts';
import type { Bench } from './bench.ts';

/** What a listing needs without loading the bench itself. */
export interface BenchEntry {
  readonly name: string;
  readonly title: string;
  readonly load: () => Promise<Bench>;
}

/** Every bench, one file or folder each; loaded only when it is called. */
export const BENCHES: readonly BenchEntry[] = [
  {
    name: 'secure-sum',
    title: 'encrypt, add, open and answer for a million parameters, beside BFV, CKKS and pairwise masks',
    load: async () => (await import('./secure-sum/secure-sum.ts')).secureSum,
  },
  {
    name: 'round',
    title:
      'whole rounds of ten processes, encrypted and in the clear: a million parameters, and 200 small rounds',
    load: async () => (await import('./round/round.ts')).round,
  },
  {
    name: 'twin',
    title:
      'the twin of 16,000 hosts and 74,000 accounts: events, memory, snapshot and roles, beside graphology',
    load: async () => (await import('./twin/twin.ts')).twin,
  },
  {
    name: 'readers',
    title: 'one log to events: the byte reader beside DuckDB; canonical events as JSON lines and Parquet',
    load: async () => (await import('./readers/readers.ts')).readers,
  },
  {
    name: 'ingest',
    title:
      'a gzipped authentication log to events, twin and features, stage by stage, beside DuckDB and wc -l',
    load: async () => (await import('./ingest/ingest.ts')).ingest,
  },
  {
    name: 'ingest-long',
    title: 'memory while a hundred million simulated events go through reading, twin and features',
    load: async () => (await import('./ingest/ingest-long.ts')).ingestLong,
  },
  {
    name: 'alerts',
    title:
      'from the writing of a line to its alert, at a participant that follows its logs: 1,000 to 5,000 lines a second',
    load: async () => (await import('./alerts/alerts.ts')).alerts,
  },
];

/** @throws CordonError USAGE with the names there are */
export function findBench(name: string): BenchEntry {
  const entry = BENCHES.find((one) => one.name === name);
  if (entry) return entry;
  throw new CordonError('USAGE', {
    expected: `the name of a bench: ${BENCHES.map((one) => one.name).join(', ')}`,
    got: name,
    next: 'run cordon bench without a name to see what each measures',
  });
}
