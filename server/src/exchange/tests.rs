//! Answers that no station sends, each refused by its address.

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use super::{
    fixture::{Fixture, Reply, nobody},
    *,
};

const LIMIT: usize = 100;

async fn got(
    reply: impl Fn() -> Reply + Send + Sync + 'static,
) -> (String, Result<Option<Vec<u8>>, ExchangeError>) {
    let server = Fixture::serve(move |_| std::future::ready(reply())).await;
    let url = format!("{}/thing", server.url);
    let got = Exchange::with(&url).get(&url, LIMIT).await;
    (url, got)
}

#[tokio::test]
async fn a_resource_comes_whole_or_is_not_there() {
    let (_, whole) = got(|| Reply::of(200, vec![7; LIMIT])).await;
    assert_eq!(whole, Ok(Some(vec![7; LIMIT])));
    assert_eq!(got(Reply::missing).await.1, Ok(None));
}

#[tokio::test]
async fn a_longer_answer_is_refused_however_it_is_sent() {
    let (url, long) = got(|| Reply::of(200, vec![7; LIMIT + 1])).await;
    assert_eq!(long, Err(ExchangeError::TooLong { url, limit: LIMIT }));
    // Compressed it would be short: it is refused before anything is made larger.
    let bomb = || Reply {
        headers: "Content-Encoding: gzip\r\n".to_owned(),
        ..Reply::of(200, vec![0x1f, 0x8b])
    };
    let (url, packed) = got(bomb).await;
    let coding = "gzip".to_owned();
    assert_eq!(packed, Err(ExchangeError::Encoded { url, coding }));
}

#[tokio::test]
async fn other_statuses_and_redirects_are_refused_by_their_number() {
    for status in [204, 301, 403, 500, 503] {
        let moved = move || Reply {
            headers: "Location: /other\r\n".to_owned(),
            ..Reply::of(status, "")
        };
        let (url, refused) = got(moved).await;
        assert_eq!(refused, Err(ExchangeError::Status { url, status }));
    }
}

#[tokio::test]
async fn nobody_at_an_address_is_told_with_the_address() {
    let url = nobody().await;
    let refused = Exchange::with(&url).get(&url, LIMIT).await.unwrap_err();
    let says = refused.to_string();
    assert!(
        says.starts_with(&format!("{url} does not answer: ")),
        "{says}"
    );
}

#[tokio::test]
async fn an_answer_that_ends_early_is_no_answer() {
    let short = || Reply {
        headers: "Content-Length: 50\r\n".to_owned(),
        ..Reply::of(200, "short")
    };
    let (url, cut) = got(short).await;
    let says = cut.unwrap_err().to_string();
    assert!(
        says.starts_with(&format!("{url} does not answer: ")),
        "{says}"
    );
}

/// A server that sends this once it is asked, and then byte after byte without end.
async fn trickle(head: &'static str) -> (String, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/thing", listener.local_addr().unwrap());
    let task = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.read_u8().await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut pause = tokio::time::interval(Duration::from_millis(5));
        // Until the client has gone.
        while stream.write_all(b"x").await.is_ok() {
            pause.tick().await;
        }
    });
    (url, task)
}

#[tokio::test]
async fn a_server_that_never_comes_to_an_end_is_left() {
    for head in [
        "HTTP/1.1 200 x\r\nSlow: ",
        "HTTP/1.1 200 x\r\nContent-Length: 1000000000\r\n\r\n",
    ] {
        let (url, server) = trickle(head).await;
        let asker = Exchange {
            time: Duration::from_millis(100),
            ..Exchange::with(&url)
        };
        let left = asker
            .get(&url, 2_000_000_000)
            .await
            .unwrap_err()
            .to_string();
        assert_eq!(left, format!("{url} does not answer: timeout: global"));
        server.await.unwrap();
    }
}
