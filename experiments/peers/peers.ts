import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { BenchContext } from '../bench/bench.ts';
import type { BenchRow, BenchSkipped } from '../bench/result.ts';

/** What a peer prints on its last line: rows of the bench's shape, or why it cannot run here. */
export interface PeerResult {
  readonly rows: readonly BenchRow[];
  readonly skipped: readonly BenchSkipped[];
}

/** Another system that sums the same vectors, in a script of this folder. */
export interface Peer {
  readonly name: string;
  /** Command lines to try in turn; the first that can run counts. */
  readonly commands: (environment: NodeJS.ProcessEnv) => readonly PeerCommand[];
  /** Where none of them can be started at all. */
  readonly absent: string;
}

interface PeerCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd?: string;
}

const run = promisify(execFile);
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Interpreters to try: those of CORDON_PEERS_PYTHON, separated as in PATH, or else what PATH has. */
function python(script: string): Pick<Peer, 'commands' | 'absent'> {
  return {
    commands: ({ CORDON_PEERS_PYTHON: named }) =>
      (named ? named.split(delimiter) : ['python3', 'python']).map((file) => ({
        file,
        args: [here(script)],
      })),
    absent: 'no Python: install Python 3 or name an interpreter in CORDON_PEERS_PYTHON',
  };
}

export const PEERS: readonly Peer[] = [
  { name: 'tenseal', ...python('./tenseal_ckks.py') },
  { name: 'flower', ...python('./flower_secaggplus.py') },
  { name: 'openfhe', ...python('./openfhe_threshold.py') },
  {
    name: 'lattigo',
    commands: ({ CORDON_PEERS_GO: named }) => [
      { file: named || 'go', args: ['run', '.'], cwd: here('./lattigo') },
    ],
    absent: 'no Go: install Go 1.24 or name its executable in CORDON_PEERS_GO',
  },
];

/**
 * Runs every peer that is installed on these vectors, each in a process of its own; the others are skipped with what
 * would have to be installed. Nothing is ever downloaded.
 * @param folder for the file of vectors
 */
export async function runPeers(
  peers: readonly Peer[],
  vectors: readonly Uint32Array[],
  folder: string,
  { runs, say, signal }: BenchContext,
): Promise<PeerResult> {
  const file = join(folder, 'vectors.u32');
  await writeFile(
    file,
    Buffer.concat(vectors.map((v) => new Uint8Array(v.buffer, v.byteOffset, v.byteLength))),
  );
  const args = ['--vectors', file, '--length', String(vectors[0]?.length ?? 0)];
  args.push('--members', String(vectors.length), '--runs', String(Math.min(runs ?? 5, 5)));
  const results = [];
  for (const peer of peers) {
    say(`Peer: ${peer.name}`);
    results.push(await runPeer(peer, args, signal));
  }
  return {
    rows: results.flatMap((result) => result.rows),
    skipped: results.flatMap((result) => result.skipped),
  };
}

async function runPeer(peer: Peer, args: readonly string[], signal: AbortSignal): Promise<PeerResult> {
  let why = peer.absent;
  for (const { file, args: own, ...place } of peer.commands(process.env)) {
    try {
      const { stdout } = await run(file, [...own, ...args], {
        ...place,
        signal,
        env: environment(),
        maxBuffer: 1 << 24,
      });
      const result = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as PeerResult;
      if (result.rows.length > 0) return result;
      why = result.skipped[0]?.why ?? why;
    } catch (error) {
      signal.throwIfAborted();
      why = whyNot(error, peer) ?? why;
    }
  }
  return { rows: [], skipped: [{ name: peer.name, why }] };
}

/**
 * One thread, because idle threads of OpenMP spin and would count as work; no download by the Go command, and no
 * workspace or toolchain of somebody else's.
 */
function environment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    OMP_NUM_THREADS: '1',
    GOPROXY: 'off',
    GOFLAGS: '-mod=readonly',
    GOTOOLCHAIN: 'local',
    GOWORK: 'off',
    PYTHONDONTWRITEBYTECODE: '1',
  };
}

/** Null where the program is not there; a program that ran and failed is quoted, not taken for absent. */
function whyNot(error: unknown, peer: Peer): string | null {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
  const text = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error);
  if (/module lookup disabled|missing go\.sum|not in std/.test(text)) {
    return `its modules are not here: run "go mod download" in experiments/peers/${peer.name} once`;
  }
  return `it failed: ${text.split('\n').at(-1)?.slice(0, 300) || 'it printed no reason'}`;
}
