// What the headlines on top are made of. Pure.
//
// A verdict is {tone, headline, detail, spoken}. Tones: `bad` (act now), `warn` (look at it), `note` (worth knowing), `ok`, and
// `idle` (there is nothing to say). What is spoken is the headline without what changes by the second.

import {streams} from '../attribution.js';

export const verdict = (tone, headline, detail = '', spoken = headline) => ({tone, headline, detail, spoken});
export const sentences = (...parts) => parts.filter(Boolean).join(' ');
/** The trainers that are in a pass. */
export const streaming = (status) => status.clients.rows.filter(streams);
export const least = (items, value) => items.reduce((best, item) => (best && value(best) <= value(item) ? best : item), null);
export const most = (items, value) => least(items, (item) => -value(item));
