import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { BenchContext } from '../bench/bench.ts';
import { type Peer, PEERS, runPeers } from './peers.ts';

const folder = mkdtempSync(join(tmpdir(), 'cordon-peers-'));
afterAll(() => rmSync(folder, { recursive: true }));

const context: BenchContext = {
  runs: 1,
  data: null,
  version: '0',
  say: () => undefined,
  signal: new AbortController().signal,
};

/** A peer that is a line of JavaScript. */
const peer = (name: string, ...codes: string[]): Peer => ({
  name,
  commands: () => codes.map((code) => ({ file: process.execPath, args: ['-e', code, '--'] })),
  absent: 'nothing can start it',
});
const run = (...peers: Peer[]) =>
  runPeers(peers, [Uint32Array.of(1, 2), Uint32Array.of(3, 4)], folder, context);

describe('peers', () => {
  it('get the vectors as a file, with their length and number', async () => {
    const { rows } = await run(
      peer(
        'reader',
        `const at = (name) => process.argv[process.argv.indexOf(name) + 1];
         const bytes = require('node:fs').readFileSync(at('--vectors'));
         const note = [at('--length'), at('--members'), at('--runs'), bytes.readUInt32LE(12), bytes.length].join();
         console.log('noise of a library');
         console.log(JSON.stringify({ rows: [{ name: 'a', unit: 'ms', median: 1, min: 1, max: 1, runs: 1, note }], skipped: [] }));`,
      ),
    );
    expect(rows.map(({ note }) => note)).toEqual(['2,2,1,4,16']);
  });

  it('are skipped with what they say is missing, and the next interpreter is tried', async () => {
    const missing = `console.log('{"rows":[],"skipped":[{"name":"x","why":"install it"}]}')`;
    const works = `console.log('{"rows":[{"name":"y"}],"skipped":[]}')`;
    expect(await run(peer('x', missing))).toEqual({ rows: [], skipped: [{ name: 'x', why: 'install it' }] });
    expect((await run(peer('x', missing, works))).rows).toEqual([{ name: 'y' }]);
  });

  it('are skipped where their program is not there', async () => {
    const absent: Peer = { ...peer('x'), commands: () => [{ file: join(folder, 'nothing'), args: [] }] };
    expect((await run(absent)).skipped).toEqual([{ name: 'x', why: 'nothing can start it' }]);
  });

  it('that fail are quoted, and do not end the bench', async () => {
    const { skipped } = await run(peer('x', `console.error('the opened sum is wrong'); process.exit(1)`));
    expect(skipped).toEqual([{ name: 'x', why: 'it failed: the opened sum is wrong' }]);
  });

  it('in Python come from the interpreters that are named, or from PATH', () => {
    const files = (environment: NodeJS.ProcessEnv) => PEERS[0]?.commands(environment).map(({ file }) => file);
    expect(
      files({ CORDON_PEERS_PYTHON: ['a/python', 'b/python'].join(process.platform === 'win32' ? ';' : ':') }),
    ).toEqual(['a/python', 'b/python']);
    expect(files({})).toEqual(['python3', 'python']);
  });
});
