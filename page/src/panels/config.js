// The options as resolved.

import {KeyedList, byId, element, setText} from '../dom.js';

class OptionPair {
  #value = element('dd');
  node;

  constructor([name]) {
    const term = element('dt');
    term.textContent = name;
    this.node = element('div', '', {}, term, this.#value);
  }

  update([, value]) {
    setText(this.#value, typeof value === 'object' ? JSON.stringify(value) : String(value));
  }
}

export class Config {
  #pairs = new KeyedList(byId('config-list'), ([name]) => name, (pair) => new OptionPair(pair));

  update({status}) {
    this.#pairs.set(Object.entries(status.config));
  }
}
