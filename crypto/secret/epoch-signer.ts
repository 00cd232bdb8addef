import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson } from '../public/canonical.ts';
import { signEpoch } from '../public/epoch.ts';
import type { EpochSignature } from '../public/epoch.ts';
import { CryptoError } from '../public/errors.ts';
import type { PublicPrimitives } from '../public/primitives.ts';
import { checkRoster, rosterHash } from '../public/roster.ts';
import type { Roster } from '../public/roster.ts';
import type { Sign } from '../public/signed.ts';
import type { DurableFiles } from './answer-journal.ts';

export interface EpochSignerModules {
  readonly files: DurableFiles;
  readonly primitives: PublicPrimitives;
  readonly member: string;
  /** The member's long-term key. */
  readonly sign: Sign;
}

/**
 * Sign-once: which roster this member signed under each number, one file each, written and synced before the signature
 * leaves. That two rosters of one number never both come into force rests on every honest member signing one of them.
 */
export class EpochSigner {
  readonly #dir: string;
  readonly #modules: EpochSignerModules;

  /** @param dir this member's own; whoever restores an older copy of it, or signs elsewhere, has no such record */
  constructor(dir: string, modules: EpochSignerModules) {
    this.#dir = dir;
    this.#modules = modules;
  }

  /**
   * Signs a roster; the same one again as often as is asked for.
   * @throws CryptoError ALREADY_SIGNED where another roster of this number was signed before, or the record of it is
   *   damaged; ROSTER_INVALID; node's errors of the file system
   */
  async sign(roster: Roster): Promise<EpochSignature> {
    checkRoster(roster);
    const { files, primitives, member, sign } = this.#modules;
    // ids have no dots, so no two epochs share a name and none leaves the folder
    const path = join(this.#dir, `${roster.consortium}.${roster.epoch}.json`);
    const text = canonicalJson({ rosterHash: rosterHash(primitives, roster) });
    await mkdir(this.#dir, { recursive: true, mode: 0o700 });
    if (!(await files.create(path, text))) {
      if ((await files.readIfThere(path)) !== text) throw alreadySigned(roster);
      // the process that linked the file may have died before it synced the folder
      await files.syncDirectory(this.#dir);
    }
    return signEpoch(primitives, roster, { member, sign });
  }
}

function alreadySigned({ consortium, epoch }: Roster): CryptoError {
  return new CryptoError('ALREADY_SIGNED', {
    expected: `the roster that this member signed as epoch ${epoch} of ${consortium}`,
    got: 'another one, or a damaged record',
    next: 'sign nothing; collect the missing signatures on the roster that was signed, or let enough others sign this one',
  });
}
