/**
 * Which column of a row means what; rows are of `Records`: 0..3 the times, from 4 on counts, bits and sketches. The order
 * is part of the file format: a change is a new version there.
 */

/** Words of a sketch of distinct names: 128 bits, one set for each name (linear counting, Whang et al. 1990). */
export const SKETCH_WORDS = 4;
/** Counts of eight three-hour parts of the day. */
export const DAY_PARTS = 8;

/** A host; 4..6 as in node-store.ts. */
export const HOST = {
  /** Requests for access that came from another host; went to another host; stayed on the host. */
  authIn: 7,
  authInFailed: 8,
  authOut: 9,
  authOutFailed: 10,
  local: 11,
  /** Ticket requests and credential checks that came from another host: this one answers for the domain. */
  checks: 12,
  /** Of those that came in or went out. */
  rdpIn: 13,
  rdpOut: 14,
  cleartextIn: 15,
  ntlmIn: 16,
  ntlmOut: 17,
  /** Logons with hands on the keyboard, service starts and batch jobs on the host itself. */
  handsOn: 18,
  service: 19,
  batch: 20,
  processes: 21,
  lookups: 22,
  flowsIn: 23,
  flowsOut: 24,
  detectionsFrom: 25,
  detectionsAt: 26,
  /** Distinct names looked up. */
  looked: 27,
  /** Distinct accounts that went out from it to other hosts, without those of machines and systems. */
  users: 27 + SKETCH_WORDS,
  /** What went out to other hosts by part of the day. */
  hours: 27 + 2 * SKETCH_WORDS,
  width: 44,
} as const;

/** An account; 4..6 as in node-store.ts. */
export const ACCOUNT = {
  /** Requests for access under this account, and those of them that failed or went to another host. */
  uses: 7,
  failures: 8,
  remote: 9,
  handsOn: 10,
  rdp: 11,
  service: 12,
  batch: 13,
  newCredentials: 14,
  /** Requests in which this account acted as another one. */
  actedAs: 15,
  processes: 16,
  detections: 17,
  /** Distinct hosts that remote requests came from. */
  sources: 18,
  /** Uses by part of the day. */
  hours: 18 + SKETCH_WORDS,
  width: 32,
} as const;

/** An account at a host, or a host to a host by authentication; 4 and 5 as in edge-store.ts. */
export const USE = {
  /** Requests for access, and those of them that failed. */
  events: 6,
  failures: 7,
  /** Five counts in the order of AUTH_PROTOCOLS. */
  protocols: 8,
  /** A bit for each of LOGON_TYPES. */
  logonTypes: 13,
  /** Account at host: of the events those from the host itself. Host to host: those by accounts of machines. */
  special: 14,
  /** Account at host: processes started. Host to host: detections. */
  marks: 15,
  width: 16,
} as const;

/** A host to a host over the network, by class of service. Float64 columns at 3 and 4 (uint32 6..9): bytes out and back. */
export const NETWORK = { bytesOut: 3, bytesIn: 4, flows: 10, width: 12 } as const;

/** About how many distinct names set the bits of a sketch: -m ln(free / m); at most 621 for 128 bits. */
export function sketchSize(words: Uint32Array, at: number): number {
  let free = 32 * SKETCH_WORDS;
  for (let i = 0; i < SKETCH_WORDS; i++) free -= ones(words[at + i] ?? 0);
  const bits = 32 * SKETCH_WORDS;
  return Math.round(-bits * Math.log(Math.max(1, free) / bits));
}

/** Sets the bit of a name by its hash. */
export function sketchAdd(words: Uint32Array, at: number, hash: number): void {
  const bit = hash >>> 25;
  words[at + (bit >>> 5)] = (words[at + (bit >>> 5)] ?? 0) | (1 << (bit & 31));
}

function ones(word: number): number {
  let v = word - ((word >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
