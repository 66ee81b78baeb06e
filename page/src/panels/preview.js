// The latest batch as pictures.

import {latestPreview} from '../api.js';
import {byId, setAttribute, setText} from '../dom.js';
import {asOf, count} from '../format.js';
import {contactSheet} from '../pictures.js';

/** Between two questions, in view and else. */
const shownIntervalMs = 1000;
const unseenIntervalMs = 5000;
const columns = 10;

export class Preview {
  #canvas = byId('preview-canvas');
  #text = byId('preview-text');
  #askedAt = -Infinity;
  #asked = null;
  #shown = null;
  #title = '';

  /** Asks for the latest batch where there is a newer one: often while this panel is in view, and never while the page is not. */
  update({status}) {
    this.#showAge(status.upstreams);
    const key = `${status.started_at} ${status.upstreams.reduce((sum, u) => sum + (u.batches ?? 0), 0)}`;
    const interval = this.#inView() ? shownIntervalMs : unseenIntervalMs;
    if (document.hidden || key === this.#asked || performance.now() - this.#askedAt < interval) return;
    this.#asked = key;
    this.#askedAt = performance.now();
    latestPreview().then((preview) => (preview ? this.#show(preview) : (this.#asked = null)));
  }

  #inView() {
    const {top, bottom} = this.#text.getBoundingClientRect();
    return bottom > -400 && top < innerHeight + 400;
  }

  /** The latest batch is the last one that any upstream has brought. */
  #showAge(upstreams) {
    const ages = upstreams.map((u) => u.last_batch_seconds).filter((age) => age != null);
    const age = ages.length > 0 ? asOf(Math.min(...ages)) : '';
    if (this.#title) setText(this.#text, `${this.#title}${age && `, ${age}`}`);
  }

  #show(preview) {
    const name = `${preview.dataset} / ${count(preview.batch_index)}`;
    const {images} = preview;
    const shape = `${preview.data_type} ${(preview.sample_shape ?? []).join('×')}`;
    const sheet = images && contactSheet(images, columns);
    this.#canvas.hidden = !sheet;
    this.#title = sheet ? `Batch ${name}: ${images.count} of ${preview.batch_size} samples, ${shape}` : `Batch ${name} (${shape}): ${preview.reason ?? 'not pictures'}`;
    if (sheet && this.#shown !== images.pixels) this.#draw(sheet);
    this.#shown = images?.pixels;
    setAttribute(this.#canvas, 'aria-label', `The first ${images?.count ?? 0} samples of batch ${name} as pictures`);
  }

  #draw({width, height, rgba}) {
    this.#canvas.width = width;
    this.#canvas.height = height;
    this.#canvas.getContext('2d').putImageData(new ImageData(rgba, width, height), 0, 0);
  }
}
