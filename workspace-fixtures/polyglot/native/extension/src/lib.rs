//! What the reports call.
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// A `Quote` of the contract for a `Parcel`, both as JSON.
#[pyfunction]
fn quote(parcel: &str) -> PyResult<String> {
    answer(parcel).map_err(PyValueError::new_err)
}

fn answer(parcel: &str) -> Result<String, String> {
    let quote = pricing::quote(&contract::read(parcel)?)?;
    Ok(contract::write(&quote))
}

#[pymodule]
fn extension(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(quote, module)?)
}
