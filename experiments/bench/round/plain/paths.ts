/** The plaintext job's own requests; the rest (hello, tokens, runs) is as in the deployed federation. */
export const plainPaths = {
  /** The task of the run in progress. */
  task: () => '/v1/plain/task',
  /** A member's update of a round: 16-bit whole numbers, little-endian. */
  update: (round: number | ':round') => `/v1/plain/${round}/update`,
  /** The model that a round starts from: float32, little-endian. */
  model: (round: number | ':round') => `/v1/plain/${round}/model`,
} as const;
