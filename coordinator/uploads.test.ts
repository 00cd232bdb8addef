import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { signFields } from '../crypto/public/signed.ts';
import { encode } from '../protocol/codec/codec.ts';
import { DrivenRound, blobOf, manifestOf, statusOf } from '../test/driven-round.ts';
import { codeOf, endedRun, kindsOf } from '../test/round-over-network.ts';
import { TestCoordinator } from '../test/running-coordinator.ts';

let coordinator: TestCoordinator;
beforeAll(async () => {
  coordinator = await TestCoordinator.start(4);
});
afterAll(() => coordinator.stop());

let round: DrivenRound;
async function start(): Promise<void> {
  round = await DrivenRound.start(coordinator);
}
afterEach(() => endedRun(coordinator, round));

/** A member whose manifest is taken, in a round that has been announced. */
async function begun(member: string) {
  await start();
  await round.announced();
  const client = round.client(member);
  const good = round.contribution(member);
  const { upload } = await statusOf(await client.message('POST', '/v1/uploads', manifestOf(good)));
  return { client, good, blob: blobOf(good), upload };
}

describe('uploads', () => {
  it('are refused before a byte of the blob is read when the manifest is wrong in anything', async () => {
    await start();
    const crypto = await round.announced();
    const client = round.client('org-1');
    const good = round.contribution('org-1');
    const post = async (changes: object, id = 'org-1') => {
      const { signature: _, ...fields } = { ...manifestOf(good), ...changes };
      const signed = signFields(coordinator.federation.key(id).sign, 'cordon/v1/manifest', fields);
      return codeOf(await client.message('POST', '/v1/uploads', signed));
    };
    const { chunks, blobBytes, shares } = manifestOf(good);
    expect(await post({ chunks: chunks + 1 })).toEqual([422, 'MANIFEST_INVALID']);
    expect(await post({ blobBytes: blobBytes + 1 })).toEqual([422, 'MANIFEST_INVALID']);
    expect(await post({ shares: shares.slice(1) })).toEqual([422, 'MANIFEST_INVALID']);
    expect(await post({ shares: shares.map((share) => ({ ...share, bytes: 1 })) })).toEqual([
      422,
      'MANIFEST_INVALID',
    ]);
    expect(await post({ transcriptHash: '0'.repeat(64) })).toEqual([422, 'MANIFEST_INVALID']);
    expect(await post({ round: crypto.transcript.round + 1 })).toEqual([409, 'STALE_ROUND']);
    expect(await post({ consortium: 'other' })).toEqual([422, 'MANIFEST_INVALID']);
    expect(await post({ member: 'org-2' })).toEqual([403, 'FORBIDDEN']);
    expect(await post({}, 'org-2')).toEqual([422, 'SIGNATURE_INVALID']);
    expect(await post({ member: '../../etc' })).toEqual([400, 'MESSAGE_MALFORMED']);
    expect(await post({ extra: 1 })).toEqual([400, 'MESSAGE_MALFORMED']);
    expect(await post({ blobHash: 'x' })).toEqual([400, 'MESSAGE_MALFORMED']);
    const other = await client.message('POST', '/v1/uploads', manifestOf(round.contribution('org-2')));
    expect(await codeOf(other)).toEqual([403, 'FORBIDDEN']);
  });

  it('resume after a cut connection, give the same receipt however often, and refuse another update', async () => {
    const { client, good, blob, upload } = await begun('org-1');

    // The member's link breaks in the middle of a block.
    const cut = new AbortController();
    const broken = fetch(`${coordinator.address}/v1/uploads/${upload}`, {
      method: 'PATCH',
      signal: cut.signal,
      duplex: 'half',
      headers: {
        authorization: `Bearer ${client.token}`,
        'content-type': 'application/octet-stream',
        'upload-offset': '0',
      },
      body: new ReadableStream({
        async pull(stream) {
          stream.enqueue(blob.subarray(0, 10_000));
          await new Promise((resolve) => setTimeout(resolve, 150));
          cut.abort();
        },
      }),
    });
    await expect(broken).rejects.toThrow();
    let offset = 0;
    for (let i = 0; i < 50 && offset === 0; i++) {
      offset = Number((await client.http('HEAD', `/v1/uploads/${upload}`)).headers.get('upload-offset'));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(offset).toBeGreaterThan(0);
    expect(await codeOf(await client.block(upload, offset + 1, blob.subarray(offset + 1)))).toEqual([
      409,
      'OFFSET_MISMATCH',
    ]);
    expect((await statusOf(await client.message('POST', '/v1/uploads', manifestOf(good)))).offset).toBe(
      offset,
    );
    const done = await statusOf(await client.block(upload, offset, blob.subarray(offset)));
    expect(done.receipt?.entry.kind).toBe('upload');

    const again = await client.message('POST', '/v1/uploads', manifestOf(good));
    expect(again.status).toBe(200);
    expect((await statusOf(again)).receipt).toEqual(done.receipt);
    expect((await statusOf(await client.block(upload, 0, blob))).receipt).toEqual(done.receipt);
    const other = await client.message('POST', '/v1/uploads', manifestOf(round.contribution('org-1')));
    expect(await codeOf(other)).toEqual([409, 'CONFLICTING_UPDATE']);
    expect((await kindsOf(round)).filter((kind) => kind === 'upload')).toHaveLength(1);
    expect(coordinator.lines.filter((line) => line.includes('request failed'))).toEqual([]);
  });

  it('with another digest are refused and removed; two requests at once count once', async () => {
    const { client, good, blob, upload } = await begun('org-2');
    expect(await codeOf(await client.block(upload, 0, randomBytes(blob.length)))).toEqual([
      422,
      'DIGEST_MISMATCH',
    ]);
    expect((await client.http('HEAD', `/v1/uploads/${upload}`)).status).toBe(404);
    expect(await codeOf(await client.block(upload, 0, blob))).toEqual([404, 'NOT_FOUND']);
    await client.message('POST', '/v1/uploads', manifestOf(good));
    const both = await Promise.all([client.block(upload, 0, blob), client.block(upload, 0, blob)]);
    expect(both.map(({ status }) => status)).toContain(200);
    expect((await kindsOf(round)).filter((kind) => kind === 'upload')).toHaveLength(1);
  });

  it('of another member, or with no or another kind of body, are refused', async () => {
    await start();
    await round.announced();
    const client = round.client('org-1');
    const { upload } = await statusOf(
      await client.message('POST', '/v1/uploads', manifestOf(round.contribution('org-1'))),
    );
    const thief = round.client('org-2');
    expect(await codeOf(await thief.block(upload, 0, Uint8Array.of(1)))).toEqual([404, 'NOT_FOUND']);
    expect((await thief.http('HEAD', `/v1/uploads/${upload}`)).status).toBe(404);
    const patch = `/v1/uploads/${upload}`;
    const headers = { 'upload-offset': '0' };
    expect(await codeOf(await client.http('PATCH', patch, { headers }))).toEqual([400, 'MESSAGE_MALFORMED']);
    const packed = { headers, type: 'application/msgpack', body: encode([1]) };
    expect(await codeOf(await client.http('PATCH', patch, packed))).toEqual([400, 'MESSAGE_MALFORMED']);
    for (const offset of ['', '-1', '1e3', '0x10', '99999999999999999999', '1.5']) {
      const init = {
        headers: { 'upload-offset': offset },
        type: 'application/octet-stream',
        body: Uint8Array.of(1),
      };
      expect(await codeOf(await client.http('PATCH', patch, init))).toEqual([400, 'MESSAGE_MALFORMED']);
    }
  });

  it('after the close are refused with ROUND_CLOSED', async () => {
    await start();
    await round.announced();
    for (const id of ['org-1', 'org-2', 'org-3']) await round.upload(round.contribution(id));
    round.client('org-4').send({
      type: 'refuse',
      run: round.run,
      round: round.number,
      phase: 'collecting',
      code: 'NOT_FINITE',
      expected: 'x',
      got: 'y',
      next: 'z',
    });
    await round.client('org-4').state(({ phase }) => phase === 'checking');
    const late = await round
      .client('org-4')
      .message('POST', '/v1/uploads', manifestOf(round.contribution('org-4')));
    expect(await codeOf(late)).toEqual([409, 'ROUND_CLOSED']);
  });
});

describe('shares', () => {
  it('are given after the close, to the seat that they are sealed to, and to nobody else', async () => {
    await start();
    await round.announced();
    const path = (seat: number | string, number: number | string = round.number) =>
      `/v1/rounds/${number}/shares/${seat}`;
    const client = round.client('org-2');
    expect(await codeOf(await client.http('GET', path(2)))).toEqual([404, 'NOT_FOUND']);
    const contributions = round.members.map((id) => round.contribution(id));
    for (const contribution of contributions) await round.upload(contribution);
    await client.state(({ phase }) => phase === 'checking');
    const own = await client.http('GET', path(2));
    const expected = Buffer.concat(
      contributions.map(({ sealed }) => sealed.get('org-2') ?? new Uint8Array(0)),
    );
    expect(Buffer.from(await own.arrayBuffer())).toEqual(expected);
    for (const seat of [1, 3, 0, 99])
      expect(await codeOf(await client.http('GET', path(seat)))).toEqual([403, 'FORBIDDEN']);
    for (const bad of ['x', '-1', '2e0', '1'.repeat(30)]) {
      expect(await codeOf(await client.http('GET', path(bad)))).toEqual([400, 'MESSAGE_MALFORMED']);
    }
    expect(await codeOf(await client.http('GET', path(2, round.number + 1)))).toEqual([404, 'NOT_FOUND']);
  });
});
