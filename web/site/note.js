/** A small note beside a word: by pointer, focus or tap; Esc closes it; it stays inside the window. */
/** @type {HTMLElement | undefined} */
let open;
/** @type {Element | undefined} */
let owner;

export function closeNote() {
  open?.remove();
  owner?.removeAttribute('aria-describedby');
  open = owner = undefined;
}

/** @param {Element} anchor @param {Node} content */
function openNote(anchor, content) {
  if (owner === anchor) return;
  closeNote();
  open = document.createElement('div');
  open.className = 'cf-note';
  open.id = 'cf-note';
  open.setAttribute('role', 'tooltip');
  open.append(content);
  document.body.append(open);
  owner = anchor;
  anchor.setAttribute('aria-describedby', 'cf-note');
  const box = anchor.getBoundingClientRect();
  const left = Math.max(16, Math.min(box.left, document.documentElement.clientWidth - open.offsetWidth - 16));
  open.style.setProperty('left', `${left + scrollX}px`);
  open.style.setProperty('top', `${box.bottom + scrollY + 6}px`);
}

/** Gives an element a note. @param {HTMLElement} anchor @param {() => Node} content */
export function attachNote(anchor, content) {
  anchor.addEventListener(
    'pointerenter',
    (event) => event.pointerType === 'mouse' && openNote(anchor, content()),
  );
  anchor.addEventListener(
    'pointerleave',
    (event) => event.pointerType === 'mouse' && document.activeElement !== anchor && closeNote(),
  );
  anchor.addEventListener('focus', () => openNote(anchor, content()));
  anchor.addEventListener('blur', closeNote);
  anchor.addEventListener('click', () => openNote(anchor, content()));
}

addEventListener('keydown', (event) => {
  if (event.key === 'Escape') closeNote();
});
