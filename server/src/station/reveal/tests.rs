//! A form is revealed by its own body and by no other, once, and whole.

use assay_evidence::{
    record::{GraderRef, Predicate as _, Seal, SealFormat, Sha256Ref},
    seal,
};

use super::*;
use crate::{
    station::testing::{ORIGIN, World},
    store::{FormReason, NewForm, testing},
};

fn body() -> FormBody {
    FormBody {
        seed: [7; 32],
        items: vec![b"first item".to_vec(), b"second item".to_vec()],
    }
}

fn commitment(form: &NewForm) -> FormCommitment {
    FormCommitment {
        benchmark: "bench@1.0".to_owned(),
        declared: form.declared.clone(),
        edition: form.edition.clone(),
        form: form.form.clone(),
        grader: GraderRef {
            name: "grader".to_owned(),
            sha256: Digest::of(b"grader"),
            version: "1".to_owned(),
        },
        items: seal::items_tree(&body()),
        not_before: form.declared.clone(),
        reveal_by: form.declared.clone(),
        seal: Seal {
            bytes: 1,
            format: SealFormat::AgeV1,
            padded: seal::plaintext(&body()).len() as u64,
            recipients: vec![Digest::of(b"keeper")],
        },
        station: ORIGIN.to_owned(),
        terms: Sha256Ref { sha256: form.terms },
        upstream: None,
    }
}

impl World {
    /// A station whose log commits a form to that body.
    async fn committed() -> Self {
        let world = Self::new().await;
        let station = &world.station;
        let items = seal::items_tree(&body());
        let mut form = NewForm {
            root: items.root,
            leaves: items.leaves,
            ..testing::form("form")
        };
        let subject = Subject::new("seal", form.seal);
        let envelope = sign_record(station.recorder(), &[subject], &commitment(&form));
        form.envelope = String::from_utf8(envelope.to_bytes()).unwrap();
        station.blobs().keep(b"terms").await.unwrap();
        let now = world.clock.now();
        assert!(station.store().insert_form(&form, now).await.unwrap());
        station.log_form(&form).await.unwrap();
        world
    }

    async fn reveals(&self) -> Vec<FormReveal> {
        let logged = self.station.log().records_named(FormReveal::NAME, 0).await;
        let logged = logged.unwrap();
        logged.iter().map(|one| one.predicate().unwrap()).collect()
    }
}

#[tokio::test]
async fn a_revealed_form_is_public_and_named_by_one_record() {
    let world = World::committed().await;
    let station = &world.station;
    let bytes = body().to_bytes();
    let digest = Digest::of(&bytes);
    assert_eq!(station.public().blob(&digest).await.unwrap(), None);

    let first = station.reveal_form("form", &bytes).await.unwrap();
    assert!(!first.replayed);
    assert_eq!(
        station.public().blob(&digest).await.unwrap().unwrap(),
        bytes
    );
    let again = station.reveal_form("form", &bytes).await.unwrap();
    assert!(again.replayed);
    assert_eq!(again.record, first.record);

    let reveals = world.reveals().await;
    assert_eq!(reveals.len(), 1);
    let items = seal::items_tree(&body());
    assert_eq!(
        (reveals[0].items, reveals[0].items_root, reveals[0].seed),
        (2, items.root, Digest([7; 32]))
    );
    assert_eq!(reveals[0].body.bytes, bytes.len() as u64);
    let row = station.published_form("form").await.unwrap();
    assert!(!row.is_open());
    assert!(station.store().open_form("bench").await.unwrap().is_none());
    let late = station.retire_form("form", FormReason::Rotation).await;
    assert_eq!(
        late.unwrap_err().to_string(),
        "form form is revealed already, which retires it as well"
    );
}

#[tokio::test]
async fn another_body_reveals_nothing_and_is_not_kept() {
    let world = World::committed().await;
    let station = &world.station;
    let mut other_item = body();
    other_item.items[1] = b"other! item".to_vec();
    let mut other_seed = body();
    other_seed.seed = [8; 32];
    let committed = seal::items_tree(&body()).root;
    for other in [other_item, other_seed] {
        let found = seal::items_tree(&other).root;
        let bytes = other.to_bytes();
        let refused = station.reveal_form("form", &bytes).await.unwrap_err();
        assert_eq!(
            refused.to_string(),
            format!(
                "this is not the body of the form: items have the root {found}, but the reveal states {committed}; open the sealed file that was published"
            )
        );
        assert!(!station.blobs().holds(&Digest::of(&bytes)).await);
    }
    let refused = station.reveal_form("form", b"short").await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "this is not the body of the form: form body is cut short; open the sealed file that was published"
    );
    assert_eq!(world.reveals().await, []);
}

#[tokio::test]
async fn a_reveal_that_was_signed_before_a_crash_is_whole_after_it() {
    let world = World::committed().await;
    let station = &world.station;
    let bytes = body().to_bytes();
    let row = station.published_form("form").await.unwrap();
    station.blobs().keep(&bytes).await.unwrap();
    let reveal = station.checked_reveal(&row, &bytes).await.unwrap();
    let signed = station.signed_reveal(&row, &reveal);
    assert_eq!(station.store().form_revealed(&signed).await.unwrap(), None);
    let digest = Digest::of(&bytes);
    assert_eq!(station.public().blob(&digest).await.unwrap(), None);

    station.log_form_changes().await.unwrap();
    assert_eq!(
        station.public().blob(&digest).await.unwrap().unwrap(),
        bytes
    );
    assert_eq!(world.reveals().await.len(), 1);
    let again = station.reveal_form("form", &bytes).await.unwrap();
    assert!(again.replayed);
}

#[tokio::test]
async fn items_stay_secret_while_a_form_of_another_name_takes_runs_on_them() {
    let world = World::committed().await;
    let (station, now) = (&world.station, world.clock.now());
    let bytes = body().to_bytes();
    let twin = |name: &str| NewForm {
        root: seal::items_tree(&body()).root,
        ..testing::form(name)
    };
    assert!(
        station
            .store()
            .insert_form(&twin("twin"), now)
            .await
            .unwrap()
    );
    let refused = station.reveal_form("form", &bytes).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "form form has the same items as twin, which takes runs still; retire that one too, wait until its runs have ended, then reveal this one"
    );
    assert!(!station.blobs().holds(&Digest::of(&bytes)).await);

    let place = Place {
        index: 9,
        leaf: Digest::of(b"twin"),
    };
    station.store().form_logged("twin", place).await.unwrap();
    let retired = station.retire_form("twin", FormReason::Rotation).await;
    assert_eq!(retired.unwrap().form, "twin");
    station.reveal_form("form", &bytes).await.unwrap();

    let store = station.store();
    assert!(!store.insert_form(&twin("again"), now).await.unwrap());
    let root = twin("again").root;
    let refused = station.check_secret("again", &root).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        r#"form "again" has the items of form "form", which are revealed; nothing sealed can be measured with them, draw another form"#
    );
    assert!(store.insert_form(&testing::form("new"), now).await.unwrap());
}
