import type { ExecutorContext, TargetConfiguration } from '@nx/devkit';
import type { CaptureRequest } from '../pipeline/artifacts';

const IMAGE = 'nx-hotpatch:image';

type Asked = Pick<CaptureRequest, 'profile' | 'features' | 'allFeatures' | 'noDefaultFeatures' | 'cargoArgs'>;

/**
 * What to say when a session asks for another build than the tasks before it made: Nx chooses tasks by configurations and
 * never by options. Undefined when it is the same one, or there were no tasks.
 */
export function besideTheTasks(
  asked: Asked,
  {
    projectName = '',
    targetName = '',
    configurationName,
    projectsConfigurations: { projects },
    taskGraph,
  }: Pick<
    ExecutorContext,
    'projectName' | 'targetName' | 'configurationName' | 'projectsConfigurations' | 'taskGraph'
  >,
): string | undefined {
  const targets = projects[projectName]?.targets ?? {};
  const [name, image] = Object.entries(targets).find(([, { executor }]) => executor === IMAGE) ?? [];
  const ran = Object.values(taskGraph?.tasks ?? {}).some(
    ({ target }) => target.project === projectName && target.target === name,
  );
  if (image === undefined || !ran) return undefined;
  const made = optionsOf(image, configurationName);
  const command = `nx run ${projectName}:${targetName}`;
  if (buildOf(asked) !== buildOf(made))
    return `the tasks have built ${made.profile} without these options, for nothing: \`${command} --excludeTaskDependencies\` leaves them out`;
  if (made.profile === asked.profile) return undefined;
  const fitting = Object.keys(image.configurations ?? {}).find(
    (configuration) => optionsOf(image, configuration).profile === asked.profile,
  );
  return fitting === undefined
    ? `the tasks have built ${made.profile}, for nothing: \`${command} --excludeTaskDependencies\` leaves them out`
    : `the tasks have built ${made.profile}, for nothing: \`${command}:${fitting}\` takes ${asked.profile} from the cache`;
}

function optionsOf({ options, configurations }: TargetConfiguration, configuration?: string): Asked {
  return { ...options, ...(configuration === undefined ? {} : configurations?.[configuration]) };
}

/** Without the profile. */
function buildOf({ features, allFeatures, noDefaultFeatures, cargoArgs }: Asked): string {
  return JSON.stringify([
    [...(features ?? [])].sort(),
    allFeatures ?? false,
    noDefaultFeatures ?? false,
    cargoArgs ?? [],
  ]);
}
