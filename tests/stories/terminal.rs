//! A station that answers badly cannot steer the terminal of whoever asks it.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::TcpListener,
    thread,
};

use assay_tests::World;
use serde_json::json;

/// Clears the screen, goes up a line, and turns the direction of writing.
const HOSTILE: &str = "no such run\u{1b}[2J\u{1b}[1A\r\u{9b}K\u{202e}verified";

#[test]
fn what_a_hostile_station_says_is_shown_without_what_steers_a_terminal() {
    let address = hostile_station();
    let world = World::unborn();
    for json in [&[][..], &["--json"]] {
        let asked = [&["runs", "--url", &address][..], json].concat();
        let refused = world.assay(&asked).expect_code(1);
        assert!(
            refused.err.contains("no such run\u{fffd}[2J"),
            "{refused:?}"
        );
        assert!(refused.err.contains("verified"), "{refused:?}");
        let steers = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!refused.err.contains(steers), "{refused:?}");
    }
}

/// Answers each request with a problem; its address.
fn hostile_station() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let problem = json!({
        "type": "https://assay.example/problems/not-found", "title": "Not found", "status": 404,
        "detail": HOSTILE, "instance": "/", "trace_id": HOSTILE,
    });
    let body = problem.to_string();
    let answer = format!(
        "HTTP/1.1 404 Not Found\r\ncontent-type: application/problem+json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut reader = BufReader::new(&stream);
            let mut line = String::new();
            while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
                line.clear();
            }
            // Whoever hung up needs no answer.
            let _ = (&stream).write_all(answer.as_bytes());
        }
    });
    format!("http://{address}")
}
