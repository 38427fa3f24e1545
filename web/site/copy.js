/** A button beside each piece of code that copies its text; without it the code can still be selected. */

const SHOWN = 1600; // ms

export function offerCopies() {
  for (const box of document.querySelectorAll('.cf-code')) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'cf-copy';
    button.textContent = 'Copy';
    const status = document.createElement('span');
    status.className = 'cf-hidden';
    status.setAttribute('role', 'status');
    button.addEventListener('click', async () => {
      const text = box.querySelector('code')?.textContent ?? '';
      let told = 'Copied';
      try {
        await navigator.clipboard.writeText(text);
      } catch {
        told = 'Not allowed here';
      }
      button.textContent = told;
      status.textContent = told;
      setTimeout(() => {
        button.textContent = 'Copy';
        status.textContent = '';
      }, SHOWN);
    });
    box.append(button, status);
  }
}
