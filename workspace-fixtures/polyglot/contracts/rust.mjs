/** Schemas as Rust types that serde reads and writes; `validate` holds numbers to their limits. */
const NUMBERS = { uint32: 'u32', uint64: 'u64' };

export function toRust({ version }, schemas) {
  const types = Object.entries(schemas).map(([name, schema]) =>
    schema.enum ? enumeration(name, schema) : structure(name, schema),
  );
  return [
    '// Generated from contracts/openapi.json.\n',
    'use serde::{Deserialize, Serialize};\n',
    `pub const VERSION: &str = ${JSON.stringify(version)};\n`,
    ...types,
  ].join('\n');
}

function enumeration(name, { description, enum: values }) {
  const variants = values.map((value) => `    ${value[0].toUpperCase()}${value.slice(1)},\n`);
  return `/// ${description}
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ${name} {
${variants.join('')}}
`;
}

function structure(name, { description, properties }) {
  const fields = Object.entries(properties).map(([field, schema]) => `    pub ${field}: ${type(schema)},\n`);
  const limits = Object.entries(properties).filter(([, { maximum }]) => maximum !== undefined);
  return `/// ${description}
#[derive(Debug, Serialize, Deserialize)]
pub struct ${name} {
${fields.join('')}}
${limits.length > 0 ? validation(name, limits) : ''}`;
}

function validation(name, limits) {
  const checks = limits.map(
    ([field, { minimum, maximum }]) => `        if !(${minimum}..=${maximum}).contains(&self.${field}) {
            return Err(format!("${field} is {}, and must be from ${minimum} to ${maximum}", self.${field}));
        }
`,
  );
  return `
impl ${name} {
    pub fn validate(&self) -> Result<(), String> {
${checks.join('')}        Ok(())
    }
}
`;
}

function type({ $ref, type, format }) {
  if ($ref) return $ref.split('/').at(-1);
  if (type === 'string') return 'String';
  return NUMBERS[format] ?? 'u64';
}
