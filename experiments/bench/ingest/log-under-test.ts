import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { simulate } from '../../../datasets/simulator/simulate.ts';
import { CordonError } from '../../../protocol/errors.ts';
import type { BenchContext } from '../bench.ts';

/** A log that is made for a bench: one organisation, seed 1. */
export interface LogSize {
  readonly hosts: number;
  readonly accounts: number;
  readonly days: number;
  /** About so many. */
  readonly events: number;
}

/** The log that is given, or one that is simulated into `folder`. */
export async function logUnderTest(
  { data, say, signal }: BenchContext,
  { events, ...size }: LogSize,
  folder: string,
): Promise<string> {
  if (data !== null) return data;
  const options = { orgs: 1, ...size, trainDays: 1, seed: 1, eventsTarget: events };
  const { organisations } = await simulate(options, join(folder, 'simulated'), {
    onProgress: ({ day, days, events: done }) => say(`Simulating day ${day}/${days}: ${done} events`),
    signal,
  });
  return join(folder, 'simulated', organisations[0]?.name ?? '', 'auth.txt.gz');
}

/** In words, for the notes of rows. */
export function whichLog({ data }: BenchContext, { hosts, accounts, days }: LogSize, events: number): string {
  const from =
    data === null ? `simulated, ${hosts} hosts, ${accounts} accounts, ${days} days, seed 1` : 'a given log';
  return `${events} events: ${from}`;
}

/** The plain text of a gzipped log. @throws CordonError DATA_NOT_FOUND, FORMAT_UNKNOWN */
export async function decompressed(log: string, folder: string, signal: AbortSignal): Promise<string> {
  const plain = join(folder, 'auth.txt');
  try {
    await pipeline(createReadStream(log), createGunzip(), createWriteStream(plain), { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw new CordonError(
      'FORMAT_UNKNOWN',
      {
        expected: `a gzipped LANL authentication log at ${log}`,
        got: error instanceof Error ? error.message : String(error),
        next: 'give an auth.txt.gz, or leave --data out for a simulated one',
      },
      { cause: error },
    );
  }
  return plain;
}
