//! A station with a keeper, one form and one submission: what most tests begin with.
#![allow(dead_code)]

use assay_benchmarks::form::Form;
use assay_evidence::{
    dsse::Envelope,
    record::{Receipt, RunAbort, RunIntent},
    statement::{self, Opened},
    wire::{Ask, Assignment, Start, Tell},
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

    /// Commits to a seal that cannot be opened, so that a refusal of a start tells whether it came
    /// before that was tried.
    pub fn commit_unopenable(&mut self, form: &Form) {
        *self.sealed.last_mut().unwrap() ^= 1;
        let recipient = self.station.recipient.clone();
        self.places.commitment = self.station.commit_sealed(form, &recipient, &self.sealed);
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
        let told = self.keeper.hear_result();
        if matches!(told, Tell::Intent { .. }) {
            self.station.shown = self.station.size();
        }
        told
    }

    /// The signed intent of an assignment that is taken.
    pub fn announced(&mut self, run: &str) -> Envelope {
        let assignment = self.assignment();
        let told = self.assign(run, assignment);
        let Tell::Intent { envelope, .. } = told else {
            panic!("{told:?}")
        };
        envelope
    }

    /// Asks for a start; what the keeper says.
    pub fn start(&mut self, run: &str, start: Start) -> Tell {
        let ask = Ask::Start {
            run: run.to_owned(),
            start: Box::new(start),
        };
        self.keeper.ask(&ask, &[]);
        self.keeper.hear_result()
    }

    /// Assigns and starts; the intent's envelope.
    pub fn begin(&mut self, run: &str) -> Envelope {
        let before = self.station.size();
        let envelope = self.announced(run);
        let start = self.station.start(&envelope, before);
        self.station.shown = self.station.size();
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
