import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RoundReport } from '../../protocol/messages/runs.ts';
import { type Costs, RoundDiary } from '../../participant/federation/diary.ts';
import type { SiteSummary } from '../../participant/telemetry/prepare.ts';
import type { Alert } from '../../participant/train/top-alerts.ts';
import { sumIsExact } from './check-sums.ts';
import type { DemoRound, OrganisationReport } from './report.ts';
import type { Workspace } from './workspace.ts';

const ALERTS_MS = 10_000;

/** One round as the report has it: the coordinator's account, the members' own, and the check of the sum. */
export async function collectRound(workspace: Workspace, report: RoundReport): Promise<DemoRound> {
  const { round, outcome, members, contributors, noise, failure, bytesUp, bytesDown, ms } = report;
  const costs: Partial<Costs>[] = [];
  for (const member of members) {
    const path = RoundDiary.costsPath(join(workspace.state(member), 'rounds'), round);
    const own = await readJson<Partial<Costs>>(path);
    if (own) costs.push(own);
  }
  const mean = (name: keyof Costs) => {
    const known = costs.flatMap((cost) => cost[name] ?? []);
    return known.length === 0 ? 0 : known.reduce((sum, value) => sum + value, 0) / known.length;
  };
  const base = {
    round,
    outcome,
    members,
    contributors,
    bytesUp,
    bytesDown,
    ms: {
      train: mean('trainMs'),
      quantise: mean('quantiseMs'),
      encrypt: mean('encryptMs'),
      upload: mean('uploadMs'),
      answer: mean('answerMs'),
      collect: ms.collect,
      check: ms.check,
      sum: ms.sum,
      open: ms.open,
      audit: ms.audit,
      total: ms.total,
    },
    noise,
    failure,
  };
  if (outcome !== 'published') return base;
  return { ...base, sumExact: await sumIsExact(workspace, round, contributors) };
}

/** What one participant found and reports; alerts are waited for, because the participant writes them after the run. */
export async function collectOrganisation(
  workspace: Workspace,
  id: string,
  run: string,
  finished: boolean,
  techniquesOf: (dataset: string) => readonly string[],
): Promise<OrganisationReport> {
  const summary = await readJson<SiteSummary>(join(workspace.state(id), 'site.json'));
  if (!summary) throw new Error(`no summary of ${id}`);
  const path = join(workspace.state(id), `${run}.json`);
  const until = performance.now() + (finished ? ALERTS_MS : 0);
  let result = await readJson<{ alerts: Alert[] }>(path);
  while (result === null && performance.now() < until) {
    await sleep(50);
    result = await readJson<{ alerts: Alert[] }>(path);
  }
  const alerts = (result?.alerts ?? []).map((alert) => ({
    ...alert,
    techniques: techniquesOf(alert.dataset),
  }));
  return { id, ...summary, alerts };
}

async function readJson<T>(path: string): Promise<T | null> {
  const text = await readFile(path, 'utf8').catch(() => null);
  return text === null ? null : (JSON.parse(text) as T);
}
