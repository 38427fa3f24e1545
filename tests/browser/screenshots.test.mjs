// Pictures of the figures against those in screenshots/, with a small tolerance for the edges of letters. After a change of looks that
// is meant: ./scripts/test browser --update-screenshots, look at the new pictures, commit them.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import pixelmatch from 'pixelmatch';
import { PNG } from 'pngjs';
import { ATTENTION, openBrowser, settle } from './browser.mjs';

const MOST_DIFFERENT = 0.005; // share of the pixels
const folder = new URL('./screenshots/', import.meta.url);
const failed = new URL('../../build/screenshots/', import.meta.url);
const looks = [
  { width: 1440, dark: false },
  { width: 1440, dark: true },
  { width: 390, dark: false },
];

/** @param {Buffer} picture @param {string} name */
function compare(picture, name) {
  const place = new URL(`${name}.png`, folder);
  if (process.env.CLEARFORMER_UPDATE_SCREENSHOTS) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(place, picture);
    return;
  }
  assert.ok(existsSync(place), `there is no picture ${name}.png; make it with --update-screenshots`);
  const [now, then] = [PNG.sync.read(picture), PNG.sync.read(readFileSync(place))];
  const say = (/** @type {string} */ what) => {
    mkdirSync(failed, { recursive: true });
    writeFileSync(new URL(`${name}.png`, failed), picture);
    return `${name}: ${what}; the new picture is build/screenshots/${name}.png`;
  };
  const size = (/** @type {PNG} */ { width, height }) => `${width} x ${height}`;
  assert.ok(size(now) === size(then), say(`is ${size(now)}, was ${size(then)}`));
  const different = pixelmatch(now.data, then.data, undefined, now.width, now.height, { threshold: 0.15 });
  const share = different / (now.width * now.height);
  assert.ok(share <= MOST_DIFFERENT, say(`${(100 * share).toFixed(2)} % of the pixels differ`));
}

for (const { width, dark } of looks) {
  test(`the figures look as they did at ${width} px, ${dark ? 'dark' : 'light'}`, async (t) => {
    const { open, http } = await openBrowser(t);
    const { page } = await open(http(ATTENTION), { width, dark });
    await settle(page);
    for (const figure of await page.locator('figure.cf-figure').all()) {
      const id = await figure.getAttribute('id');
      compare(await figure.screenshot({ animations: 'disabled' }), `${id}-${width}${dark ? '-dark' : ''}`);
    }
  });
}
