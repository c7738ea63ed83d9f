//! Accepts connections and stops them: bounded in number, in header size and in header time.
//!
//! What a request means is the router's business. There is no TLS here; a station that is reached
//! from outside stands behind a proxy that ends it.

use std::{io, pin::pin, sync::Arc, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::{sleep, timeout},
};

/// Connections at once; more wait in the kernel's queue.
pub const CONNECTIONS_MAX: usize = 1024;
/// Headers of one request, in bytes.
pub const HEADER_BYTES_MAX: usize = 32 * 1024;
/// Headers of one request, in number.
pub const HEADERS_MAX: usize = 64;
/// Time for the headers of a request, and for an idle connection.
pub const HEADER_TIME: Duration = Duration::from_secs(15);
/// After this long a stop no longer waits for open connections.
pub const STOP_TIME: Duration = Duration::from_secs(10);
/// Pause after the process ran out of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves until `stop` is ready, then lets open requests end for at most [`STOP_TIME`].
pub async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
    let slots = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let graceful = GracefulShutdown::new();
    let mut stop = pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = next_connection(&listener, &slots) => accepted,
        };
        let Ok((stream, slot)) = accepted else {
            sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_TIME)
            .max_buf_size(HEADER_BYTES_MAX)
            .max_headers(HEADERS_MAX)
            .serve_connection(
                TokioIo::new(stream),
                TowerToHyperService::new(router.clone()),
            );
        let watched = graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = watched.await {
                tracing::debug!(%error, "a connection ended early");
            }
            drop(slot);
        });
    }
    drop(listener);
    if timeout(STOP_TIME, graceful.shutdown()).await.is_err() {
        tracing::warn!(
            "connections were still open after {} s and are cut",
            STOP_TIME.as_secs()
        );
    }
}

async fn next_connection(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
) -> io::Result<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let slot = Arc::clone(slots)
        .acquire_owned()
        .await
        .expect("the semaphore is never closed");
    let (stream, _) = listener.accept().await?;
    stream.set_nodelay(true)?;
    Ok((stream, slot))
}
