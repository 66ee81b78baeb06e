// When the dataset service was away, and which failures that explains. Pure.

export const goesOn = (outage) => outage.ended_at == null;

/** [from, to] of each outage in seconds, those that overlap as one, the earliest first. What goes on ends `now`. */
export function spans(outages, now) {
  const joined = [];
  const all = outages.map((o) => [o.began_at, o.ended_at ?? now].map((moment) => Date.parse(moment) / 1000));
  for (const [from, to] of all.sort((a, b) => a[0] - b[0])) {
    const last = joined.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else joined.push([from, to]);
  }
  return joined;
}

/** How many there were: the dispatcher counts all and keeps the latest. */
export const outageCount = ({outages, upstreams}) =>
  Math.max(outages.length, upstreams.reduce((sum, u) => sum + (u.outages ?? 0), 0));

/** Failures come a little before the outage that they begin. */
const slackMs = 1000;

/** Whether a moment lies in an outage. */
export function within(outage, moment) {
  const at = Date.parse(moment);
  return at >= Date.parse(outage.began_at) - slackMs && (goesOn(outage) || at <= Date.parse(outage.ended_at) + slackMs);
}

/** Whether an upstream's last failure was a failure of its own, and no attempt to connect in an outage. */
export const failedWithoutOutage = (upstream, outages) =>
  upstream.last_failure != null && !outages.some((o) => o.upstream === upstream.address && within(o, upstream.last_failure_at));
