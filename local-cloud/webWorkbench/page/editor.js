const INDENT = '  ';
const element = (id) => document.getElementById(id);

/** A text area with line numbers; Tab indents, and after Escape it moves the focus as elsewhere. */
export class Editor {
  #area = element('text');
  #lines = element('lines');
  #lineCount = 0;
  #tabLeaves = false;

  constructor(onChange) {
    this.#area.addEventListener('input', () => {
      this.#number();
      onChange();
    });
    this.#area.addEventListener('scroll', () => {
      this.#lines.scrollTop = this.#area.scrollTop;
    });
    this.#area.addEventListener('keydown', (event) => this.#onKey(event));
    document.addEventListener('selectionchange', () => this.#showPosition());
  }

  get text() {
    return this.#area.value;
  }

  show(text, label) {
    this.#area.value = text;
    this.#area.setAttribute('aria-label', label);
    this.#area.setSelectionRange(0, 0);
    this.#number();
    this.#area.scrollTo(0, 0);
    this.#area.focus({ preventScroll: true });
    this.#showPosition();
  }

  #number() {
    const count = this.#area.value.split('\n').length;
    if (count === this.#lineCount) return;
    this.#lineCount = count;
    this.#lines.textContent = Array.from({ length: count }, (_, index) => index + 1).join('\n');
    this.#lines.scrollTop = this.#area.scrollTop;
  }

  #showPosition() {
    if (document.activeElement !== this.#area) return;
    const before = this.#area.value.slice(0, this.#area.selectionEnd);
    const line = before.split('\n').length;
    element('position').textContent = `Line ${line}, column ${before.length - before.lastIndexOf('\n')}`;
  }

  #onKey(event) {
    if (event.key === 'Tab' && !this.#tabLeaves && !event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      this.#indent(event.shiftKey);
    }
    if (event.key !== 'Shift') this.#tabLeaves = event.key === 'Escape';
  }

  #indent(outwards) {
    const { value, selectionStart: start, selectionEnd: end } = this.#area;
    if (!outwards && !value.slice(start, end).includes('\n')) return this.#insert(INDENT);
    const from = value.lastIndexOf('\n', start - 1) + 1;
    const lines = value.slice(from, end).split('\n');
    const changed = lines.map((line) => (outwards ? line.replace(/^( {1,2}|\t)/, '') : INDENT + line)).join('\n');
    if (changed === value.slice(from, end)) return;
    this.#area.setSelectionRange(from, end);
    this.#insert(changed);
    if (lines.length > 1) this.#area.setSelectionRange(from, from + changed.length);
  }

  /** The old command is the only way that keeps the browser's undo. */
  #insert(text) {
    if (text !== '' && document.execCommand('insertText', false, text)) return;
    this.#area.setRangeText(text, this.#area.selectionStart, this.#area.selectionEnd, 'end');
    this.#area.dispatchEvent(new Event('input'));
  }
}
