import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { CordonError } from '../../../protocol/errors.ts';
import type { GivenFile, HostPartition } from './recorded-data.ts';

/** Which member a host belongs to; every host has one. */
export interface Division {
  readonly members: readonly string[];
  readonly memberOf: (host: string) => string;
}

const MOST_BYTES = 256 * 1024 * 1024;

/**
 * `balanced`: as many hosts each, drawn by the seed. `blocks`: clusters of a block model (Larroche 2022), and one more member
 * for all hosts that are in none, as Entente (Xu et al. 2025) divides LANL and OpTC by the clusters called `bottom`.
 * @throws CordonError DATA_NOT_FOUND, ENCODING_INVALID for files of another form
 */
export async function divideHosts(partition: HostPartition, seed: number): Promise<Division> {
  if (partition.kind === 'balanced') {
    const { members: count } = partition;
    const place = (host: string) =>
      createHash('sha256').update(`${seed}/${host}`).digest().readUInt32BE(0) % count;
    return division(count, place);
  }
  const { blocks, side, addresses } = partition;
  const names = addresses === null ? new Map<string, string>() : await namesIn(addresses);
  const clusters = clustersOf(await json(blocks), side, blocks);
  const clusterOf = new Map(
    clusters.flatMap((hosts, i) =>
      hosts.map((host) => [(names.get(host) ?? host).toLowerCase(), i] as const),
    ),
  );
  return division(clusters.length + 1, (host) => clusterOf.get(host) ?? clusters.length);
}

function division(count: number, place: (host: string) => number): Division {
  const members = Array.from({ length: count }, (_, i) => `member-${i + 1}`);
  const known = new Map<string, string>();
  const memberOf = (host: string): string => {
    const before = known.get(host);
    if (before !== undefined) return before;
    const member = members[place(host)] ?? '';
    known.set(host, member);
    return member;
  };
  return { members, memberOf };
}

function clustersOf(content: unknown, side: 'bottom' | 'top', file: GivenFile): string[][] {
  const clusters = isRecord(content) ? content[side] : undefined;
  if (Array.isArray(clusters) && clusters.length > 0 && clusters.length <= 100 && clusters.every(isRecord)) {
    return clusters.map((hosts) => Object.keys(hosts));
  }
  throw wrong(file, `clusters of hosts under "${side}"`);
}

async function namesIn(file: GivenFile): Promise<Map<string, string>> {
  const content = await json(file);
  if (!isRecord(content)) throw wrong(file, 'names by address');
  return new Map(
    Object.entries(content).flatMap(([address, name]) => (typeof name === 'string' ? [[address, name]] : [])),
  );
}

async function json(file: GivenFile): Promise<unknown> {
  if (file.bytes > MOST_BYTES) throw wrong(file, `at most ${MOST_BYTES} bytes`);
  const bytes = await readFile(file.path);
  try {
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
    const text = isGzip ? gunzipSync(bytes, { maxOutputLength: MOST_BYTES }) : bytes;
    return JSON.parse(text.toString('utf8'));
  } catch (cause) {
    throw wrong(file, 'JSON, plain or as gz', cause);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrong({ path }: GivenFile, expected: string, cause?: unknown): CordonError {
  const next = 'name the file that the configuration describes';
  return new CordonError(
    'ENCODING_INVALID',
    { expected: `${expected} in ${path}`, got: 'something else', next },
    { cause },
  );
}
