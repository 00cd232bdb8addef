import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nodePrimitives } from '../../crypto/identity/node-primitives.ts';
import { modelHash } from '../../models/detection/model-hash.ts';
import { architectureOf } from '../../models/detection/models.ts';
import type { CampaignTruth } from '../../datasets/simulator/truth.ts';
import { prepareFiles } from '../../participant/telemetry/prepare.ts';
import type { Incident } from '../../participant/train/incidents.ts';
import type { SiteData } from '../../participant/train/site-data.ts';
import type { TrainTask } from '../../protocol/task.ts';
import { trainLocalOnly, trainPooled } from '../evaluate/baselines.ts';
import { type Evaluation, evaluate } from '../evaluate/evaluate.ts';
import { trainFederatedPlain } from '../evaluate/federated-plain.ts';
import type { DemoData } from './data.ts';
import type { DemoRound, Figures, Quality } from './report.ts';

/** All organisations' prepared data in this one process: what the federation exists to avoid, and only a demo can have. */
export async function prepareAll(
  data: DemoData,
  seedOf: (member: string) => number,
): Promise<Map<string, SiteData>> {
  const sites = new Map<string, SiteData>();
  for (const [id, { events: path, incidents, trainUntil }] of data.sites) {
    const files = { events: path, incidents, trainUntil, rejectFile: null };
    const { site } = await prepareFiles({ ...files, seed: seedOf(id), now: Date.now() });
    sites.set(id, site);
  }
  return sites;
}

/** The same training without encryption; equal bits mean that encryption changed nothing. */
export function plaintextModel(
  sites: ReadonlyMap<string, SiteData>,
  task: TrainTask,
  rounds: readonly DemoRound[],
  seedOf: (member: string) => number,
): { weights: Float32Array; hash: string } {
  const members = [...sites].map(([organisation, site]) => ({
    organisation,
    site,
    seed: seedOf(organisation),
  }));
  const weights = trainFederatedPlain(members, task, {
    // The demo's run is the first of its consortium, so its rounds are numbered from 1.
    contributors: (round) => rounds[round - 1]?.contributors ?? [],
  });
  return { weights, hash: modelHash(nodePrimitives.sha256, architectureOf(task.model), weights) };
}

/** The federation against every organisation alone and against all data in one place, by the truth of the simulator. */
export async function compareWithBaselines(
  sites: ReadonlyMap<string, SiteData>,
  task: TrainTask,
  weights: Float32Array,
  truth: string,
): Promise<Quality> {
  const architecture = architectureOf(task.model);
  const campaigns = JSON.parse(await readFile(join(truth, 'campaigns.json'), 'utf8')) as CampaignTruth[];
  const members = [...sites].map(([organisation, site]) => ({
    organisation,
    site,
    truth: incidentsOf(campaigns, organisation),
  }));
  const alone = new Map([...sites].map(([id, site]) => [id, trainLocalOnly(site, task)]));
  const pooled = trainPooled([...sites.values()], task);
  const federated = evaluate(architecture, members, () => weights);
  const local = evaluate(architecture, members, (id) => alone.get(id) ?? weights);
  return {
    available: true,
    federated: figures(federated),
    localOnly: figures(local),
    pooled: figures(evaluate(architecture, members, () => pooled)),
    members: federated.members.map((member, place) => {
      const own = local.members[place];
      return {
        id: member.organisation,
        ap: member.ap,
        auc: member.auc,
        memberRecall: member.recall,
        localOnly: { ap: own?.ap ?? null, auc: own?.auc ?? null, memberRecall: own?.recall ?? null },
      };
    }),
  };
}

/** What befell one organisation, by the truth of the simulator. */
export function incidentsOf(campaigns: readonly CampaignTruth[], organisation: string): Incident[] {
  return campaigns.flatMap(({ id, events }) =>
    events
      .filter((event) => event.organisation === organisation)
      .map(({ time, account, src, dst }) => ({
        time: 1000 * time,
        account: account.toLowerCase(),
        srcHost: src.toLowerCase(),
        dstHost: dst.toLowerCase(),
        campaign: id,
      })),
  );
}

function figures({ ap, auc, memberRecall }: Evaluation): Figures {
  return { ap, auc, memberRecall };
}
