import type { Chart, Target } from '../bench.ts';

/** The figures that the design promises for a million 16-bit parameters on two cores. */
export const TARGETS: readonly Target[] = [
  { of: 'member.encrypt_ms', must: 'at most', value: 30 },
  { of: 'member.upload_mb', must: 'at most', value: 3.9 },
  { of: 'coordinator.add_ms', must: 'at most', value: 2.5 },
  { of: 'coordinator.open_ms', must: 'at most', value: 20 },
  { of: 'committee.answer_ms.50', must: 'at most', value: 25 },
  { of: 'seal.bfv_encrypt_ms / member.encrypt_ms', must: 'at least', value: 20 },
  { of: 'seal.bfv_mb / member.upload_mb', must: 'at least', value: 6 },
  // Flat: a hundred times the uploads may not double it. What grows is a hash state and a path an upload.
  { of: 'coordinator.peak_mb.1000 / coordinator.peak_mb.10', must: 'at most', value: 2 },
];

export const CHARTS: readonly Chart[] = [
  {
    title: 'A member encrypts a million parameters',
    unit: 'ms',
    scale: 'log',
    bars: [
      { row: 'member.encrypt_ms', label: 'Cordon (quantise, encrypt, pack)', kind: 'ours' },
      { row: 'seal.bfv_encrypt_ms', label: 'SEAL BFV, WebAssembly', kind: 'other' },
      { row: 'seal.ckks_encrypt_ms', label: 'SEAL CKKS, WebAssembly', kind: 'other' },
      { row: 'tenseal.ckks_encrypt_ms', label: 'TenSEAL CKKS (NVFLARE), native', kind: 'other' },
      { row: 'openfhe.bfv_encrypt_ms', label: 'OpenFHE threshold BFV, native', kind: 'other' },
      { row: 'lattigo.bgv_encrypt_ms', label: 'Lattigo multiparty BGV, native', kind: 'other' },
      { row: 'flower.mask_ms_per_neighbour', label: 'Flower SecAgg+, one neighbour', kind: 'other' },
      { row: 'secaggplus.mask_ms_per_neighbour', label: 'Pairwise mask, one neighbour', kind: 'other' },
    ],
  },
  {
    title: 'A member’s round in parts (ten members)',
    unit: 'ms',
    scale: 'linear',
    bars: [
      { row: 'member.quantise_ms', label: 'quantise', kind: 'ours' },
      { row: 'member.ciphertext_ms', label: 'encrypt, pack', kind: 'ours' },
      { row: 'member.share_ms', label: 'share the key, seal the shares', kind: 'ours' },
      { row: 'member.manifest_ms', label: 'hash and sign the upload', kind: 'ours' },
      { row: 'committee.advertise_ms.10', label: 'committee: keys for the round', kind: 'ours' },
      { row: 'committee.answer_ms.10', label: 'committee: test shares, answer', kind: 'ours' },
      { row: 'member.audit_ms', label: 'audit', kind: 'ours' },
    ],
  },
  {
    title: 'A member uploads',
    unit: 'mb',
    scale: 'log',
    bars: [
      { row: 'member.upload_mb', label: 'Cordon', kind: 'ours' },
      { row: 'seal.bfv_mb', label: 'SEAL BFV', kind: 'other' },
      { row: 'seal.bfv_zstd_mb', label: 'SEAL BFV, zstd', kind: 'other' },
      { row: 'seal.ckks_mb', label: 'SEAL CKKS', kind: 'other' },
      { row: 'tenseal.ckks_mb', label: 'TenSEAL CKKS (NVFLARE)', kind: 'other' },
      { row: 'openfhe.bfv_mb', label: 'OpenFHE threshold BFV', kind: 'other' },
      { row: 'lattigo.bgv_mb', label: 'Lattigo multiparty BGV', kind: 'other' },
    ],
  },
  {
    title: 'The coordinator adds one upload',
    unit: 'ms',
    scale: 'log',
    bars: [
      { row: 'coordinator.add_ms', label: 'Cordon', kind: 'ours' },
      { row: 'seal.bfv_add_ms', label: 'SEAL BFV, WebAssembly', kind: 'other' },
      { row: 'seal.ckks_add_ms', label: 'SEAL CKKS, WebAssembly', kind: 'other' },
      { row: 'tenseal.ckks_add_ms', label: 'TenSEAL CKKS (NVFLARE), native', kind: 'other' },
      { row: 'openfhe.bfv_add_ms', label: 'OpenFHE threshold BFV, native', kind: 'other' },
      { row: 'lattigo.bgv_add_ms', label: 'Lattigo multiparty BGV, native', kind: 'other' },
      { row: 'float.sum_ms', label: 'plain float32 loop, JavaScript', kind: 'floor' },
    ],
  },
  {
    title: 'The sum is opened',
    unit: 'ms',
    scale: 'log',
    bars: [
      { row: 'coordinator.open_ms', label: 'Cordon', kind: 'ours' },
      { row: 'seal.bfv_open_ms', label: 'SEAL BFV, one secret key', kind: 'other' },
      { row: 'seal.ckks_open_ms', label: 'SEAL CKKS, one secret key', kind: 'other' },
      { row: 'tenseal.ckks_open_ms', label: 'TenSEAL CKKS, one secret key', kind: 'other' },
      { row: 'openfhe.bfv_open_ms', label: 'OpenFHE threshold BFV, 3 members', kind: 'other' },
      { row: 'lattigo.bgv_open_ms', label: 'Lattigo multiparty BGV, 3 members', kind: 'other' },
    ],
  },
  {
    title: 'A committee member answers, by contributors',
    unit: 'ms',
    scale: 'log',
    bars: [3, 10, 50, 1000].map((n) => ({
      row: `committee.answer_ms.${n}`,
      label: `${n.toLocaleString('en-US')} contributors`,
      kind: 'ours',
    })),
  },
  {
    title: 'Memory of the coordinator’s sum, by uploads',
    unit: 'mb',
    scale: 'linear',
    bars: [10, 1000].map((n) => ({
      row: `coordinator.peak_mb.${n}`,
      label: `${n.toLocaleString('en-US')} uploads of 3.8 MB`,
      kind: 'ours',
    })),
  },
];
