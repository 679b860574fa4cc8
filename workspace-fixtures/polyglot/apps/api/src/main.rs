mod routes;

use std::net::Ipv4Addr;
use std::process::ExitCode;
use tokio::net::TcpListener;

// One thread answers: the discount on a series of parcels is counted for each thread.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let port = std::env::var("API_PORT")
        .ok()
        .and_then(|port| port.parse().ok())
        .unwrap_or(4310);
    let served = match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
        Ok(listener) => {
            println!("api listening on http://127.0.0.1:{port}");
            axum::serve(listener, routes::router()).await
        }
        Err(error) => {
            eprintln!("api cannot listen on port {port}: {error}. API_PORT chooses another one.");
            return ExitCode::FAILURE;
        }
    };
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("api: {error}");
            ExitCode::FAILURE
        }
    }
}
