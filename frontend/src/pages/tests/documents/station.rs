//! A station where something of everything is wrong, and one where nothing has happened yet.

use assay_api::{
    AbortedRun, Alarm, Cosigner, FormSummary, Freshness, KeyLine, LogCondition, LogStanding,
    ManifestLine, OpenRun, QuorumStanding, RunState, StationForm, StationPage,
};

use super::{as_of, closed_form, digest, form, home, link, run_row};

/// Witnessed and stale, with alarms, open and aborted runs, rotated keys.
pub fn station() -> StationPage {
    let mut lost = run_row("run_01HX9K", RunState::Aborted, "table-expert-75");
    lost.abort = Some(link(39));
    let mut closed = run_row("run_01HX9L", RunState::Aborted, "seeded-guess");
    closed.reason = Some("form-closed".to_owned());
    closed.abort = None;
    let aborted = |run| AbortedRun {
        run,
        age_seconds: 90_000,
    };
    StationPage {
        as_of: as_of(),
        station: home().station,
        made: "2026-11-22T10:00:00Z".to_owned(),
        log_key: format!("station.example/assay/log+530d903a+{}", "A".repeat(44)),
        seal_recipient: Some(format!("age1{}", "q".repeat(58))),
        enclave_sha256: Some(digest(21)),
        log: LogStanding {
            size: 1_042,
            published: Some("2026-11-22T07:00:00Z".to_owned()),
            age_seconds: Some(10_800),
            unpublished: 3,
            freshness: Freshness::Stale,
            condition: LogCondition::ReadOnly,
        },
        quorum: QuorumStanding {
            rule: "any 2 of 3".to_owned(),
            cosigners: cosigners(),
        },
        manifests: [2, 1].map(manifest).to_vec(),
        keys: keys(),
        forms: vec![
            station_form(form("bay-knowledge"), 2),
            station_form(closed_form("bay-reasoning"), 0),
        ],
        runs_waiting: 4,
        runs_open: vec![overdue(), unknown_run()],
        runs_aborted: [lost, closed].map(aborted).to_vec(),
        runs_aborted_total: 52,
        alarms: vec![Alarm {
            at: "2026-11-22T08:00:00Z".to_owned(),
            says: "no quorum within 10 seconds; the head stays unpublished".to_owned(),
        }],
    }
}

/// A station that was just made.
pub fn new_station() -> StationPage {
    StationPage {
        seal_recipient: None,
        enclave_sha256: None,
        log: LogStanding {
            size: 2,
            published: None,
            age_seconds: None,
            unpublished: 0,
            freshness: Freshness::Unwitnessed,
            condition: LogCondition::Running,
        },
        quorum: QuorumStanding {
            rule: "none".to_owned(),
            cosigners: Vec::new(),
        },
        manifests: vec![manifest(1)],
        forms: Vec::new(),
        runs_waiting: 0,
        runs_open: Vec::new(),
        runs_aborted: Vec::new(),
        runs_aborted_total: 0,
        alarms: Vec::new(),
        ..station()
    }
}

fn cosigners() -> Vec<Cosigner> {
    vec![
        Cosigner {
            name: "witness.station-b.example".to_owned(),
            cosigned: Some("2026-11-22T07:00:00Z".to_owned()),
            age_seconds: Some(10_800),
            trouble: None,
        },
        Cosigner {
            name: "witness.station-c.example".to_owned(),
            cosigned: None,
            age_seconds: None,
            trouble: Some("no answer within 10 seconds".to_owned()),
        },
    ]
}

fn keys() -> Vec<KeyLine> {
    vec![
        key("log", 31, Some(0), Some("900")),
        key("log", 32, Some(880), None),
        key("recorder", 33, Some(0), None),
        key("root", 34, None, None),
        key("witness", 35, None, Some("log.station-b.example: 77")),
    ]
}

fn manifest(version: u64) -> ManifestLine {
    ManifestLine {
        version,
        sha256: digest(40 + version),
        expires: "2027-11-20T09:00:00Z".to_owned(),
        expired: version == 1,
        record: link(version * 400),
    }
}

fn key(role: &str, n: u64, from: Option<u64>, until: Option<&str>) -> KeyLine {
    let kind = if role == "recorder" {
        "p256"
    } else {
        "ed25519"
    };
    KeyLine {
        role: role.to_owned(),
        kind: kind.to_owned(),
        key: digest(n),
        from,
        until: until.map(str::to_owned),
    }
}

fn station_form(about: FormSummary, runs_open: u64) -> StationForm {
    StationForm {
        benchmark: "bay-knowledge".to_owned(),
        title: "Bay knowledge".to_owned(),
        about,
        runs_waiting: 4,
        runs_open,
    }
}

fn overdue() -> OpenRun {
    OpenRun {
        intent: link(1_030),
        announced: "2026-11-22T08:00:00Z".to_owned(),
        due: "2026-11-22T09:00:00Z".to_owned(),
        overdue: true,
        age_seconds: Some(7_200),
        run: Some(run_row("run_01HX9Q", RunState::Running, "table-expert-50")),
    }
}

/// An intent in the log that no run of this station knows.
fn unknown_run() -> OpenRun {
    OpenRun {
        run: None,
        age_seconds: None,
        overdue: false,
        ..overdue()
    }
}
