import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { parse, stringify } from 'yaml';
import { durableFiles } from '../../crypto/identity/durable-file.ts';
import { nodePrimitives } from '../../crypto/identity/node-primitives.ts';
import { SigningKey } from '../../crypto/identity/signing-key.ts';
import { EpochChain } from '../../crypto/public/epoch-chain.ts';
import type { EpochSignature } from '../../crypto/public/epoch.ts';
import { MAX_COMMITTEE, type Roster, leastThreshold } from '../../crypto/public/roster.ts';
import { EpochSigner } from '../../crypto/secret/epoch-signer.ts';
import type { Sign } from '../../crypto/public/signed.ts';
import type { CoordinatorConfig } from '../../coordinator/config.ts';
import type { ParticipantConfig } from '../../participant/config.ts';
import { DEFAULT_POLICY } from '../../participant/federation/site-policy.ts';
import { CordonError } from '../../protocol/errors.ts';

/** The folder of one demo. Every participant has a folder of its own, with its key, its data and its state. */
export class Workspace {
  readonly directory: string;
  readonly kept: boolean;

  private constructor(directory: string, kept: boolean) {
    this.directory = directory;
    this.kept = kept;
  }

  /** @param out a new or empty folder to keep, or null for a temporary one. @throws CordonError OUTPUT_EXISTS */
  static async create(out: string | null): Promise<Workspace> {
    if (out === null) return new Workspace(await temporaryFolder(), false);
    const directory = resolve(out);
    // Not recursive: a folder that is made by mistake high up would be left behind.
    await mkdir(directory, { mode: 0o700 }).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    });
    if (!(await stat(directory)).isDirectory()) throw used(directory, 'a file');
    const found = await readdir(directory);
    if (found.length > 0) throw used(directory, `a folder with ${found.length} entries`);
    return new Workspace(directory, true);
  }

  path(...parts: string[]): string {
    return join(this.directory, ...parts);
  }

  member(id: string, ...parts: string[]): string {
    return this.path('members', id, ...parts);
  }

  state(id: string): string {
    return this.member(id, 'state');
  }

  async remove(): Promise<void> {
    if (!this.kept) await rm(this.directory, { recursive: true, force: true });
  }
}

function used(directory: string, got: string): CordonError {
  return new CordonError('OUTPUT_EXISTS', {
    expected: `${directory} to be absent or an empty folder`,
    got,
    next: 'name another folder, or remove this one',
  });
}

async function temporaryFolder(): Promise<string> {
  try {
    return await mkdtemp(join(tmpdir(), 'cordon-demo-'));
  } catch (cause) {
    throw new CordonError(
      'DATA_NOT_FOUND',
      {
        expected: `a folder for temporary files that can be written to (${tmpdir()})`,
        got: cause instanceof Error ? cause.message : 'an error',
        next: 'set TMPDIR to one, or use --out DIR',
      },
      { cause },
    );
  }
}

/** Makes keys for everybody, the roster, and the configurations of coordinator and operator. */
export async function foundConsortium(workspace: Workspace, members: readonly string[]): Promise<EpochChain> {
  const keyFor = async (...folder: string[]) => {
    await mkdir(workspace.path(...folder), { recursive: true, mode: 0o700 });
    const key = SigningKey.generate();
    await key.save(workspace.path(...folder, 'key.pem'));
    return key;
  };
  const { publicKey: coordinatorKey } = await keyFor('coordinator');
  const { publicKey: operatorKey } = await keyFor('operator');
  const listed = [];
  const signers = [];
  for (const [place, id] of members.entries()) {
    const { publicKey, sign } = await keyFor('members', id);
    listed.push({ id, index: place + 1, signKey: publicKey });
    signers.push(epochSigner(workspace, id, sign));
  }
  const committee = members.slice(0, MAX_COMMITTEE);
  const roster: Roster = {
    consortium: 'demo',
    epoch: 0,
    previous: null,
    members: listed,
    committee,
    threshold: leastThreshold(committee.length, 1),
    cRoster: 1,
    cCommittee: 1,
    kMin: 3,
    coordinatorKey,
  };
  const signatures: EpochSignature[] = [];
  for (const signer of signers) signatures.push(await signer.sign(roster));
  const chain = EpochChain.verify(nodePrimitives, [{ roster, signatures }]);
  await writeRosterFile(workspace.path('roster.json'), chain);
  const coordinator: CoordinatorConfig = {
    listen: { host: '127.0.0.1', port: 0 },
    state: 'state',
    key: 'key.pem',
    roster: '../roster.json',
    operators: [{ id: 'operator', signKey: operatorKey }],
  };
  await writeFile(workspace.path('coordinator', 'coordinator.yaml'), stringify(coordinator));
  return chain;
}

/** A member's hand under rosters; what it signed stands beside its key. */
export function epochSigner(workspace: Workspace, member: string, sign: Sign): EpochSigner {
  const modules = { files: durableFiles, primitives: nodePrimitives, member, sign };
  return new EpochSigner(workspace.member(member, 'signed-epochs'), modules);
}

/** The file that coordinator, members and operators are configured with. */
export async function writeRosterFile(path: string, { epochs }: EpochChain): Promise<void> {
  await writeFile(path, `${JSON.stringify({ epochs }, null, 2)}\n`);
}

/** What differs between the participants of a demo. */
export interface SiteFiles {
  readonly events: string;
  readonly incidents: string | null;
  readonly trainUntil: number | null;
}

/**
 * What is kept is to be used again: the coordinator listens where the others look for it, and no participant writes its
 * updates in clear or repeats its random choices.
 */
export async function settleConfigurations(workspace: Workspace, address: string): Promise<void> {
  const coordinator = workspace.path('coordinator', 'coordinator.yaml');
  const config = parse(await readFile(coordinator, 'utf8')) as CoordinatorConfig;
  const listen = { ...config.listen, port: Number(new URL(address).port) };
  await writeFile(coordinator, stringify({ ...config, listen }));
  for (const member of await readdir(workspace.path('members'))) {
    const path = workspace.member(member, 'participant.yaml');
    const site = parse(await readFile(path, 'utf8')) as ParticipantConfig;
    await writeFile(path, stringify({ ...site, recordVectors: false, seed: null }));
  }
}

/** What every participant of a demo does: in clear what it trained, so that sums can be compared. */
const DEMO_SITE = { recordVectors: true, policy: DEFAULT_POLICY } as const;

/** Configurations that need the coordinator's address. */
export async function writeConfigurations(
  workspace: Workspace,
  address: string,
  sites: ReadonlyMap<string, SiteFiles>,
  seedOf: (member: string) => number,
  common: Pick<ParticipantConfig, 'recordVectors' | 'policy'> = DEMO_SITE,
): Promise<void> {
  for (const [member, { events, incidents, trainUntil }] of sites) {
    const from = (path: string) => relative(workspace.member(member), path);
    const telemetry = { events: from(events), incidents: incidents && from(incidents), trainUntil };
    const config: ParticipantConfig = {
      member,
      coordinator: address,
      key: 'key.pem',
      roster: '../../roster.json',
      state: 'state',
      telemetry,
      seed: seedOf(member),
      ...common,
    };
    await writeFile(workspace.member(member, 'participant.yaml'), stringify(config));
  }
  const operator = { id: 'operator', coordinator: address, key: 'key.pem', roster: '../roster.json' };
  await writeFile(workspace.path('operator', 'operator.yaml'), stringify(operator));
}
