import { askedProfile, namedTask } from './command-line';

const named = (line: string) => namedTask(['node', 'nx', ...line.split(' ')]);
const release = { project: 'app', target: 'hotpatch', configuration: 'release' };

describe('the task that a command line names with a configuration', () => {
  it.each([
    'run app:hotpatch:release',
    'run app:hotpatch -c release',
    'run app:hotpatch -c=release --port=80',
    'run --configuration=release --verbose app:hotpatch',
    'run app:hotpatch:dev --configuration release',
    'hotpatch app --configuration=release',
  ])('%s', (line) => {
    expect(named(line)).toEqual(release);
  });

  it('may be of a project with colons in its name', () => {
    expect(named('run @shop/a:b:hotpatch-image:quick')).toEqual({
      project: '@shop/a:b',
      target: 'hotpatch-image',
      configuration: 'quick',
    });
  });

  it('may be named without one', () => {
    const plain = { project: 'app', target: 'hotpatch' };
    expect(named('run app:hotpatch -- -c release')).toEqual(plain);
    expect(named('hotpatch app')).toEqual(plain);
  });

  it.each([
    'run app:build:release',
    'run-many -t hotpatch -c release',
    'affected -t hotpatch-image -c release',
    'graph',
  ])('none in %s', (line) => {
    expect(named(line)).toBeUndefined();
  });
});

describe('the profile that the options of a session ask for', () => {
  it.each([
    ['run app:hotpatch --release', 'release'],
    ['run app:hotpatch --release=true --port=80', 'release'],
    ['run app:hotpatch --profile=quick', 'quick'],
    ['run app:hotpatch --profile quick', 'quick'],
    ['run app:hotpatch -- --release --port 80', 'release'],
    ['run app:hotpatch --release -- --port 80', undefined],
    ['run app:hotpatch -- -- --release', undefined],
    ['run app:hotpatch --release=false', undefined],
    ['run app:hotpatch --profiles=x', undefined],
    ['run app:hotpatch:release', undefined],
  ])('%s: %s', (line, profile) => {
    expect(askedProfile(['node', 'nx', ...line.split(' ')])).toBe(profile);
  });
});
