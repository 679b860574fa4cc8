//! What Python calls.
mod behaviour;

use pyo3::prelude::*;

#[pyfunction]
fn answer(line: String) -> String {
    behaviour::answer(&line)
}

#[pymodule]
fn extension(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(answer, module)?)
}
