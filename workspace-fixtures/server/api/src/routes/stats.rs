use crate::state::State;
use axum::Json;
use axum::extract;
use serde::Serialize;

#[derive(Serialize)]
pub struct Stats {
    hits: u64,
    hits_of_this_thread: u64,
    pid: u32,
}

pub async fn stats(extract::State(state): extract::State<State>) -> Json<Stats> {
    let hits = state.hit();
    Json(Stats {
        hits,
        hits_of_this_thread: state.hits_of_this_thread(),
        pid: std::process::id(),
    })
}
