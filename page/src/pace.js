// How often the dispatcher is asked. Pure; times are milliseconds.

/** Between two questions at least, however many events come: four a second. */
export const leastInterval = 250;
const usualInterval = 500;
const hiddenInterval = 5000;
const goneInterval = 1000;

/**
 * From the start of one question to the start of the next. One that took long is followed by a longer pause: this page takes
 * a third of the dispatcher's and the network's time at most.
 */
export function interval({took, hidden, gone}) {
  if (gone) return goneInterval;
  return Math.max(hidden ? hiddenInterval : usualInterval, took * 3);
}

/** How long an event's question waits, when the last one began so long ago. */
export const pokeDelay = (sinceLastStart) => Math.max(0, leastInterval - sinceLastStart);
