const element = (id) => document.getElementById(id);

/**
 * Asks with the buttons `choices` ({value, label, style?}); with `field` for a text too. Enter takes the last one, or
 * the first if the last does damage.
 * Answers {value, text}; value is undefined when it is dismissed.
 */
export function ask({ title, text = '', field, choices }) {
  const dialog = element('dialog');
  const input = element('dialog-input');
  element('dialog-title').textContent = title;
  element('dialog-text').textContent = text;
  element('dialog-field').hidden = field === undefined;
  input.required = field !== undefined;
  input.value = '';
  input.placeholder = field ?? '';
  let value;
  const buttons = choices.map((choice) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = `tool ${choice.style ?? ''}`;
    button.textContent = choice.label;
    button.addEventListener('click', () => choose(choice.value));
    return button;
  });
  element('dialog-choices').replaceChildren(...buttons);

  const choose = (chosen) => {
    const needsText = field !== undefined && chosen !== undefined;
    if (needsText && !element('dialog-form').reportValidity()) return;
    value = chosen;
    dialog.close();
  };
  element('dialog-form').onsubmit = (event) => {
    event.preventDefault();
    choose(choices.at(-1).value);
  };
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve({ value, text: input.value.trim() }), { once: true });
    dialog.showModal();
    const safe = choices.at(-1).style === 'danger' ? buttons[0] : buttons.at(-1);
    (field === undefined ? safe : input).focus();
  });
}

export async function confirm(title, text, label) {
  const choices = [
    { value: undefined, label: 'Cancel' },
    { value: 'yes', label, style: 'danger' },
  ];
  return (await ask({ title, text, choices })).value === 'yes';
}

export function notify(message, { bad = false } = {}) {
  const notice = document.createElement('div');
  notice.className = `notice ${bad ? 'bad' : ''}`;
  if (bad) notice.setAttribute('role', 'alert');
  const text = document.createElement('p');
  text.textContent = message;
  const close = document.createElement('button');
  close.type = 'button';
  close.className = 'act';
  close.textContent = '✕';
  close.setAttribute('aria-label', 'Dismiss');
  close.addEventListener('click', () => notice.remove());
  notice.append(text, close);
  if (!bad) for (const old of document.querySelectorAll('.notice:not(.bad)')) old.remove();
  element('notices').append(notice);
  // What went wrong stays until it has been read.
  if (!bad) setTimeout(() => notice.remove(), 4000);
}
