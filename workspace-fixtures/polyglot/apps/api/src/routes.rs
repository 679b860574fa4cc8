use axum::extract::Query;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use contract::{Health, Parcel, Quote};

pub fn router() -> Router {
    Router::new()
        .route("/api/health", get(health))
        .route("/api/quote", get(quote))
}

async fn health() -> Json<Health> {
    Json(Health {
        service: service(),
        version: contract::VERSION.to_string(),
        process: std::process::id().into(),
    })
}

fn service() -> String {
    "api".to_string()
}

async fn quote(Query(parcel): Query<Parcel>) -> Result<Json<Quote>, (StatusCode, String)> {
    pricing::quote(&parcel)
        .map(Json)
        .map_err(|reason| (StatusCode::UNPROCESSABLE_ENTITY, reason))
}
