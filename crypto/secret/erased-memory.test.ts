import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const script = fileURLToPath(new URL('../../test/secrets-in-memory.ts', import.meta.url));

/** All memory that a process may write, a mapping at a time (`man 5 proc_pid_maps`). */
function* memoryOf(pid: number): Generator<Buffer> {
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  try {
    for (const line of readFileSync(`/proc/${pid}/maps`, 'latin1').split('\n')) {
      const [, from = '', to = ''] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? [];
      if (from === '') continue;
      const [start, end] = [Number.parseInt(from, 16), Number.parseInt(to, 16)];
      for (let at = start; at < end; at += PIECE) {
        const piece = Buffer.alloc(Math.min(PIECE + 64, end - at));
        try {
          yield piece.subarray(0, readSync(memory, piece, 0, piece.length, at));
        } catch {
          break; // a mapping that nobody can read
        }
      }
    }
  } finally {
    closeSync(memory);
  }
}

/** Read at once; each piece overlaps the next by the longest secret. */
const PIECE = 16 * 1024 * 1024;

/** The secrets that stand in its memory: one pass for all of them, by their first two bytes. */
function found(pid: number, secrets: readonly Secret[]): string[] {
  const byStart = new Map<number, Secret[]>();
  const begins = new Uint8Array(2 ** 16);
  for (const secret of secrets) {
    const start = secret.bytes.readUInt16LE(0);
    begins[start] = 1;
    byStart.set(start, [...(byStart.get(start) ?? []), secret]);
  }
  const hits = new Set<string>();
  for (const piece of memoryOf(pid)) {
    let start = (piece[0] ?? 0) << 8;
    for (let i = 1; i < piece.length; i++) {
      start = (start >>> 8) | ((piece[i] ?? 0) << 8);
      if (begins[start] === 0) continue;
      for (const { bytes, what } of byStart.get(start) ?? [])
        if (piece.compare(bytes, 0, bytes.length, i - 1, Math.min(piece.length, i - 1 + bytes.length)) === 0)
          hits.add(what);
    }
  }
  return [...hits];
}

interface Secret {
  readonly what: string;
  readonly bytes: Buffer;
}

test.skipIf(!existsSync('/proc/self/mem'))(
  'of what was erased, nothing stands in the memory of the process: no agreed secret, no key of a box, no key of a pair, no seed',
  { timeout: 60_000 },
  async () => {
    const child = spawn(process.execPath, ['--expose-gc', script], { stdio: ['pipe', 'pipe', 'inherit'] });
    try {
      const [line] = await new Promise<string[]>((resolve, reject) => {
        createInterface(child.stdout).once('line', (text) => resolve([text]));
        child.once('exit', (code) => reject(new Error(`ended with ${code}`)));
      });
      const noted = JSON.parse(line ?? '') as [what: string, changed: string][];
      const secrets = noted.map(([what, changed]) => {
        const bytes = Buffer.from(Buffer.from(changed, 'hex').map((byte) => byte ^ 0x5a));
        return { what, bytes };
      });
      expect(new Set(noted.map(([, changed]) => changed)).size).toBeGreaterThan(200);
      expect(found(child.pid ?? 0, secrets)).toEqual([]);
      // What is there is found: the first of the line that the process has written, as it noted it.
      const there = { what: 'there', bytes: Buffer.from(noted[0]?.[1] ?? '', 'latin1') };
      expect(found(child.pid ?? 0, [there])).toEqual(['there']);
    } finally {
      child.kill('SIGKILL');
    }
  },
);
