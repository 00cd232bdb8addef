/** Bounds on everything that is decoded from the network; checked before a decoder sees the bytes. */
export const CODEC_LIMITS = {
  /** A control message or a log entry; anything larger goes by the bulk plane. */
  maxBytes: 64 * 1024,
  maxDepth: 12,
  /** Values of any kind in one message, keys included. */
  maxNodes: 4096,
  maxKeyBytes: 64,
} as const;
export type CodecLimits = { readonly [K in keyof typeof CODEC_LIMITS]: number };
