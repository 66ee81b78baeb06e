// The latest batch as pictures.

import {latestPreview} from '../api.js';
import {byId, setAttribute, setText} from '../dom.js';
import {count} from '../format.js';
import {contactSheet} from '../pictures.js';

const leastIntervalMs = 1000;
const columns = 10;

export class Preview {
  #canvas = byId('preview-canvas');
  #text = byId('preview-text');
  #askedAt = -Infinity;
  #batches = null;
  #shown = null;

  /** Asks for the latest batch where there is a newer one and this panel is in view. */
  update({status, gone}) {
    const {batches = null} = status.totals;
    const key = `${status.started_at} ${batches}`;
    if (gone || key === this.#batches || performance.now() - this.#askedAt < leastIntervalMs || !this.#inView()) return;
    this.#batches = key;
    this.#askedAt = performance.now();
    latestPreview().then((preview) => this.#show(preview));
  }

  #inView() {
    const {top, bottom} = this.#text.getBoundingClientRect();
    return !document.hidden && bottom > -400 && top < innerHeight + 400;
  }

  #show(preview) {
    if (!preview) return;
    const name = `${preview.dataset} / ${count(preview.batch_index)}`;
    const {images} = preview;
    const shape = `${preview.data_type} ${(preview.sample_shape ?? []).join('×')}`;
    const sheet = images && contactSheet(images, columns);
    this.#canvas.hidden = !sheet;
    setText(this.#text, sheet ? `Batch ${name}: ${images.count} of ${preview.batch_size} samples, ${shape}` : `Batch ${name} (${shape}): ${preview.reason ?? 'not pictures'}`);
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
