/** <cf-question id="q1">: a question whose answer opens. What has been opened is kept in the browser, can be saved and forgotten. */
import { recall, remember } from './storage.js';

const key = `questions:${location.pathname.split('/').slice(-2).join('/')}`;
const answered = () => {
  try {
    const kept = JSON.parse(recall(key) ?? '[]');
    return new Set(/** @type {string[]} */ (Array.isArray(kept) ? kept : []));
  } catch {
    return new Set(/** @type {string[]} */ ([]));
  }
};

class Question extends HTMLElement {
  connectedCallback() {
    const details = this.querySelector('details');
    if (!details) return;
    details.addEventListener('toggle', () => {
      if (!details.open) return;
      remember(key, JSON.stringify([...answered().add(this.id)]));
      showProgress();
    });
    queueMicrotask(showProgress);
  }
}

/** One line under the last question. */
function showProgress() {
  const questions = [...document.querySelectorAll('cf-question')];
  const last = questions.at(-1);
  if (!last) return;
  let line = document.querySelector('.cf-progress');
  if (!line) {
    line = document.createElement('p');
    line.className = 'cf-progress';
    const count = document.createElement('span');
    const save = document.createElement('button');
    save.type = 'button';
    save.textContent = 'Save as file';
    save.addEventListener('click', () => {
      const link = document.createElement('a');
      link.href = URL.createObjectURL(
        new Blob([JSON.stringify({ page: key, opened: [...answered()] })], { type: 'application/json' }),
      );
      link.download = 'clearformer-progress.json';
      link.click();
      URL.revokeObjectURL(link.href);
    });
    const forget = document.createElement('button');
    forget.type = 'button';
    forget.textContent = 'Forget';
    forget.addEventListener('click', () => {
      remember(key, null);
      for (const details of document.querySelectorAll('cf-question details')) details.removeAttribute('open');
      showProgress();
    });
    line.append(count, ' ', save, forget);
    last.after(line);
  }
  const done = answered();
  const opened = questions.filter(({ id }) => done.has(id)).length;
  /** @type {Element} */ (line.firstElementChild).textContent =
    `${opened} of ${questions.length} answers opened, kept in this browser.`;
}
customElements.define('cf-question', Question);
