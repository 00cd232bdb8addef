import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EDGE_V1 } from '../../../participant/features/edge-v1.ts';
import { RowList } from '../../../participant/train/rows.ts';
import type { SiteData } from '../../../participant/train/site-data.ts';
import type { ProgramMethod } from '../experiment.ts';
import { methodHash } from '../hash.ts';
import { programHash, programOf } from './program-method.ts';
import { scoresByProgram } from './program-scores.ts';

/** Scores every row by its first value plus how many incidents all members have that it is shown. */
const SCRIPT = `
const { readFileSync, writeFileSync, readdirSync } = require('node:fs');
const { join } = require('node:path');
const folder = process.argv.at(-1);
const { members, write } = JSON.parse(readFileSync(join(folder, 'rows.json'), 'utf8'));
const [mode] = process.argv.slice(2);
if (mode === 'fail') { console.log('step 1'); console.error('Traceback\\n\\u001b[31mValueError: no'); process.exit(3); }
if (mode === 'sleep') { console.log('loss 0.25'); setInterval(() => 0, 1000); return; }
const incidents = members.reduce((sum, { rows }) => sum + rows.incidents[0], 0);
for (const { folder: own, rows } of members) {
  for (const part of ['validation', 'evaluation']) {
    const bytes = readFileSync(join(folder, own, part + '.npy'));
    const at = 10 + bytes.readUInt16LE(8);
    const [count, columns] = rows[part];
    const scores = Float64Array.from({ length: count }, (_, i) => incidents + bytes.readFloatLE(at + 4 * i * columns));
    const text = "{'descr': '<f8', 'fortran_order': False, 'shape': (" + count + ",), }\\n";
    const head = Buffer.from('\\x93NUMPY\\x01\\0' + String.fromCharCode(text.length) + '\\0' + text, 'latin1');
    writeFileSync(join(folder, own, write[part]), Buffer.concat([head, Buffer.from(scores.buffer)]));
  }
}
`;

const WIDTH = EDGE_V1.length;
/** Rows whose first values are these. */
function rows(...first: number[]): RowList {
  const list = new RowList(WIDTH);
  for (const value of first) list.add(new Float32Array(WIDTH).fill(value, 0, 1));
  return list;
}
function site(incidents: number, ...evaluation: number[]): SiteData {
  return {
    familiar: rows(0, 0),
    novel: rows(0),
    corrupted: rows(1),
    incidents: rows(...new Array<number>(incidents).fill(2)),
    validation: { list: rows(0.5, 0.25), events: [] },
    validationShare: 1,
    evaluation: { list: rows(...evaluation), events: [] },
    events: 9,
    scored: 9,
  };
}
const sites = new Map([
  ['port', site(3, 0.125, 1)],
  ['rail', site(0, 2)],
]);

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-program-'));
  await writeFile(join(folder, 'mine.cjs'), SCRIPT);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function method(
  given: Partial<Parameters<typeof programOf>[0]> = {},
  seconds?: number,
): Promise<ProgramMethod> {
  const program = await programOf(
    { command: [process.execPath, 'mine.cjs', 'score'], ...given },
    folder,
    'method mine',
  );
  return {
    kind: 'program',
    name: 'mine',
    labels: 'own',
    counting: null,
    coldStart: null,
    unlabelled: null,
    falseIncidents: null,
    ...program,
    ...(seconds !== undefined && { seconds }),
  };
}

const said: string[] = [];
const hooks = {
  say: (text: string) => said.push(text),
  signal: new AbortController().signal,
  adopt: () => undefined,
};
const place = () => ({ sites, seed: 7, out: join(folder, 'out') });

/** What a program said of a member's test rows. */
async function scores(mine: ProgramMethod) {
  const scoresOf = await scoresByProgram(mine, place(), hooks);
  return [...sites].map(([organisation, one]) =>
    Array.from(scoresOf({ organisation, site: one }).evaluation),
  );
}

