import { captureRequest } from '../hotpatch/capture-request';
import { normalizeOptions } from '../hotpatch/options';
import { requestKey } from '../pipeline/store/build-key';
import { taskRequest } from './request';

const program = { manifestPath: 'app/Cargo.toml', package: 'app' };

it.each([
  {},
  { bin: 'server', features: ['b', 'a'] },
  { features: ['a'], noDefaultFeatures: true },
  { allFeatures: true },
  { example: 'tour', profile: 'release' },
])('the tasks build what `hotpatch` runs with the options %j', (options) => {
  const session = normalizeOptions({ ...program, ...options }, '/ws', 'app');
  const task = taskRequest({ ...program, targetDir: 'target', profile: 'dev', ...options }, '/ws');
  expect(requestKey(task)).toBe(requestKey(captureRequest(session, false, '/ws')));
});
