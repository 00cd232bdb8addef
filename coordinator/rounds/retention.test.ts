import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RunDetail } from '../../protocol/messages/runs.ts';
import { DrivenRound } from '../../test/driven-round.ts';
import { TASK, TestCoordinator } from '../../test/running-coordinator.ts';
import { RoundStore } from '../store/round-store.ts';
import { UploadStore } from '../store/upload-store.ts';

let coordinator: TestCoordinator;
beforeEach(async () => {
  coordinator = await TestCoordinator.start();
});
afterEach(() => coordinator.stop());

const files = async (folder: string, ending: string) =>
  (await readdir(join(coordinator.state, folder))).filter((name) => name.endsWith(ending)).sort();

/** A run of so many rounds, all of them published. @returns the model after each round */
async function run(rounds: number, seed: number): Promise<string[]> {
  let round = await DrivenRound.start(coordinator, { rounds, seed });
  for (let step = 1; step <= rounds; step++) {
    await round.complete();
    if (step < rounds) round = await round.next();
  }
  await round.client('org-1').state(({ phase }) => phase === 'idle');
  const log = (await round.client('org-1').log()).map(({ entry }) => entry);
  await round.end();
  return log.flatMap(({ kind, body }) =>
    kind === 'announce' &&
    body.transcript.run === round.run &&
    body.transcript.round === round.number - rounds + 1
      ? body.transcript.modelHash
      : kind === 'publish' && body.run === round.run
        ? body.modelHash
        : [],
  );
}

describe('what the coordinator keeps on disk', () => {
  it('of models: the first and the last of every run that is over', async () => {
    const models = await run(3, 1);
    expect(new Set(models).size).toBe(4);
    const kept = [models[0], models[3]].map((hash) => `${hash}.f32`);
    expect(await files('models', '.f32')).toEqual(kept.sort());
    // Started anew it still knows from the log alone what is kept.
    await coordinator.restart();
    const more = await run(2, 2);
    const all = [...kept, `${more[0]}.f32`, `${more[2]}.f32`];
    expect(await files('models', '.f32')).toEqual(all.sort());
  });

  it('of sums: those of the run in progress and of the two before it', async () => {
    for (const seed of [1, 2, 3]) await run(1, seed);
    expect(await files('rounds', '.sum')).toEqual(['1.sum', '2.sum', '3.sum']);
    const present = await DrivenRound.start(coordinator, { ...TASK, seed: 4 });
    await present.complete();
    expect(await files('rounds', '.sum')).toEqual(['2.sum', '3.sum', '4.sum']);
    expect(await files('rounds', '.json')).toContain('1.json');
    await present.end();
  });

  it('old uploads that cannot be removed, rather than end the run', async () => {
    const drop = vi.spyOn(UploadStore.prototype, 'dropBefore').mockRejectedValue(new Error('ENOTEMPTY'));
    expect(new Set(await run(2, 5)).size).toBe(3);
    expect(drop).toHaveBeenCalledTimes(2);
    drop.mockRestore();
  });

  it('of a round whose report finds no space: all else; the run goes on and the log says so', async () => {
    const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    const save = vi.spyOn(RoundStore.prototype, 'saveReport').mockRejectedValueOnce(full);
    expect(new Set(await run(3, 6)).size).toBe(4);
    expect(save).toHaveBeenCalledTimes(3);
    save.mockRestore();
    expect(await files('rounds', '.json')).toEqual(['2.json', '3.json']);
    const warnings = coordinator.lines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ level, code }) => level === 40 && code === 'DISK_FULL');
    expect(warnings).toMatchObject([{ round: 1, msg: 'there is no report of this round' }]);
    const operator = await coordinator.operate();
    const { runs } = (await (await operator.http('GET', '/v1/runs')).json()) as { runs: { run: string }[] };
    const shown = (await (await operator.http('GET', `/v1/runs/${runs[0]?.run}`)).json()) as RunDetail;
    operator.close();
    expect(shown.status).toBe('finished');
    expect(shown.reports.map(({ round }) => round)).toEqual([2, 3]);
  });
});
