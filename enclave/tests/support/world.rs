//! A station with a keeper, one form and one submission: what most tests begin with.
#![allow(dead_code)]

use assay_benchmarks::form::Form;
use assay_evidence::{
    dsse::Envelope,
    record::{Receipt, RunAbort, RunIntent},
    statement::{self, Opened},
    wire::{Ask, Assignment, Tell},
};

use crate::station::{Keeper, Places, Station};

/// A station with a keeper, one form and one submission.
pub struct World {
    pub station: Station,
    pub keeper: Keeper,
    pub places: Places,
    pub sealed: Vec<u8>,
    pub component: Vec<u8>,
}

impl World {
    pub fn new(form: &Form, component: Vec<u8>) -> Self {
        Self::with_runners(form, component, 2)
    }

    pub fn with_runners(form: &Form, component: Vec<u8>, runners: usize) -> Self {
        let mut station = Station::new();
        let mut keeper = Keeper::start(&station, runners);
        let evidence = station.attest(&mut keeper);
        let recipient = station.recipient.clone();
        let (commitment, sealed) = station.commit(form, &recipient);
        let submission = station.submit(&component);
        let places = Places {
            commitment,
            submission,
            evidence,
        };
        Self {
            station,
            keeper,
            places,
            sealed,
            component,
        }
    }

    pub fn assignment(&self) -> Assignment {
        self.station
            .assignment(self.places, &self.sealed, &self.component)
    }

    pub fn assign(&mut self, run: &str, assignment: Assignment) -> Tell {
        let ask = Ask::Assign {
            run: run.to_owned(),
            assignment: Box::new(assignment),
        };
        self.keeper.ask(&ask, &[&self.sealed, &self.component]);
        self.keeper.hear_result()
    }

    /// Assigns and starts; the intent's envelope.
    pub fn begin(&mut self, run: &str) -> Envelope {
        let before = self.station.size();
        let assignment = self.assignment();
        let told = self.assign(run, assignment);
        let Tell::Intent { envelope, .. } = told else {
            panic!("{told:?}")
        };
        let start = self.station.start(&envelope, before);
        self.keeper.ask(
            &Ask::Start {
                run: run.to_owned(),
                start: Box::new(start),
            },
            &[],
        );
        envelope
    }

    /// The envelope that closes a begun run.
    pub fn closed(&mut self) -> Envelope {
        let told = self.keeper.hear_result();
        let Tell::Closed { envelope, .. } = told else {
            panic!("{told:?}")
        };
        envelope
    }

    pub fn receipt(&mut self, run: &str) -> (RunIntent, Receipt) {
        let intent = self.begin(run);
        let closed = self.closed();
        let intent: Opened<RunIntent> =
            statement::open_record(&intent, &self.station.sign).unwrap();
        let receipt: Opened<Receipt> = statement::open_record(&closed, &self.station.sign).unwrap();
        (intent.predicate, receipt.predicate)
    }

    /// Answered, failed and all items of the run that closes next.
    pub fn counts(&mut self) -> (u64, u64, u64) {
        let closed = self.closed();
        let receipt: Opened<Receipt> = statement::open_record(&closed, &self.station.sign).unwrap();
        let counts = receipt.predicate.counts;
        (counts.answered, counts.failed, counts.items)
    }

    pub fn abort(&mut self) -> RunAbort {
        let closed = self.closed();
        let abort: Opened<RunAbort> = statement::open_record(&closed, &self.station.sign).unwrap();
        abort.predicate
    }
}

/// Code and words of a refusal.
pub fn refusal(told: Tell) -> (String, String) {
    let Tell::Refused { code, detail, .. } = told else {
        panic!("{told:?}")
    };
    (code, detail)
}
