use crate::state::State;
use axum::Json;
use axum::extract;
use serde::Serialize;

#[derive(Serialize)]
pub struct Hello {
    message: String,
    hits: u64,
    pid: u32,
}

pub async fn hello(extract::State(state): extract::State<State>) -> Json<Hello> {
    Json(Hello {
        message: greeting("world"),
        hits: state.hit(),
        pid: std::process::id(),
    })
}

fn greeting(name: &str) -> String {
    format!("hello, {name}")
}
