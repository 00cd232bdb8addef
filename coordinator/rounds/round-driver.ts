import { toCordonError } from '../../protocol/errors.ts';
import type { RoundFailure } from '../../protocol/messages/runs.ts';
import { startRound, stepRound } from '../../protocol/round/machine.ts';
import type { RoundConfig, RoundEffect, RoundEvent, RoundState } from '../../protocol/round/state.ts';
import type { CoordinatorModules } from '../modules.ts';

/** What the state machine asks for, done by the round; each ends before the next event is looked at. */
export interface RoundActions {
  readonly announce: (committee: readonly string[]) => Promise<void>;
  readonly close: () => Promise<void>;
  readonly fix: () => Promise<void>;
  readonly combine: (members: readonly string[]) => Promise<void>;
  readonly publish: () => Promise<void>;
  readonly abort: (reason: RoundFailure) => Promise<void>;
}

/** An event as it is reported; the driver adds when. */
export type Happening = RoundEvent extends infer E ? (E extends RoundEvent ? Omit<E, 'at'> : never) : never;

/** Holds the state of one round, feeds the state machine one event after another and has its effects carried out. */
export class RoundDriver {
  private readonly config: RoundConfig;
  private readonly actions: RoundActions;
  private readonly onChange: () => void;
  private readonly modules: Pick<CoordinatorModules, 'elapsed' | 'logger'>;
  private current: RoundState;
  private shown: RoundState;
  /** Events and what follows from them are handled one after another. */
  private queue: Promise<void> = Promise.resolve();
  private finish: (state: RoundState) => void = () => undefined;
  readonly finished: Promise<RoundState>;

  /** @param onChange called after every change, so that everybody hears where things stand */
  constructor(
    config: RoundConfig,
    actions: RoundActions,
    onChange: () => void,
    modules: Pick<CoordinatorModules, 'elapsed' | 'logger' | 'sessions'>,
  ) {
    this.config = config;
    this.actions = actions;
    this.onChange = onChange;
    this.modules = modules;
    const connected = modules.sessions.members();
    const gone = config.members.filter((member) => !connected.includes(member));
    this.current = startRound(config, gone, modules.elapsed(), (member) => modules.sessions.lastSeen(member));
    this.shown = this.current;
    this.finished = new Promise((resolve) => {
      this.finish = resolve;
    });
  }

  get state(): RoundState {
    return this.current;
  }

  /** The state as others may hear of it: what its phase begins with (the announcement, say) stands in the log. */
  get told(): RoundState {
    return this.shown;
  }

  /**
   * One event in its turn.
   * @returns whether it counted; false as well where the round could not go on, which ends it
   */
  handle(event: Happening): Promise<boolean> {
    return this.inTurn(() => this.step(event)).catch((error: unknown) => {
      const { logger } = this.modules;
      logger.error({ round: this.config.round, ...toCordonError(error).toWire() }, 'round stopped');
      this.finish({ ...this.current, phase: 'failed' });
      return false;
    });
  }

  /** Work that must see no event half-way; it may take steps of its own. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.queue.then(work);
    this.queue = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }

  /** One event, its effects, and whatever follows from them; only within a turn. */
  async step(happening: Happening): Promise<boolean> {
    const event = { ...happening, at: this.modules.elapsed() };
    const { state, effects, taken } = stepRound(this.config, this.current, event);
    const changed = state !== this.current;
    this.current = state;
    for (const effect of effects) await this.perform(effect);
    this.shown = this.current;
    if (changed) this.onChange();
    if (this.current.phase === 'published' || this.current.phase === 'failed') this.finish(this.current);
    return taken;
  }

  private async perform(effect: RoundEffect): Promise<void> {
    const { announce, close, fix, combine, publish, abort } = this.actions;
    try {
      if (effect.type === 'announce') await announce(effect.committee);
      else if (effect.type === 'abort') await abort(effect.reason);
      else if (effect.type === 'fix') await fix();
      else if (effect.type === 'close') await close();
      else if (effect.type === 'combine') {
        await combine(effect.answers);
        await this.step({ type: 'combined' });
      } else {
        await publish();
        await this.step({ type: 'published' });
      }
    } catch (error) {
      if (effect.type === 'abort') throw error;
      const { code, expected, got, next } = toCordonError(error);
      await this.step({ type: 'failed', reason: { code, expected, got, next } });
    }
  }
}
