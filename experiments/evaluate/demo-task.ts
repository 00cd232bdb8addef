import type { TrainTask } from '../../protocol/task.ts';

/** Local steps of a member over the whole run: few rounds take more steps each, many rounds fewer. */
const TOTAL_STEPS = 1000;

/** The task of the demo. Chosen on seeds 1-5 of the simulator's demo preset; other seeds are for reporting. */
export function demoTask(rounds: number, seed: number): TrainTask {
  const steps = Math.min(200, Math.max(10, Math.ceil(TOTAL_STEPS / rounds)));
  return {
    kind: 'train-edge-scorer',
    name: 'lateral-movement',
    rounds,
    seed,
    model: { kind: 'edge-scorer', features: 'edge-v1', hidden: 16 },
    training: { steps, batch: 128, learningRate: 0.01, corrupted: 0.1 },
    quantiser: { clipNorm: 4, bits: 16, layout: '3x26' },
    kMin: 3,
    deadlines: { advertiseSeconds: 20, collectSeconds: 30, graceSeconds: 5, openSeconds: 20 },
  };
}
