import type { CheckedOptions } from '../options.ts';
import { Random } from '../random.ts';
import type { Organisation, World } from '../world/world.ts';
import { foreigners } from './foreigners.ts';
import { HabitBook } from './habit-book.ts';
import { machines } from './machines.ts';
import { person, staff } from './people.ts';
import { services } from './services.ts';

/** Who logs on where, how often and when, for everything that ends in `org`. */
export function buildHabits(world: World, org: Organisation, options: CheckedOptions): HabitBook {
  const random = new Random(options.seed, `habits/${org.index}`);
  const { hardNegatives } = options.setting;
  const book = new HabitBook();
  machines(world, org, book, random);
  for (const user of org.users) person(org, user, book, random, hardNegatives);
  staff(org, book, random, hardNegatives);
  services(org, book, random);
  foreigners(world, org, book, random, hardNegatives);
  return book;
}
