// The flat list of actors as the visible rows of a tree. Pure.

/** So many children of one name under one parent are shown as one row, until it is opened. */
export const groupFrom = 6;

function childrenByParent(actors) {
  const ids = new Set(actors.map((a) => a.id));
  const children = new Map();
  for (const actor of actors) {
    // One whose parent is not listed stands at the top.
    const parent = actor.parent != null && ids.has(actor.parent) ? actor.parent : null;
    if (!children.has(parent)) children.set(parent, []);
    children.get(parent).push(actor);
  }
  return children;
}

function byName(actors) {
  const names = new Map();
  for (const actor of actors) {
    if (!names.has(actor.name)) names.set(actor.name, []);
    names.get(actor.name).push(actor);
  }
  return names;
}

/** `12 sending, 3 waiting`: the most frequent first. */
function statesText(actors) {
  const counts = new Map();
  for (const {state} of actors) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]).map(([state, n]) => `${n} ${state}`).join(', ');
}

function groupRow(key, level, name, members, open) {
  const mailboxes = members.map((a) => a.mailbox).filter((m) => m != null);
  return {
    key, level, expanded: open, name, label: `× ${members.length}`, state: statesText(members),
    mailbox: mailboxes.length > 0 ? Math.max(...mailboxes) : null,
    age_seconds: Math.max(...members.map((a) => a.age_seconds ?? 0)),
  };
}

/**
 * Rows {key, level (from 1), expanded (undefined: a leaf), name, label, state, mailbox, age_seconds} in the order of the
 * tree. `toggled` holds the keys of rows that are not as they are by default: groups are closed, actors are open. A group's
 * mailbox and age are its members' greatest.
 */
export function treeRows(actors, toggled) {
  const children = childrenByParent(actors);
  const rows = [];
  const addActor = (actor, level) => {
    const own = children.get(actor.id) ?? [];
    const key = `actor-${actor.id}`;
    const open = own.length > 0 ? !toggled.has(key) : undefined;
    rows.push({...actor, key, level, expanded: open, label: actor.label ?? ''});
    if (open) addAll(actor.id, level + 1);
  };
  const addAll = (parent, level) => {
    for (const [name, members] of byName(children.get(parent) ?? [])) {
      if (members.length < groupFrom) {
        for (const actor of members) addActor(actor, level);
        continue;
      }
      const key = `group-${parent}-${name}`;
      const open = toggled.has(key);
      rows.push(groupRow(key, level, name, members, open));
      if (open) for (const actor of members) addActor(actor, level + 1);
    }
  };
  addAll(null, 1);
  return rows;
}
