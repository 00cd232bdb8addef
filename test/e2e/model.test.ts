import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VersionStore } from '../../participant/models/version-store.ts';
import { madeModel } from '../made-model.ts';
import { runCli } from './run-cli.ts';

let folder = '';
let state = '';
let log = '';
const id = madeModel().version.id;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-model-'));
  state = join(folder, 'state');
  log = join(folder, 'auth.txt');
  await mkdir(state);
  const { facts, weights } = madeModel();
  await new VersionStore(state).keep(facts, weights);
  await writeFile(join(state, 'epochs.json'), '[]');
  const line = (i: number) => `${60 * i},U1@D,U1@D,C${i % 7},C${i % 5},Kerberos,Network,LogOn,Success`;
  await writeFile(log, Array.from({ length: 100 }, (_, i) => `${line(i)}\n`).join(''));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const model = (...args: string[]) => runCli(['model', ...args]);
async function refused(...args: string[]): Promise<[number | null, string]> {
  const { code, stdout } = await model(...args, '--json');
  return [code, (JSON.parse(stdout) as { error: { code: string } }).error.code];
}

describe('cordon model', () => {
  it('shows versions, takes them out and in, and scores logs with one', async () => {
    const at = (name: string) => join(folder, name);
    const [list, shown, exported, scored] = await Promise.all([
      model('ls', state),
      model('show', id.slice(6, 12), '--from', state),
      model('export', id, '--from', state, '-o', at('own.cordon')),
      model('score', log, '--model', id, '--from', state, '--out', at('s.csv'), '--alerts', '3'),
    ]);
    expect([list.code, shown.code, exported.code, scored.code]).toEqual([0, 0, 0, 0]);
    expect(list.stdout).toMatch(new RegExp(`^model +from .*\n[- ]+\n${id} +run-0000000000000001 +test `));
    expect(shown.stdout).toContain('contributors  round 1: org-1, org-2, org-3\n');
    expect(scored.stdout).toMatch(
      new RegExp(`^${id}: 100 of 100 authentications scored, from 100 records\n`),
    );
    expect(scored.stdout).toContain('3 of 7 (source host, day) groups shown');
    const lines = (await readFile(at('s.csv'), 'utf8')).split('\n');
    expect(lines).toHaveLength(102);
    expect(lines[0]).toBe('time,srcHost,dstHost,account,score,alert,reasons');
    const imported = await model('import', at('own.cordon'), '--into', state);
    expect(imported.stdout).toBe(`${id} is there already\n`);
  });

  it('says in one error what is wrong, and leaves nothing', async () => {
    const names = await readdir(folder);
    const none = join(folder, 'none');
    const from = ['--from', state];
    expect(
      await Promise.all([
        refused('ls', none),
        refused('show', 'ffffffff', ...from),
        refused('export', id, ...from, '-o', log),
        refused('export', id, ...from, '-o', none, '--format', 'pt'),
        refused('import', log, '--into', state),
        refused('import', log, '--into', folder),
        refused('score', log, '--model', id, ...from, '--out', log),
        refused('score', log, '--model', id, ...from, '--train-until', 'day 9', '--out', none),
      ]),
    ).toEqual([
      [2, 'DATA_NOT_FOUND'],
      [1, 'NOT_FOUND'],
      [2, 'OUTPUT_EXISTS'],
      [2, 'USAGE'],
      [1, 'ENCODING_INVALID'],
      [2, 'DATA_NOT_FOUND'],
      [2, 'OUTPUT_EXISTS'],
      [1, 'DATA_INSUFFICIENT'],
    ]);
    expect(await readdir(folder)).toEqual(names);
  });
});
