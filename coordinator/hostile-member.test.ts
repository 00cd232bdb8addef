import { request as sendTo } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { nodePrimitives } from '../crypto/identity/node-primitives.ts';
import { toHex } from '../crypto/public/encoding.ts';
import { merkleRoot } from '../crypto/public/merkle.ts';
import { PairTree } from '../crypto/public/pair-keys.ts';
import { CHUNK_BYTES } from '../crypto/public/params.ts';
import { signFields } from '../crypto/public/signed.ts';
import type { ManifestMessage } from '../protocol/messages/manifest.ts';
import { DrivenRound, blobOf, manifestOf, statusOf } from '../test/driven-round.ts';
import { TASK, TestCoordinator } from '../test/running-coordinator.ts';

let coordinator: TestCoordinator;
let round: DrivenRound;
beforeEach(async () => {
  coordinator = await TestCoordinator.start(4);
  round = await DrivenRound.start(coordinator, {
    deadlines: { ...TASK.deadlines, advertiseSeconds: 1 },
  });
});
afterEach(async () => {
  await round.end();
  await coordinator.stop();
});

const hex = (bytes: Uint8Array) => toHex(nodePrimitives.sha256(bytes));
const signer = (id: string) => coordinator.federation.key(id).sign;

describe('a committee member with a key that nobody can use', () => {
  it.each([
    ['an X25519 key of small order', 0, 32, 0],
    ['an ML-KEM key of nothing but ones', 32, 1216, 0xff],
  ])('%s: it is refused, and the round goes on without that member', async (_, from, to, byte) => {
    const { signature: _signature, ...fields } = round.crypto.ephemeral('org-4').public;
    const keys = Uint8Array.from(round.crypto.ephemeral('org-4').keys);
    // Only the pair for one of the others is bad.
    keys.fill(byte, 1216 + from, 1216 + to);
    const keysRoot = toHex(new PairTree(nodePrimitives, keys).root());
    const key = signFields(signer('org-4'), 'cordon/v1/ephemeral', { ...fields, keysRoot });
    const client = round.client('org-4');
    const refused = await round.advertiseKeys('org-4', key, keys);
    expect(await refused.json()).toMatchObject({
      code: 'TRANSCRIPT_INVALID',
      expected: 'usable X25519 and ML-KEM-768 keys of org-4',
    });
    const others = await round.advertiseKeys('org-4', key);
    expect(await others.json()).toMatchObject({ code: 'TRANSCRIPT_INVALID' });
    await round.advertise('org-1', 'org-2', 'org-3');
    await round.client('org-1').state(({ phase }) => phase === 'collecting');
    const announce = (await client.log())
      .map(({ entry }) => entry)
      .findLast(({ kind }) => kind === 'announce');
    if (announce?.kind !== 'announce') throw new Error('no announce');
    expect(announce.body.transcript.committee.map(({ member }) => member)).toEqual([
      'org-1',
      'org-2',
      'org-3',
    ]);
  });
});

describe('a member that asks for everything at once', () => {
  it('gets some of it, and whoever has a turn later finds the room that it took free again', async () => {
    const { address } = coordinator;
    const client = round.client('org-4');
    const { token } = client;
    // Requests whose bodies never come.
    const open = Array.from({ length: 40 }, () => {
      const request = sendTo(`${address}/v1/advertisements`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/octet-stream',
          'content-length': '1000',
        },
      });
      request.flushHeaders();
      request.on('error', () => undefined);
      return request;
    });
    const refused = open.map(
      (request) =>
        new Promise<number | undefined>((resolve) => {
          request.on('response', ({ statusCode }) => {
            resolve(statusCode);
          });
        }),
    );
    expect(await Promise.any(refused)).toBe(429);
    expect(await client.http('GET', '/v1/log?from=0')).toMatchObject({ status: 429 });
    expect(await round.client('org-1').http('GET', '/v1/log?from=0')).toMatchObject({ status: 200 });
    for (const request of open) request.destroy();
    await vi.waitFor(async () => {
      expect(await client.http('GET', '/v1/log?from=0')).toMatchObject({ status: 200 });
    });
  });
});

