import type { LogonWay } from '../scenario/parts.ts';
import type { Attack as Script } from '../scenario/schema.ts';
import type { Organisation } from '../world/world.ts';
import type { Attack } from './attack.ts';
import { drawWeighted, hostsOf } from './choose.ts';
import { playMove } from './move.ts';

/** How an intruder crosses where the script does not say. */
const PIVOT = {
  technique: 'T1199',
  logons: [{ via: 'ntlm' }, { via: 'kerberos' }] as readonly LogonWay[],
  inside: 0.5,
};

/** Plays a script over a path of organisations: enters, moves on inside, crosses into the next. */
export function playScript(attack: Attack, script: Script, path: readonly number[]): void {
  const { world } = attack;
  const first = world.organisations[script.path === 'provider' ? world.provider : (path[0] ?? 0)];
  if (!first) return;
  let here = first;
  let foothold = enter(attack, script, here);
  for (const [stage, index] of path.entries()) {
    const org = world.organisations[index];
    if (!org) continue;
    if (stage > 0) {
      attack.dwell();
      if (script.path === 'together') foothold = enter(attack, script, org);
      else if (script.path !== 'provider') foothold = cross(attack, script, here, org, foothold);
      attack.wait();
    }
    attack.hold(foothold);
    for (const [place, move] of script.moves.entries()) {
      if (place > 0) attack.dwell();
      playMove(attack, move, org, foothold);
    }
    if (script.impact)
      attack.silent('impact', script.impact.technique, org.index, foothold, attack.accounts[0] ?? 0);
    if (script.path === 'provider') continue;
    foothold = attack.random.pick(attack.held);
    here = org;
  }
}

function enter(attack: Attack, { entry }: Script, org: Organisation): number {
  const foothold = attack.random.pick(hostsOf(org, entry.at));
  const account = attack.world.machineAccount[foothold] ?? 0;
  attack.silent('entry', entry.technique, org.index, foothold, account);
  return foothold;
}

/**
 * From one organisation into the next, over a trust link where there is one: with a partner's account, from a held
 * host, onto the exchange host; then on to a second host, so that the intruder has a place of its own.
 */
function cross(attack: Attack, script: Script, from: Organisation, to: Organisation, held: number): number {
  const { random } = attack;
  const { technique, logons, inside } = script.pivot ?? PIVOT;
  const { account } = random.pick(from.partners);
  const gate = random.pick(hostsOf(to, 'exchange'));
  const way = drawWeighted(random, logons);
  attack.logon('pivot', technique, account, held, gate, way);
  // The others go on working from the host that they hold outside.
  if (!random.chance(inside)) return held;
  attack.wait();
  const second = random.pick(to.workstations);
  attack.logon('pivot', 'T1021', account, gate, second, way);
  return second;
}
