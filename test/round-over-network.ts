import type { DrivenRound } from './driven-round.ts';
import type { TestCoordinator } from './running-coordinator.ts';

/** Status and code of a refusal. */
export async function codeOf(response: Response): Promise<[number, string]> {
  const { code } = (await response.json()) as { code: string };
  return [response.status, code];
}

/** What the log holds of the round's run. */
export async function kindsOf(round: DrivenRound): Promise<string[]> {
  const all = (await round.client('org-2').log()).map(({ entry }) => entry);
  const from = all.findIndex(({ kind, body }) => kind === 'task' && body.run === round.run);
  return all.slice(from).map(({ kind }) => kind);
}

/** Cancels the round's run, if it still goes on, and waits until it is over: the next one may begin. */
export async function endedRun(coordinator: TestCoordinator, round: DrivenRound): Promise<void> {
  const operator = await coordinator.operate();
  await operator.http('DELETE', `/v1/runs/${round.run}`);
  await round.end();
  for (let i = 0; i < 100; i++) {
    const { status } = (await (await operator.http('GET', `/v1/runs/${round.run}`)).json()) as {
      status: string;
    };
    if (status !== 'running') break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  operator.close();
}
