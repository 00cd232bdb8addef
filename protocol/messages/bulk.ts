import Type, { type Static } from 'typebox';
import { Chunk, closed, Hash } from './fields.ts';
import { SignedLogEntryMessage } from './log-entry.ts';

/** Answer to a manifest: where to send the blob and from which byte; the receipt once everything is there. */
export const UploadStatus = Type.Object(
  {
    upload: Hash,
    offset: Type.Integer({ minimum: 0 }),
    receipt: Type.Union([SignedLogEntryMessage, Type.Null()]),
  },
  closed,
);
export type UploadStatus = Static<typeof UploadStatus>;

/** What is wanted of a member by the audit of a round just now: chunks `from` to `to` (exclusive). */
export const AuditWanted = Type.Object(
  { ranges: Type.Array(Type.Object({ from: Chunk, to: Chunk }, closed), { maxItems: 1024 }) },
  closed,
);
export type AuditWanted = Static<typeof AuditWanted>;

/** Paths of the bulk plane; both sides build them here. */
export const bulkPaths = {
  log: (from: number) => `/v1/log?from=${from}`,
  epoch: (number: number) => `/v1/epochs/${number}`,
  uploads: () => '/v1/uploads',
  upload: (id: string) => `/v1/uploads/${id}`,
  advertisements: () => '/v1/advertisements',
  pairs: (round: number) => `/v1/rounds/${round}/pairs`,
  shares: (round: number, committeeIndex: number) => `/v1/rounds/${round}/shares/${committeeIndex}`,
  sum: (round: number) => `/v1/rounds/${round}/sum`,
  audit: (round: number) => `/v1/rounds/${round}/audit`,
  auditChunks: (round: number, from: number, to: number) => `/v1/rounds/${round}/audit/${from}/${to}`,
  runs: () => '/v1/runs',
  run: (id: string) => `/v1/runs/${id}`,
} as const;

/** Limits of the bulk plane, in bytes. */
export const BULK_LIMITS = {
  /** Unit of transfer of an upload: one PATCH carries at most this. */
  block: 8 * 1024 * 1024,
  /** One answer of the log holds at most this much; the reader asks again from where it ends. */
  logPage: 1024 * 1024,
} as const;
