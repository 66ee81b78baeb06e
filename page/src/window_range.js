// Which rows of a long list are in view. Pure.

/** First and end (one past the last) of the rows to draw, with `spare` more on either side. */
export function visibleRange({scrollTop, height, rowHeight, rows, spare}) {
  const first = Math.max(0, Math.floor(scrollTop / rowHeight) - spare);
  const end = Math.min(rows, Math.ceil((scrollTop + height) / rowHeight) + spare);
  return {first: Math.min(first, end), end};
}

/** Where to scroll so that a row is in view; the same where it is already. */
export function scrolledTo(row, {scrollTop, height, rowHeight}) {
  const top = row * rowHeight;
  if (top < scrollTop) return top;
  return Math.max(scrollTop, top + rowHeight - height);
}
