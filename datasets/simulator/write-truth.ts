import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Campaign } from './attacks/campaigns.ts';
import { knownTactics } from './attacks/known.ts';
import type { CheckedOptions } from './options.ts';
import type { SimulatedOrganisation } from './simulation.ts';
import { describeCampaigns, redteamRows } from './truth.ts';
import { partnersOf, type World } from './world/world.ts';

/** Writes each organisation's labelled incidents; returns what `simulation.json` says of the organisations. */
export async function writeIncidents(
  world: World,
  campaigns: readonly Campaign[],
  options: CheckedOptions,
  logs: readonly { readonly file: string; readonly events: number }[],
  dir: string,
): Promise<SimulatedOrganisation[]> {
  const organisations: SimulatedOrganisation[] = [];
  const tactics = knownTactics(world.organisations.length, options.setting.attacks);
  for (const org of world.organisations) {
    const known = campaigns.filter(({ knownTo }) => knownTo.includes(org.index));
    const rows = redteamRows(world, known, org.index);
    await writeFile(join(dir, org.name, 'incidents.txt'), text(rows));
    const seen = new Set(known.map(({ tactic }) => tactic));
    organisations.push({
      name: org.name,
      domain: org.domain,
      hosts: org.hosts.length,
      accounts: org.users.length,
      log: logs[org.index]?.file ?? '',
      events: logs[org.index]?.events ?? 0,
      incidents: rows.length,
      knownTactics: (tactics[org.index] ?? []).filter((name) => seen.has(name)).toSorted(),
      trusts: partnersOf(world, org.index).map((index) => world.organisations[index]?.name ?? ''),
      hostNames: org.hosts.map((host) => world.hostNames[host] ?? ''),
      sharedSources: org.byRole.address.map((host) => world.hostNames[host] ?? ''),
    });
  }
  return organisations;
}

/** Writes `truth/`; returns how many rows the red-team file has. */
export async function writeTruth(world: World, campaigns: readonly Campaign[], dir: string): Promise<number> {
  const rows = redteamRows(world, campaigns, null);
  await mkdir(join(dir, 'truth'));
  await writeFile(join(dir, 'truth', 'redteam.txt'), text(rows));
  await writeFile(join(dir, 'truth', 'campaigns.json'), json(describeCampaigns(world, campaigns)));
  return rows.length;
}

export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 1)}\n`;
}

function text(rows: readonly string[]): string {
  return rows.map((row) => `${row}\n`).join('');
}
