import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CordonError } from '../protocol/errors.ts';
import { TestFederation } from '../test/crypto-federation.ts';
import { loadChain } from './roster-file.ts';

let path = '';
beforeAll(async () => {
  path = join(await mkdtemp(join(tmpdir(), 'cordon-roster-')), 'roster.json');
});
afterAll(() => rm(join(path, '..'), { recursive: true, force: true }));

type Changeable = Record<string, unknown>;
interface ChangeableEpoch extends Changeable {
  roster: Changeable & { members: unknown[] };
  signatures: unknown[];
}

const { epochs } = new TestFederation(4).chain;
/** The file with its first epoch changed. */
function changed(change: (epoch: ChangeableEpoch) => void): unknown {
  const copy = structuredClone(epochs) as unknown as ChangeableEpoch[];
  for (const epoch of copy) change(epoch);
  return { epochs: copy };
}

async function refusal(value: unknown): Promise<CordonError> {
  await writeFile(path, typeof value === 'string' ? value : JSON.stringify(value));
  const error: unknown = await loadChain(path).then(
    () => null,
    (cause: unknown) => cause,
  );
  if (error instanceof CordonError) return error;
  throw new Error(`not refused: ${String(error)}`);
}

describe('a roster file of a wrong structure', () => {
  it('is not what a good one is taken for', async () => {
    await writeFile(path, JSON.stringify({ epochs }));
    expect((await loadChain(path)).last.members).toHaveLength(4);
  });

  it.each<[string, unknown, string, string, string]>([
    ['is a list', epochs, '', 'an object with epochs', 'a list of 1'],
    ['has no epochs', { epochs: [] }, 'epochs', 'a list of at least 1', 'an empty list at epochs'],
    ['has an epoch that is not in a list', { epochs: { a: 1 } }, 'epochs', 'a list', 'an object at epochs'],
    [
      'has a list in the place of a roster',
      changed((epoch) => Object.assign(epoch, { roster: [epoch.roster] })),
      'epochs[0].roster',
      'an object with consortium, epoch',
      'a list of 1 at epochs[0].roster',
    ],
    [
      'has a number as member id',
      changed(({ roster }) => Object.assign(roster.members[1] as object, { id: 7 })),
      'epochs[0].roster.members[1].id',
      'a name of 1 to 63 lower-case letters',
      'the number 7 at epochs[0].roster.members[1].id',
    ],
    [
      'has a member that is null',
      changed(({ roster }) => (roster.members[2] = null)),
      'epochs[0].roster.members[2]',
      'an object with id, index, signKey',
      'null at epochs[0].roster.members[2]',
    ],
    [
      'has a field missing',
      changed(({ roster }) => delete roster['kMin']),
      'epochs[0].roster.kMin',
      'a whole number of at least 1',
      'no epochs[0].roster.kMin',
    ],
    [
      'has a field that nobody knows',
      changed(({ roster }) => (roster['treshold'] = 3)),
      '',
      'only known fields',
      'a field that is not known: epochs[0].roster.treshold',
    ],
    [
      'has a number as text',
      changed(({ roster }) => (roster['threshold'] = '3')),
      'epochs[0].roster.threshold',
      'a whole number',
      'the text "3" at epochs[0].roster.threshold',
    ],
    [
      'has a key that is too short',
      changed(({ roster }) => (roster['coordinatorKey'] = 'abc')),
      'epochs[0].roster.coordinatorKey',
      'an Ed25519 public key in 43 letters of base64url',
      'the text "abc"',
    ],
    [
      'has a hash that is none',
      changed(({ roster }) => (roster['previous'] = 5)),
      'epochs[0].roster.previous',
      'a hash in 64 lower-case hexadecimal digits or null',
      'the number 5',
    ],
    [
      'has a signature of nobody',
      changed(({ signatures }) => delete (signatures[0] as Changeable)['member']),
      'epochs[0].signatures[0].member',
      'a name of 1 to 63',
      'no epochs[0].signatures[0].member',
    ],
  ])('that %s: which field, what belongs there, what was found', async (_, value, place, expected, got) => {
    const error = await refusal(value);
    expect(error.code).toBe('ROSTER_INVALID');
    expect(error.expected).toContain(place === '' ? '' : `${place} in the roster file ${path}: `);
    expect(error.expected).toContain(expected);
    expect(error.got).toContain(got);
    expect(error.next).toMatch(
      /^get the roster file from the consortium; whoever writes it corrects this field/,
    );
    expect(`${error.expected} ${error.got}`).not.toMatch(/must|schema|pattern|\^/);
  });

  it.each([
    ['nothing in it', ' \n', 'an empty file'],
    ['half of it', JSON.stringify({ epochs }).slice(0, 300), 'text that is not JSON'],
  ])('with %s', async (_, text, got) => {
    expect(await refusal(text)).toMatchObject({ code: 'ROSTER_INVALID', got });
  });

  it('that would show a key in the wrong place does not', async () => {
    const error = await refusal(changed(({ roster }) => (roster['consortium'] = 'A'.repeat(43))));
    expect(error.got).toBe('text of 43 letters at epochs[0].roster.consortium');
  });
});
