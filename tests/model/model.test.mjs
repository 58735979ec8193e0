// A small model of the rules (model.mjs) against the real program (driver.c), over random histories: orders, rights, licences,
// accesses, subscriptions and the ledger must be equal whenever all news has arrived.
//
//	MODEL_RUNS=60 MODEL_SEED=1 MODEL_PATH=3:1:0    how many; to repeat a failure: the seed and path that it printed
//	PROOF=1                                        2,000, others each time; otherwise the same 60, or as many as fit in 12 seconds

import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { History } from './history.mjs';
import { Program } from './program.mjs';
import { histories } from './steps.mjs';

const { PROOF, MODEL_RUNS, MODEL_SEED, MODEL_PATH } = process.env;
const WHOLE = PROOF || MODEL_RUNS;

// The shortest history that still fails, and how to have it again.
function told({ seed, counterexamplePath, counterexample: [{ steps, ...scene }], errorInstance }) {
  const lines = steps.map((step) => `  ${JSON.stringify(step)}`);
  return [`MODEL_SEED=${seed} MODEL_PATH=${counterexamplePath}`, JSON.stringify(scene), ...lines, errorInstance.message].join('\n');
}

test('model and program agree on random histories', async () => {
  const program = new Program(`${process.env.BUILD ?? 'build'}/tests/model/driver`);
  const begun = Date.now();
  const counts = { histories: 0, steps: 0 };
  const property = fc.asyncProperty(histories, async ({ steps, ...scene }) => {
    counts.histories++;
    counts.steps += steps.length;
    await new History(program, scene).run(steps);
  });
  const options = {
    numRuns: Number(MODEL_RUNS ?? (PROOF ? 2000 : 60)), seed: Number(MODEL_SEED ?? (PROOF ? Date.now() % 2 ** 31 : 2026)), path: MODEL_PATH,
    ...(WHOLE ? {} : { interruptAfterTimeLimit: 12_000 }),
  };
  const result = await fc.check(property, options);
  await program.end();
  console.log(`# seed ${result.seed}, ${counts.histories} histories, ${counts.steps} steps, ${Math.round((Date.now() - begun) / 1000)} s`);
  assert.ok(counts.histories > 5 || MODEL_PATH, 'histories were run');
  assert.ok(!result.failed, result.failed ? told(result) : '');
});
