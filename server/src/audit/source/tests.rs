//! A web server that answers badly: each answer ends as it should, and none without a bound.

use std::{
    io::{BufRead, BufReader, Write as _},
    net::TcpListener,
};

use flate2::{Compression, write::GzEncoder};

use super::*;

/// Gives these answers, one to each connection, and ends.
fn answering(answers: Vec<Vec<u8>>) -> Source {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            while lines.next().is_some_and(|line| !line.unwrap().is_empty()) {}
            // A client that has read enough hangs up: that is what is tested.
            let _ = stream.write_all(&answer);
        }
    });
    Source::open(&base).unwrap()
}

fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

const GZIP: &str = "content-encoding: gzip\r\n";

#[test]
fn plain_and_compressed_files_are_read() {
    let packed = gzip(b"tile");
    let source = answering(vec![
        answer("200 OK", "", b"tile"),
        answer("200 OK", GZIP, &packed),
    ]);
    for _ in 0..2 {
        assert_eq!(source.get("tile/0/000", 100).unwrap().unwrap(), b"tile");
    }
}

#[test]
fn a_file_that_is_not_there_is_told_apart() {
    let source = answering(vec![answer("404 Not Found", "", b"<html>")]);
    let unserved = source.get("tile/0/000", 100).unwrap().unwrap_err();
    assert_eq!(unserved, Unserved::Missing("tile/0/000".to_owned()));
}

#[test]
fn long_files_and_gzip_bombs_are_cut_off() {
    let bomb = gzip(&vec![0; 10_000_000]);
    assert!(bomb.len() < 20_000);
    let source = answering(vec![
        answer("200 OK", "", &[0; 101]),
        answer("200 OK", GZIP, &bomb),
        answer("200 OK", GZIP, &gzip(&[0; 20_001])),
    ]);
    for most in [100, 20_000, 20_000] {
        let unserved = source.get("x", most).unwrap().unwrap_err();
        let path = "x".to_owned();
        assert_eq!(unserved, Unserved::TooLong { path, most });
    }
}

#[test]
fn what_does_not_decompress_is_refused() {
    let cut = gzip(b"tile");
    let source = answering(vec![
        answer("200 OK", GZIP, b"tile"),
        answer("200 OK", GZIP, &cut[..cut.len() - 1]),
    ]);
    for _ in 0..2 {
        let unserved = source.get("x", 100).unwrap().unwrap_err();
        assert_eq!(unserved, Unserved::NotGzip("x".to_owned()));
    }
}

#[test]
fn a_server_in_trouble_is_asked_again_and_then_named() {
    let busy = || answer("503 Service Unavailable", "", b"");
    let source = answering(vec![busy(), answer("200 OK", "", b"tile")]);
    assert_eq!(source.get("x", 100).unwrap().unwrap(), b"tile");
    let source = answering(vec![busy(), busy(), busy()]);
    let error = source.get("tile/0/000", 100).unwrap_err().to_string();
    assert_eq!(
        error,
        format!(
            "{source}/tile/0/000 does not answer: status 503; try again, what was checked so far is not kept"
        )
    );
}

#[test]
fn an_answer_that_breaks_off_is_no_file() {
    let mut cut = answer("200 OK", "", b"tile");
    cut.truncate(cut.len() - 1);
    let source = answering(vec![cut.clone(), cut.clone(), cut]);
    let error = source.get("x", 100).unwrap_err();
    assert!(matches!(error, SourceError::Web { .. }), "{error}");
}

#[test]
fn a_folder_is_read_within_the_same_bounds() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("x"), [0; 101]).unwrap();
    let source = Source::open(dir.path().to_str().unwrap()).unwrap();
    assert_eq!(source.get("x", 101).unwrap().unwrap().len(), 101);
    let (path, most) = ("x".to_owned(), 100);
    let unserved = source.get("x", 100).unwrap().unwrap_err();
    assert_eq!(unserved, Unserved::TooLong { path, most });
    let missing = source.get("y", 100).unwrap().unwrap_err();
    assert_eq!(missing.to_string(), "y is not served");
}

#[test]
fn a_pipe_a_device_and_a_folder_are_no_files_and_are_not_waited_for() {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path();
    mknodat(CWD, folder.join("pipe"), FileType::Fifo, Mode::RUSR, 0).unwrap();
    std::os::unix::fs::symlink("/dev/zero", folder.join("device")).unwrap();
    std::fs::create_dir(folder.join("folder")).unwrap();
    std::fs::write(folder.join("file"), b"bytes").unwrap();
    let source = Source::open(folder.to_str().unwrap()).unwrap();
    for path in ["pipe", "device", "folder"] {
        let refused = source.get(path, 10).unwrap();
        assert_eq!(refused, Err(Unserved::NotRegular(path.to_owned())));
    }
    assert_eq!(source.get("file", 10).unwrap(), Ok(b"bytes".to_vec()));
}
