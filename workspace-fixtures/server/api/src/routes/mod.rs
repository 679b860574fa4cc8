mod hello;
mod quote;
mod stats;

use crate::state::State;
use axum::Router;
use axum::routing::get;

pub fn router(state: State) -> Router {
    Router::new()
        .route("/hello", get(hello::hello))
        .route("/quote", get(quote::quote))
        .route("/stats", get(stats::stats))
        .with_state(state)
}