describe('a program of one’s own', () => {
  it('scores each member by its rows alone, or all by those of all, and leaves nothing behind', async () => {
    expect(await scores(await method())).toEqual([[3.125, 4], [2]]);
    expect(said).toContain('program 2 of 2');
    expect(await scores(await method({ per: 'all' }))).toEqual([[3.125, 4], [5]]);
    await expect(readdir(join(folder, 'out', 'programs'))).rejects.toThrow();
  });

  it('gets names of columns and shapes, and nothing of the truth; the folders stay where they are to', async () => {
    await scores(await method({ per: 'all', keep: true }));
    const kept = join(folder, 'out', 'programs', '7', 'mine');
    const given = JSON.parse(await readFile(join(kept, 'rows.json'), 'utf8')) as Record<string, unknown>;
    expect(given).toMatchObject({ version: 1, seed: 7, method: 'mine', features: 'edge-v1' });
    expect(given['columns']).toHaveLength(WIDTH);
    expect(given['members']).toEqual([
      expect.objectContaining({ name: 'port', folder: 'port' }),
      {
        name: 'rail',
        folder: 'rail',
        rows: {
          familiar: [2, WIDTH],
          novel: [1, WIDTH],
          corrupted: [1, WIDTH],
          incidents: [0, WIDTH],
          validation: [2, WIDTH],
          evaluation: [1, WIDTH],
        },
      },
    ]);
    expect((await readdir(join(kept, 'rail'))).toSorted()).toEqual(
      'corrupted evaluation familiar incidents novel scores-evaluation scores-validation validation'
        .split(' ')
        .map((name) => `${name}.npy`),
    );
  });

  it('that fails says how, with the end of what it printed, and its rows stay', async () => {
    await expect(
      scores(await method({ command: [process.execPath, 'mine.cjs', 'fail'] })),
    ).rejects.toMatchObject({
      code: 'PROGRAM_FAILED',
      got: 'code 3: Traceback | [31mValueError: no',
      next: expect.stringMatching(/by hand, in .*: .*programs.7.mine.port$/) as string,
    });
    expect(await readdir(join(folder, 'out', 'programs', '7', 'mine', 'port'))).toContain('rows.json');
  });

  it('that does not start is named', async () => {
    for (const program of ['no-such-program-here', './neither']) {
      await expect(scores(await method({ command: [program, 'mine.cjs'] }))).rejects.toMatchObject({
        code: 'PROGRAM_FAILED',
        expected: expect.stringContaining(program) as string,
      });
    }
  });

  it('that takes too long is ended, and so is one that is interrupted', async () => {
    const asleep = { command: [process.execPath, 'mine.cjs', 'sleep'] };
    await expect(scores(await method(asleep, 0.5))).rejects.toMatchObject({ code: 'TIMEOUT' });
    const stop = new AbortController();
    const work = scoresByProgram(await method(asleep), place(), {
      ...hooks,
      signal: stop.signal,
      adopt: () => stop.abort(new Error('interrupted')),
    });
    await expect(work).rejects.toThrow('interrupted');
  });

  it('is what its command and files are: other content is another program, and may not come while it runs', async () => {
    const experiment = {
      data: { kind: 'simulator', orgs: 1, hosts: 1, accounts: 1, days: 2, trainDays: 1, scenarios: [] },
      tracks: [],
      recordings: null,
      methods: [],
    } as const;
    const before = await method({ files: ['mine.cjs'] });
    expect(before.files.map(({ file }) => file)).toContain('mine.cjs');
    const same = methodHash(experiment, await method({ seconds: 5, keep: true }));
    expect(methodHash(experiment, await method())).toBe(same);
    expect(methodHash(experiment, await method({ per: 'all' }))).not.toBe(same);
    await writeFile(join(folder, 'mine.cjs'), `${SCRIPT}\n`);
    const after = await method();
    expect(methodHash(experiment, after)).not.toBe(same);
    expect(programHash(after)).not.toBe(programHash(before));
    await expect(scores(before)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      got: expect.stringContaining('another content') as string,
    });
  });

  it('must be known by a file', async () => {
    await expect(method({ command: ['node', 'mien.cjs'] })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      got: 'node mien.cjs',
    });
    await expect(method({ files: ['rows.py'] })).rejects.toMatchObject({ code: 'DATA_NOT_FOUND' });
  });
});
