//! Plain HTTP requests to somebody else's server: one way to make an agent, for every asker.
//!
//! It follows no redirects and bounds waiting. What is asked, and what the answer means, is the
//! asker's business.

use std::time::Duration;

use ureq::Agent;

/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// Longest wait for the head of an answer.
const ANSWER: Duration = Duration::from_mins(1);
/// Longest wait for the rest of it.
const BODY: Duration = Duration::from_mins(10);

/// Does this text start as an address does?
pub fn is_address(text: &str) -> bool {
    host(text).is_some_and(|host| !host.is_empty())
}

/// An agent for one server, which keeps as many connections. A server on this machine is asked without
/// a proxy.
pub fn agent(base: &str, connections: usize) -> Agent {
    let mut config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_idle_connections_per_host(connections)
        .timeout_connect(Some(CONNECT))
        .timeout_recv_response(Some(ANSWER))
        .timeout_recv_body(Some(BODY));
    if host(base).is_some_and(is_loopback) {
        config = config.proxy(None);
    }
    config.build().into()
}

fn host(base: &str) -> Option<&str> {
    base.strip_prefix("http://")
        .or_else(|| base.strip_prefix("https://"))
}

fn is_loopback(host: &str) -> bool {
    let name = host.split(['/', '?']).next().unwrap_or_default();
    name.starts_with("127.") || name.starts_with("localhost") || name.starts_with("[::1]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_scheme_and_a_host() {
        assert!(is_address("http://127.0.0.1:8080") && is_address("https://example.org/log"));
        for other in ["example.org", "http://", "file:///tmp", "/tmp/http://x", ""] {
            assert!(!is_address(other), "{other}");
        }
    }

    #[test]
    fn loopback_is_reached_without_a_proxy() {
        assert!(is_loopback("127.0.0.1:8080") && is_loopback("localhost/x"));
        assert!(!is_loopback("station.example.org"));
    }
}
