import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readDataset } from '../../datasets/open.ts';
import { checkOptions } from '../../datasets/simulator/options.ts';
import { simulate } from '../../datasets/simulator/simulate.ts';
import { buildWorld } from '../../datasets/simulator/world/build-world.ts';
import type { Organisation, World } from '../../datasets/simulator/world/world.ts';
import { TwinGraph } from './twin-graph.ts';

/** Thresholds were chosen on seeds 101 and 202; these were not looked at before. */
const SEEDS = [9001, 9002];
const SIZE = { orgs: 3, hosts: 600, accounts: 800, days: 7, trainDays: 4 };

/** True role -> judged role -> how many. */
type Matrix = Map<string, Map<string, number>>;

function count(matrix: Matrix, truth: string, judged: string): void {
  const row = matrix.get(truth) ?? new Map<string, number>();
  matrix.set(truth, row.set(judged, (row.get(judged) ?? 0) + 1));
}

/** Share of those that are one of `truths` which are judged to be one of `roles`. */
function recall(matrix: Matrix, truths: readonly string[], roles: readonly string[]): number {
  let [hits, all] = [0, 0];
  for (const truth of truths) {
    for (const [judged, times] of matrix.get(truth) ?? []) {
      all += times;
      if (roles.includes(judged)) hits += times;
    }
  }
  return hits / all;
}

/** Share of those that are judged to be `role` which are one of `truths`. */
function precision(matrix: Matrix, truths: readonly string[], role: string): number {
  let [hits, all] = [0, 0];
  for (const [truth, row] of matrix) {
    all += row.get(role) ?? 0;
    if (truths.includes(truth)) hits += row.get(role) ?? 0;
  }
  return hits / all;
}

async function judged(): Promise<{ hosts: Matrix; accounts: Matrix }> {
  const [hosts, accounts]: [Matrix, Matrix] = [new Map(), new Map()];
  for (const seed of SEEDS) {
    const folder = await mkdtemp(join(tmpdir(), 'cordon-roles-'));
    try {
      const { organisations } = await simulate({ ...SIZE, seed }, join(folder, 'out'));
      const world = buildWorld(checkOptions({ ...SIZE, seed }));
      for (const [index, { log, name, hostNames }] of organisations.entries()) {
        const twin = new TwinGraph();
        for await (const batch of readDataset(join(folder, 'out', name, log))) {
          for (const event of batch) twin.apply(event);
        }
        const roles = twin.roles();
        const own = new Set(hostNames.map((host) => host.toLowerCase()));
        world.hostNames.forEach((host, i) => {
          const found = roles.host(host.toLowerCase());
          const role = world.hostRole[i] ?? '';
          if (found === null) return;
          const foreign = role === 'address' ? 'address' : 'of another organisation';
          count(hosts, own.has(host.toLowerCase()) ? role : foreign, found.role);
        });
        for (const [account, truth] of accountsOf(world, world.organisations[index])) {
          const found = roles.account(account);
          if (found !== null) count(accounts, truth, found.role);
        }
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  return { hosts, accounts };
}

function accountsOf(world: World, org: Organisation | undefined): [string, string][] {
  const named = (list: readonly number[], truth: string): [string, string][] =>
    list.map((number) => [(world.accountNames[number] ?? '').toLowerCase(), truth]);
  if (org === undefined) return [];
  const machines = org.hosts.map((host) => world.machineAccount[host] ?? -1);
  return [
    ...named(
      org.users.map(({ account }) => account),
      'person',
    ),
    ...named(
      org.admins.map(({ account }) => account),
      'administrator',
    ),
    ...named(
      org.helpdesk.map(({ account }) => account),
      'help desk',
    ),
    ...named([...org.services.map(({ account }) => account), org.backup, org.scanner], 'service'),
    ...named(machines, 'machine'),
  ];
}

/** Which figures are below their floors, by name. */
function below(
  found: Readonly<Record<string, number | readonly number[]>>,
  floors: Readonly<Record<string, readonly number[]>>,
): string[] {
  return Object.entries(floors).flatMap(([name, least]) => {
    const figures = [found[name] ?? NaN].flat();
    return least.every((floor, i) => (figures[i] ?? NaN) >= floor) ? [] : [`${name}: ${figures.join(' ')}`];
  });
}

describe('roles in simulated organisations, seeds not seen before', () => {
  it('of hosts and accounts are the true ones, as far as README.md says', { timeout: 240_000 }, async () => {
    const { hosts, accounts } = await judged();
    const share = (truths: readonly string[], role: string): [number, number] => [
      recall(hosts, truths, [role]),
      precision(hosts, truths, role),
    ];
    const figures = {
      workstation: share(['workstation'], 'workstation'),
      core: share(['dc', 'hub'], 'core server'),
      portal: recall(hosts, ['portal'], ['application server']),
      jump: share(['jump'], 'jump host'),
      exchange: share(['exchange'], 'partner gateway'),
      scanner: share(['scanner'], 'scanner'),
      backup: share(['backup'], 'backup server'),
      terminal: share(['terminal'], 'terminal server'),
      address: share(['address'], 'shared address'),
      outside: share(['of another organisation'], 'outside'),
      application: recall(hosts, ['app', 'web'], ['application server']),
      server: recall(
        hosts,
        ['app', 'web', 'file', 'db'],
        ['application server', 'server', 'terminal server'],
      ),
    };
    const account = (role: string): [number, number] => [
      recall(accounts, [role], [role]),
      precision(accounts, [role], role),
    ];
    const people = {
      person: account('person'),
      administrator: account('administrator'),
      'help desk': account('help desk'),
      service: account('service'),
      machine: account('machine'),
    };
    // Measured when this was written: README.md has the table. A little is left for another version of the simulator.
    expect(
      below(figures, {
        workstation: [0.95, 0.99],
        core: [0.95, 0.85],
        portal: [0.6],
        jump: [0.9, 0.9],
        exchange: [0.9, 0.8],
        scanner: [0.6, 0.9],
        backup: [0.4, 0.75],
        terminal: [0.4, 0.9],
        address: [0.95, 0.95],
        outside: [0.95, 0.95],
        application: [0.8],
        server: [0.95],
      }),
    ).toEqual([]);
    expect(
      below(people, {
        person: [0.9, 0.95],
        administrator: [0.9, 0.6],
        'help desk': [0.6, 0.9],
        service: [0.75, 0.95],
        machine: [1, 1],
      }),
    ).toEqual([]);
  });
});
