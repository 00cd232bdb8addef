import { readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { makeFolder } from '../../../crypto/identity/make-folder.ts';
import type { SiteData } from '../../../participant/train/site-data.ts';
import type { MemberScores, ScoresOf } from '../../evaluate/evaluate.ts';
import type { ProgramMethod } from '../experiment.ts';
import { readScores } from './npy.ts';
import { type GivenMember, SCORES, writeProgramFolder } from './program-folder.ts';
import { checkUnchanged } from './program-method.ts';
import { type ProgramHooks, runProgram } from './run-program.ts';

interface ProgramPlace {
  readonly sites: ReadonlyMap<string, SiteData>;
  readonly seed: number;
  /** Folder of the experiment's results: rows stand in `programs/SEED/METHOD`, and stay where a program fails. */
  readonly out: string;
}

/**
 * What a program of somebody's own says of all members' rows.
 * @throws CordonError as `runProgram`, `readScores`, `checkUnchanged`
 */
export async function scoresByProgram(
  method: ProgramMethod,
  { sites, seed, out }: ProgramPlace,
  { say, ...hooks }: ProgramHooks,
): Promise<ScoresOf> {
  const { name, per, seconds, command, keep } = method;
  const folder = resolve(out, 'programs', String(seed), name);
  await rm(folder, { recursive: true, force: true });
  const all = [...sites].map(([member, site]) => ({ member, site, folder: member }));
  const runs: { rows: string; members: GivenMember[] }[] =
    per === 'all'
      ? [{ rows: folder, members: all }]
      : all.map(({ member, site }) => ({
          rows: join(folder, member),
          members: [{ member, site, folder: '.' }],
        }));
  const scores = new Map<string, MemberScores>();
  for (const [place, { rows, members }] of runs.entries()) {
    hooks.signal.throwIfAborted();
    const which = per === 'all' ? 'program' : `program ${place + 1} of ${runs.length}`;
    await checkUnchanged(method, name);
    await makeFolder(rows);
    await writeProgramFolder(rows, { method: name, seed, members });
    say(which);
    await runProgram(
      { name, command, folder: method.folder, rows, seconds },
      { ...hooks, say: (text) => say(`${which}: ${text}`) },
    );
    for (const { member, site, folder: own } of members)
      scores.set(member, await scoresIn(join(rows, own), member, site));
    if (!keep) await rm(rows, { recursive: true });
  }
  if (!keep) await removeEmpty(out, seed, name);
  return ({ organisation }) => scores.get(organisation) ?? { validation: [], evaluation: [] };
}

async function scoresIn(folder: string, member: string, site: SiteData): Promise<MemberScores> {
  const read = (part: 'validation' | 'evaluation') =>
    readScores(join(folder, SCORES[part]), site[part].list.length, `${member}'s ${part} rows`);
  return { validation: await read('validation'), evaluation: await read('evaluation') };
}

/** Folders that other methods and seeds need stay. */
async function removeEmpty(out: string, seed: number, name: string): Promise<void> {
  for (const path of [`programs/${seed}/${name}`, `programs/${seed}`, 'programs']) {
    const left = await readdir(join(out, path)).catch(() => []);
    if (left.length > 0) return;
    await rm(join(out, path), { recursive: true, force: true });
  }
}
