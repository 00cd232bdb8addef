import type { CheckedOptions } from '../options.ts';
import { Random } from '../random.ts';
import { DAY_SECONDS } from '../rhythm.ts';
import type { Attack as Script } from '../scenario/schema.ts';
import type { World } from '../world/world.ts';
import { Attack, type ChainStep, type MaliciousEvent, type Phase } from './attack.ts';
import { knownTactics } from './known.ts';
import { LogonLimit } from './logon-limit.ts';
import { incidentPath, testPath } from './path.ts';
import { playScript } from './play.ts';

/** One attack as it was played. Organisations are their numbers in the world. */
export interface Campaign {
  readonly id: string;
  readonly tactic: string;
  readonly phase: Phase;
  /** Organisations in the order in which they are entered. */
  readonly path: readonly number[];
  /** Organisations that have labelled their part as an incident. */
  readonly knownTo: readonly number[];
  readonly events: readonly MaliciousEvent[];
  readonly steps: readonly ChainStep[];
}

interface Planned {
  readonly script: Script;
  readonly path: readonly number[];
}

const USUAL = { train: 2, test: 3 };

/** Plays all campaigns: the incidents of the training period and, with other parameters, those of the test. */
export function playCampaigns(world: World, options: CheckedOptions): Campaign[] {
  const random = new Random(options.seed, 'campaigns');
  const { attacks } = options.setting;
  const known = knownTactics(world.organisations.length, attacks);
  const split = options.trainDays * DAY_SECONDS;
  const end = options.days * DAY_SECONDS;
  const campaigns: Campaign[] = [];
  const limit = new LogonLimit();
  const playAll = (phase: Phase, planned: readonly Planned[]): void => {
    const [from, to] = phase === 'train' ? [0, split] : [split, end];
    for (const [slot, { script, path }] of planned.entries()) {
      const place = (slot + random.unit()) / planned.length;
      const id = `campaign-${String(campaigns.length + 1).padStart(2, '0')}`;
      const played = play(world, random, script, phase, path, [from, to], place, limit);
      const knownTo = phase === 'train' ? path.filter((org) => known[org]?.includes(script.tactic)) : [];
      campaigns.push({ id, tactic: script.tactic, phase, knownTo, ...played });
    }
  };
  playAll('train', shuffled(random, incidents(world, random, attacks, known)));
  playAll('test', tests(world, random, options));
  return campaigns;
}

/** What organisations have lived through; of tactics that nobody labels, what nobody noticed. */
function incidents(
  world: World,
  random: Random,
  attacks: readonly Script[],
  known: readonly (readonly string[])[],
): Planned[] {
  const planned: Planned[] = [];
  for (const [org, names] of known.entries()) {
    for (const script of attacks.filter(({ tactic }) => names.includes(tactic))) {
      for (let i = (script.campaigns ?? USUAL).train; i > 0; i--)
        planned.push({ script, path: incidentPath(world, random, script, org) });
    }
  }
  for (const script of attacks.filter(({ labelled }) => labelled === false)) {
    for (let i = (script.campaigns ?? USUAL).train; i > 0; i--)
      planned.push({ script, path: [random.below(world.organisations.length)] });
  }
  return planned;
}

/** The campaigns of the test period in random order, their beginnings at each organisation in turn. */
function tests(world: World, random: Random, { setting, orgs }: CheckedOptions): Planned[] {
  const scripts = setting.attacks.filter(({ campaigns }) => (campaigns ?? USUAL).test > 0);
  const most = Math.max(0, ...scripts.map(({ campaigns }) => (campaigns ?? USUAL).test));
  const list: Script[] = [];
  for (let round = 0; round < most; round++)
    list.push(...scripts.filter(({ campaigns }) => (campaigns ?? USUAL).test > round));
  const least = setting.testCampaignsPerOrganisation * orgs;
  while (scripts.length > 0 && list.length < least) {
    const script = scripts[list.length % scripts.length];
    if (script) list.push(script);
  }
  return shuffled(random, list).map((script, turn) => ({
    script,
    path: testPath(world, random, script, turn),
  }));
}

function play(
  world: World,
  random: Random,
  script: Script,
  phase: Phase,
  path: readonly number[],
  [from, to]: readonly [number, number],
  place: number,
  limit: LogonLimit,
): Pick<Campaign, 'path' | 'events' | 'steps'> {
  // The first tenth of training stays quiet, so that there is a history; the last sixth leaves room to finish.
  const quiet = phase === 'train' ? 0.1 : 0;
  // What comes in bursts over the whole period begins with it.
  const spans = script.moves.some(({ bursts }) => bursts !== undefined);
  let at = from + (to - from) * (spans ? quiet : quiet + (0.84 - quiet) * place);
  // Begun too late, a campaign would end with the period before it has crossed into a second organisation.
  for (let tries = 0; ; tries++) {
    const start = Math.floor(at / DAY_SECONDS) * DAY_SECONDS + random.between(script.hours) * 3600;
    const span = [Math.max(from, Math.min(start, to - 7200)), to] as const;
    const attack = new Attack(world, random, script[phase], span, limit);
    playScript(attack, script, path);
    const reached = new Set(attack.events.map((event) => world.hostOwner[event.dst]));
    const touched = path.filter((org) => reached.has(org));
    if (tries === 5 || touched.length >= Math.min(2, path.length))
      return { path: touched, events: attack.events, steps: attack.steps };
    at = from + (at - from) * 0.6;
  }
}

function shuffled<T>(random: Random, list: readonly T[]): T[] {
  return random.sample(list, list.length);
}
