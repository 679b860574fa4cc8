mod index;

use index::Index;
use std::io::{BufRead, BufReader, Result, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::process::ExitCode;

/// One client at a time, a line in, a line out: `add 12 High Street` and `find street`.
fn main() -> ExitCode {
    let port = std::env::var("INDEXER_PORT")
        .ok()
        .and_then(|port| port.parse().ok())
        .unwrap_or(4313);
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(listener) => {
            println!("indexer listening on 127.0.0.1:{port}");
            let mut index = Index::default();
            for client in listener.incoming() {
                if let Err(error) = client.and_then(|client| serve(&mut index, &client)) {
                    eprintln!("indexer: {error}");
                }
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!(
                "indexer cannot listen on port {port}: {error}. INDEXER_PORT chooses another one."
            );
            ExitCode::FAILURE
        }
    }
}

fn serve(index: &mut Index, mut client: &std::net::TcpStream) -> Result<()> {
    for line in BufReader::new(client).lines() {
        writeln!(client, "{}", answer(index, &line?))?;
    }
    Ok(())
}

fn answer(index: &mut Index, line: &str) -> String {
    match line.split_once(' ') {
        Some(("add", address)) => format!("{}", index.add(address)),
        Some(("find", word)) => index.find(word).join("; "),
        _ => "say `add ADDRESS` or `find WORD`".to_string(),
    }
}
