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

function found(pid: number, secrets: ReadonlyMap<string, string>): string[] {
  const hits = [];
  for (const piece of memoryOf(pid)) {
    const text = piece.toString('latin1');
    for (const [secret, what] of secrets) if (text.includes(secret)) hits.push(what);
  }
  return hits;
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
      const original = (changed: string) =>
        Buffer.from(Buffer.from(changed, 'hex').map((byte) => byte ^ 0x5a)).toString('latin1');
      const secrets = new Map(noted.map(([what, changed]) => [original(changed), what]));
      expect(secrets.size).toBeGreaterThan(200);
      expect(found(child.pid ?? 0, secrets)).toEqual([]);
    } finally {
      child.kill('SIGKILL');
    }
  },
);
