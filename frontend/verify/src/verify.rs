//! One bundle under one policy: the report of `assay_evidence` as a page shows it.
//!
//! Facts are handed out only of a bundle that verified. Texts that quote the file are cut short;
//! what stands in it may be long on purpose.

use assay_evidence::{
    policy::{Freshness, Policy, QUORUM_SECONDS_MAX},
    time,
    verify::{self, Check, CheckState, Report, Told},
};
use serde::Serialize;

use crate::text::short;

/// What the page gets to know.
#[derive(Serialize)]
pub struct Outcome {
    /// Did every check pass that can be made on the file?
    verified: bool,
    /// Why no check began: the policy does not load.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    /// Checks in order; after the first failure none follows.
    checks: Vec<Check>,
    /// Only of a bundle that verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    facts: Option<Told>,
    /// Only of a bundle that verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    age: Option<Age>,
}

/// How old the newest voices in a verified bundle are, by the reader's clock.
#[derive(Serialize)]
struct Age {
    /// Seconds since the quorum vouched; absent without a quorum.
    #[serde(skip_serializing_if = "Option::is_none")]
    quorum_seconds: Option<u64>,
    /// Whether that is too old to call the head current.
    is_stale: bool,
    /// When the station's manifest ran out, if it has: old records stand, new ones need another.
    #[serde(skip_serializing_if = "Option::is_none")]
    manifest_expired: Option<String>,
}

/// Checks a bundle; `now` is in seconds since 1970.
pub fn outcome(bundle: &[u8], policy: &str, now: u64) -> Outcome {
    match Policy::parse(policy) {
        Ok(policy) => reported(&verify::bundle_at(bundle, &policy, now), now),
        Err(problem) => Outcome {
            verified: false,
            problem: Some(short(&problem.to_string())),
            checks: Vec::new(),
            facts: None,
            age: None,
        },
    }
}

fn reported(report: &Report, now: u64) -> Outcome {
    let facts = report.facts.as_ref().filter(|_| report.verified());
    Outcome {
        verified: report.verified(),
        problem: None,
        checks: report.checks.iter().map(shown).collect(),
        facts: facts.map(Told::from),
        age: facts.map(|facts| Age::of(facts, now)),
    }
}

fn shown(check: &Check) -> Check {
    let state = match &check.state {
        CheckState::Passed => CheckState::Passed,
        CheckState::Failed(reason) => CheckState::Failed(short(reason)),
        CheckState::NotChecked(why) => CheckState::NotChecked(short(why)),
    };
    Check {
        name: check.name,
        says: short(&check.says),
        state,
    }
}

impl Age {
    fn of(facts: &verify::Facts, now: u64) -> Self {
        let (quorum_seconds, is_stale) =
            match facts.attested.quorum.freshness(now, QUORUM_SECONDS_MAX) {
                Freshness::Unknown => (None, false),
                Freshness::Fresh(seconds) => (Some(seconds), false),
                Freshness::Stale(seconds) => (Some(seconds), true),
            };
        let expires = &facts.chain.newest().expires;
        let is_past = *expires < time::from_seconds(now);
        Self {
            quorum_seconds,
            is_stale,
            manifest_expired: is_past.then(|| expires.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use assay_evidence::{
        digest::Digest,
        keys::{Ed25519SigningKey, random_bytes},
        note::VerifierKey,
    };
    use serde_json::{Value, json};

    use super::*;
    use crate::text;

    fn told(bundle: &[u8], policy: &str) -> Value {
        let text = text::json(&outcome(bundle, policy, 1_800_000_000));
        serde_json::from_str(&text).unwrap()
    }

    fn policy() -> String {
        let key = Ed25519SigningKey::from_seed(random_bytes()).public();
        let log = VerifierKey::new("log.example.org", key).unwrap();
        Policy::lone(&log, "", &Digest::of(b"manifest"))
    }

    #[test]
    fn a_policy_that_does_not_load_is_the_problem_and_nothing_is_checked() {
        assert_eq!(
            told(b"{}", "quorum none\n"),
            json!({
                "checks": [],
                "problem": "policy names no log; add `log KEY URL`",
                "verified": false,
            })
        );
    }

    #[test]
    fn a_bundle_that_is_none_fails_at_its_first_line_and_tells_no_facts() {
        let told = told(b"no bundle", &policy());
        assert_eq!(told["verified"], false);
        assert_eq!(told["checks"].as_array().unwrap().len(), 1);
        assert_eq!(told["checks"][0]["name"], "bundle");
        assert_eq!(told["checks"][0]["state"], "failed");
        assert_eq!(told.get("facts"), None);
        assert_eq!(told.get("age"), None);
    }

    #[test]
    fn a_reason_that_quotes_the_file_is_cut_short() {
        let long = format!("{{\"{}\":1}}", "x".repeat(100_000));
        let told = told(long.as_bytes(), &policy());
        let reason = told["checks"][0]["reason"].as_str().unwrap();
        assert_eq!(reason.chars().count(), text::CHARS_MAX + 1, "{reason}");
        assert!(reason.ends_with("xxx…"), "{reason}");
    }
}
