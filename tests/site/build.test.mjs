import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { filesOf, root } from './site.mjs';

test('building twice into different folders gives the same bytes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'clearformer-build-'));
  try {
    const [first, second] = ['first', 'and another second'].map((name) => {
      const out = join(folder, name);
      execFileSync('node', ['scripts/build.mjs', '--out', out], { cwd: root });
      return out;
    });
    const files = filesOf(first);
    assert.ok(files.length > 20);
    assert.deepEqual(filesOf(second), files);
    const different = files.filter(
      (path) => !readFileSync(join(first, path)).equals(readFileSync(join(second, path))),
    );
    assert.deepEqual(different, []);
    // Nothing of the machine that built it is in the site.
    for (const path of files.filter((name) => /\.(?:html|js|mjs|css)$/.test(name))) {
      assert.ok(!readFileSync(join(first, path), 'utf8').includes(folder), path);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