describe('an update that is not what its manifest says', () => {
  /** Uploads a blob whose manifest is signed and has the digest of exactly these bytes. */
  async function upload(
    id: string,
    change: (blob: Uint8Array, manifest: ManifestMessage) => Partial<ManifestMessage>,
  ) {
    const contribution = round.contribution(id);
    const blob = Uint8Array.from(blobOf(contribution));
    const { signature: _, ...fields } = manifestOf(contribution);
    const changed = { ...fields, ...change(blob, manifestOf(contribution)) };
    const manifest = signFields(signer(id), 'cordon/v1/manifest', { ...changed, blobHash: hex(blob) });
    const client = round.client(id);
    const begun = await statusOf(await client.message('POST', '/v1/uploads', manifest));
    const response = await client.block(begun.upload, 0, blob);
    return {
      status: response.status,
      ...((await response.json()) as { code: string; expected: string; got: string }),
    };
  }
  const chunksOf = (blob: Uint8Array, { chunks }: ManifestMessage) =>
    Array.from({ length: chunks }, (_, i) => blob.subarray(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES));

  it('a residue that is not below its prime is refused by name before the receipt', async () => {
    await round.announced();
    const refused = await upload('org-4', (blob, manifest) => {
      blob.fill(0xff, CHUNK_BYTES - 8, CHUNK_BYTES);
      return { chunkRoot: toHex(merkleRoot(nodePrimitives, chunksOf(blob, manifest))) };
    });
    expect(refused).toMatchObject({ status: 422, code: 'MANIFEST_INVALID' });
    expect(refused.expected).toBe('residues below their prime in chunk 1 of 1 in the update of org-4');
  });

  it('a Merkle root of other chunks is refused by name', async () => {
    await round.announced();
    const refused = await upload('org-4', () => ({ chunkRoot: '0'.repeat(64) }));
    expect(refused).toMatchObject({ status: 422, code: 'MANIFEST_INVALID' });
    expect(refused.expected).toMatch(/^chunks with the Merkle root 0+ in the update of org-4$/);
  });

  it('a share with another hash is refused by name, the blob goes, and the others finish the round', async () => {
    await round.announced();
    const refused = await upload('org-4', (blob) => {
      blob[blob.length - 1] = (blob.at(-1) ?? 0) ^ 1;
      return {};
    });
    expect(refused).toMatchObject({ status: 422, code: 'MANIFEST_INVALID' });
    expect(refused.expected).toMatch(/^a sealed share for committee member 4 .* in the update of org-4$/);

    const contributions = ['org-1', 'org-2', 'org-3'].map((id) => round.contribution(id));
    for (const contribution of contributions) await round.upload(contribution);
    const reason = { code: 'MANIFEST_INVALID', expected: 'x', got: 'y', next: 'z' };
    const place = { run: round.run, round: round.number, phase: 'collecting' } as const;
    round.client('org-4').send({ type: 'refuse', ...place, ...reason });
    await round.check(contributions);
    await round.client('org-1').state(({ phase }) => phase === 'opening');
    for (const id of round.members) round.sendAnswer(id, await round.answer(id, contributions));
    await round.audited();
    await round.client('org-1').state(({ phase }) => phase === 'published');
    // Afterwards the same member is as welcome as before: an honest update was never in the way.
    const log = await round.client('org-2').log();
    expect(log.filter(({ entry }) => entry.kind === 'upload')).toHaveLength(3);
  });

  it('an honest update after a refused one is accepted', async () => {
    await round.announced();
    await upload('org-4', () => ({ chunkRoot: '0'.repeat(64) }));
    expect((await round.upload(round.contribution('org-4'))).receipt?.entry.kind).toBe('upload');
  });
});

describe('a member that says the same again and again', () => {
  it('is logged once and makes nobody hear of it', async () => {
    const client = round.client('org-4');
    const other = round.client('org-1');
    const refusal = {
      type: 'refuse',
      run: round.run,
      round: round.number,
      phase: 'advertising',
      code: 'POLICY_REFUSED',
      expected: 'x',
      got: 'y',
      next: 'z',
    } as const;
    const before = coordinator.lines.length;
    for (let i = 0; i < 20; i++) client.send(refusal);
    for (let i = 0; i < 20; i++) client.send({ ...refusal, phase: 'opening' });
    for (let i = 0; i < 20; i++) client.send({ ...refusal, round: round.number + 1 });
    // Its own question comes after all that, so by its answer everything has been handled.
    client.messages.length = 0;
    client.send({ type: 'ask-state' });
    await client.until(() => client.messages.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const lines = coordinator.lines.slice(before).filter((line) => line.includes('member refuses'));
    expect(lines).toHaveLength(1);
    expect(other.messages.filter(({ type }) => type === 'state').length).toBeLessThanOrEqual(1);
  });

  it('an advertisement said twice changes nothing the second time', async () => {
    await round.advertise('org-1');
    await round.client('org-2').state(({ done }) => done === 1);
    round.client('org-2').messages.length = 0;
    for (let i = 0; i < 10; i++) await round.advertise('org-1');
    round.client('org-1').send({ type: 'ask-state' });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(round.client('org-2').messages).toEqual([]);
  });
});
