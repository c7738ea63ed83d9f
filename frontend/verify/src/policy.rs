//! A policy as its reader should see it before trusting it: fingerprint, logs, pinned manifests.

use assay_evidence::{
    digest::Digest,
    policy::{POLICY_BYTES_MAX, Policy},
};
use serde::Serialize;

use crate::text::short;

/// What the page gets to know.
#[derive(Serialize)]
pub struct Reading {
    /// SHA-256 of the text, as `sha256sum` prints it of the file; absent when it is too long.
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<Digest>,
    /// Why it does not load.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    /// The logs that it believes, in its order.
    logs: Vec<Log>,
}

#[derive(Serialize)]
struct Log {
    origin: String,
    /// Digest of the first manifest of the log's station; absent when the policy pins none.
    #[serde(skip_serializing_if = "Option::is_none")]
    manifest: Option<Digest>,
}

/// Reads a policy without checking anything by it.
pub fn read(text: &str) -> Reading {
    let sha256 = (text.len() <= POLICY_BYTES_MAX).then(|| Digest::of(text.as_bytes()));
    match Policy::parse(text) {
        Ok(policy) => Reading {
            sha256,
            problem: None,
            logs: policy
                .origins()
                .map(|origin| log(&policy, origin))
                .collect(),
        },
        Err(problem) => Reading {
            sha256,
            problem: Some(short(&problem.to_string())),
            logs: Vec::new(),
        },
    }
}

fn log(policy: &Policy, origin: &str) -> Log {
    Log {
        origin: short(origin),
        manifest: policy.manifest_for(origin).copied(),
    }
}

#[cfg(test)]
mod tests {
    use assay_evidence::{
        keys::{Ed25519SigningKey, random_bytes},
        note::VerifierKey,
    };
    use serde_json::{Value, json};

    use super::*;
    use crate::text;

    fn told(policy: &str) -> Value {
        serde_json::from_str(&text::json(&read(policy))).unwrap()
    }

    #[test]
    fn a_policy_is_told_by_its_digest_and_what_it_pins() {
        let key = Ed25519SigningKey::from_seed(random_bytes()).public();
        let log = VerifierKey::new("log.example.org", key).unwrap();
        let manifest = Digest::of(b"manifest");
        let policy = Policy::lone(&log, "https://log.example.org/", &manifest);
        assert_eq!(
            told(&policy),
            json!({
                "logs": [{"manifest": manifest.to_string(), "origin": "log.example.org"}],
                "sha256": Digest::of(policy.as_bytes()).to_string(),
            })
        );
    }

    #[test]
    fn a_policy_that_does_not_load_still_has_its_digest_unless_it_is_too_long() {
        let text = "log nonsense\nquorum none\n";
        let broken = told(text);
        assert_eq!(broken["sha256"], Digest::of(text.as_bytes()).to_string());
        assert!(
            broken["problem"]
                .as_str()
                .unwrap()
                .starts_with("policy line 1: ")
        );
        let long = told(&"#\n".repeat(POLICY_BYTES_MAX));
        assert_eq!(long.get("sha256"), None);
        assert_eq!(long["problem"], "policy has 131072 bytes, more than 65536");
    }
}
