/** Schemas as TypeScript types. */
export function toTypeScript({ version }, schemas) {
  const types = Object.entries(schemas).map(([name, schema]) => {
    const body = schema.enum
      ? `type ${name} = ${schema.enum.map((value) => JSON.stringify(value)).join(' | ')};`
      : `interface ${name} {\n${fields(schema)}}`;
    return `/** ${schema.description} */\nexport ${body}\n`;
  });
  return [
    '// Generated from contracts/openapi.json.\n',
    `export const VERSION = ${JSON.stringify(version)};\n`,
    ...types,
  ].join('\n');
}

function fields({ properties }) {
  return Object.entries(properties)
    .map(([name, schema]) => `  readonly ${name}: ${type(schema)};\n`)
    .join('');
}

function type({ $ref, type }) {
  if ($ref) return $ref.split('/').at(-1);
  return type === 'string' ? 'string' : 'number';
}
