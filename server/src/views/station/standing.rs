//! How log and enclave stand now: how new the public head is, who cosigned it, what went wrong.

use assay_api::{Alarm, Cosigner, Freshness, LogCondition, LogStanding, QuorumStanding};
use assay_evidence::{
    policy::{Attested, Cosigned, NotAttested, QUORUM_SECONDS_MAX, Witness},
    time,
};

use super::age;
use crate::{
    clock::Millis,
    collect::WitnessState,
    log::{Condition, HeadAt, Status},
    station::Station,
};

/// A signed head that waits longer than this for its quorum makes the public one stale.
const UNPUBLISHED_SECONDS_MAX: u64 = 60;

/// The log as it stands.
pub(super) fn log(station: &Station, now: Millis) -> LogStanding {
    let status = station.log().status();
    let published = status.published.as_ref();
    let size = published.map_or(0, |public| public.head.size);
    LogStanding {
        size,
        published: published.map(|public| public.at.rfc3339()),
        age_seconds: published.map(|public| age(public.at, now)),
        unpublished: status.stored.head.size.saturating_sub(size),
        freshness: freshness(station, &status, now),
        condition: match status.condition {
            Condition::Running => LogCondition::Running,
            Condition::ReadOnly(_) => LogCondition::ReadOnly,
            Condition::Stopped(_) => LogCondition::Stopped,
        },
    }
}

/// The quorum line of the policy, and what each of its witnesses says of the public head.
pub(super) fn quorum(station: &Station, now: Millis) -> QuorumStanding {
    let cosigned = match attested(station, now) {
        Some(Ok(attested)) => attested.cosigned,
        Some(Err(NotAttested::Unmet { cosigned, .. })) => cosigned,
        Some(Err(NotAttested::Checkpoint(_) | NotAttested::UnknownLog(_))) | None => Vec::new(),
    };
    let witnesses = station.policy().witnesses().iter();
    let asked = station.federation().witnesses();
    QuorumStanding {
        rule: rule(&station.facts().policy),
        cosigners: witnesses
            .map(|witness| cosigner(witness, &cosigned, &asked, now))
            .collect(),
    }
}

/// What an operator must look at, newest first.
pub(in crate::views) async fn alarms(station: &Station, now: Millis) -> Vec<Alarm> {
    let alarm = |at: Millis, says: String| Alarm {
        at: at.rfc3339(),
        says,
    };
    let status = station.log().status();
    let mut alarms = Vec::new();
    if let Condition::ReadOnly(says) | Condition::Stopped(says) = status.condition {
        alarms.push(alarm(now, says));
    }
    // A keeper that gives no answer stands with the enclave; here is only what it complains of.
    if let Ok(memory) = station.enclave().memory().await
        && let Some(says) = memory.frozen
    {
        alarms.push(alarm(now, says));
    }
    if let Err(error) = station.manifest().check_term(&now.rfc3339()) {
        alarms.push(alarm(now, error.to_string()));
    }
    for log in station.federation().peers() {
        if let Some(says) = log.trouble.or(log.doubt) {
            alarms.push(alarm(now, format!("{}: {says}", log.origin)));
        }
    }
    let told = status.alarms.into_iter().rev();
    alarms.extend(told.map(|told| alarm(told.at, told.says)));
    alarms
}

fn freshness(station: &Station, status: &Status, now: Millis) -> Freshness {
    if station.policy().witnesses().is_empty() {
        return Freshness::Unwitnessed;
    }
    let waits = |stored: &HeadAt| {
        let is_public = status.published.as_ref().map(|public| public.head.size);
        is_public != Some(stored.head.size) && age(stored.at, now) > UNPUBLISHED_SECONDS_MAX
    };
    let Some(Ok(attested)) = attested(station, now) else {
        return Freshness::Stale;
    };
    match attested.quorum.freshness(now.seconds(), QUORUM_SECONDS_MAX) {
        _ if waits(&status.stored) => Freshness::Stale,
        assay_evidence::policy::Freshness::Unknown => Freshness::Unwitnessed,
        assay_evidence::policy::Freshness::Fresh(_) => Freshness::Fresh,
        assay_evidence::policy::Freshness::Stale(_) => Freshness::Stale,
    }
}

/// What the station's own policy says of its public head; none before the first one.
fn attested(station: &Station, now: Millis) -> Option<Result<Attested, NotAttested>> {
    let note = station.log().checkpoint()?;
    Some(station.policy().check(&note, Some(now.seconds())))
}

fn cosigner(
    witness: &Witness,
    cosigned: &[Cosigned],
    asked: &[WitnessState],
    now: Millis,
) -> Cosigner {
    let line = cosigned.iter().find(|line| line.witness == witness.name);
    let asked = asked.iter().find(|asked| asked.name == witness.name);
    Cosigner {
        name: witness.key.name().to_owned(),
        cosigned: line.map(|line| time::from_seconds(line.time)),
        age_seconds: line.map(|line| now.seconds().saturating_sub(line.time)),
        trouble: asked.and_then(|asked| asked.trouble.clone()),
    }
}

/// The groups and the quorum of a policy, as its file spells them.
fn rule(policy: &str) -> String {
    let lines = policy.lines().map(str::trim);
    let quorum = lines.filter_map(|line| match line.split_once([' ', '\t'])? {
        ("group", _) => Some(line),
        ("quorum", rest) => Some(rest.trim()),
        _ => None,
    });
    quorum.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_is_what_the_policy_spells() {
        assert_eq!(rule("# a\nlog x+y https://l/\nquorum none\n"), "none");
        assert_eq!(
            rule("log x+y\nwitness a k\nwitness b l\ngroup g any a b\nquorum g\n"),
            "group g any a b; g"
        );
    }
}
