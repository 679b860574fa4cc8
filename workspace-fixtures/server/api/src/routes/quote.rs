use crate::state::State;
use axum::Json;
use axum::extract::{self, Query};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
pub struct Order {
    cents: u64,
    pieces: u64,
}

#[derive(Serialize)]
pub struct Quote {
    total: String,
    hits: u64,
    pid: u32,
}

pub async fn quote(
    extract::State(state): extract::State<State>,
    Query(order): Query<Order>,
) -> Json<Quote> {
    let total = core_lib::price(order.cents, order.pieces);
    Json(Quote {
        total,
        hits: state.hit(),
        pid: std::process::id(),
    })
}
