//! What a system may be called, and by whom.

use super::*;
use crate::{
    id::JobId,
    station::testing::World,
    store::{JobKind, Place, SubmissionState, testing},
};

#[test]
fn a_name_that_could_mislead_is_no_label() {
    for name in ["Table Expert 75 %", "知識庫 2.0", "Café São João", "x"] {
        assert!(is_label(name, 80), "{name:?}");
    }
    for name in [
        "",
        " leading",
        "trailing ",
        "two  spaces",
        "two\nlines",
        "no\u{a0}break",
        "ideographic\u{3000}space",
        "right\u{202e}left",
        "zero\u{200b}width",
        "soft\u{ad}hyphen",
        "grapheme\u{34f}joiner",
        "arabic\u{61c}mark",
        "hangul\u{115f}filler",
        "hangul\u{3164}filler",
        "half\u{ffa0}filler",
        "khmer\u{17b4}vowel",
        "mongolian\u{180e}separator",
        "word\u{2060}joiner",
        "braille\u{2800}blank",
        "variation\u{fe0f}selector",
        "byte\u{feff}order",
        "tag\u{e0041}letter",
        "Ｆｕｌｌwidth",
        "ligature ﬁ",
        "cafe\u{301}",
    ] {
        assert!(!is_label(name, 80), "{name:?}");
    }
    assert!(is_label(&"x".repeat(80), 80));
    assert!(!is_label(&"x".repeat(81), 80));
}

#[test]
fn a_system_is_one_name_of_one_principal() {
    let a = Principal("a".into());
    let b = Principal("b".into());
    assert_eq!(system_id(&a, "x"), system_id(&a, "x"));
    assert_ne!(system_id(&a, "x"), system_id(&b, "x"));
    assert_ne!(system_id(&a, "x"), system_id(&a, "y"));
}

impl World {
    async fn with_a_form() -> Self {
        let world = Self::new().await;
        let now = world.clock.now();
        let form = testing::form("form");
        let place = Place {
            index: 0,
            leaf: Digest::of(b"leaf"),
        };
        let store = world.station.store();
        store.insert_form(&form, now).await.unwrap();
        store.form_logged("form", place).await.unwrap();
        world
    }

    async fn register(&self, principal: &str, name: &str) -> Result<Registered, RegisterError> {
        let registration = Registration {
            principal: Principal(principal.to_owned()),
            name: name.to_owned(),
            benchmarks: vec!["bench".to_owned()],
            declares: BTreeMap::new(),
            digest: Digest::of(b"adapter"),
            key: None,
        };
        self.station
            .register_submission(&registration, &mut &b"adapter"[..])
            .await
    }
}

#[tokio::test]
async fn a_name_belongs_to_whoever_used_it_first_however_it_is_cased() {
    let world = World::with_a_form().await;
    world.register("a", "Oracle").await.unwrap();
    world.register("a", "ORACLE").await.unwrap();
    world.register("b", "Oracle 2").await.unwrap();
    for name in ["Oracle", "oracle", "oRACLE"] {
        let refusal = world.register("b", name).await.unwrap_err();
        assert_eq!(
            refusal.to_string(),
            format!("a system of another principal is named like \"{name}\"; choose another name")
        );
    }
}

#[tokio::test]
async fn a_refused_submission_holds_no_name() {
    let world = World::with_a_form().await;
    let first = world.register("a", "Oracle").await.unwrap().submission;
    let store = world.station.store();
    store
        .submission_refused(first.id, "adapter-refused", "no component")
        .await
        .unwrap();
    world.register("b", "oracle").await.unwrap();
    assert!(matches!(
        world.register("a", "Oracle").await,
        Err(RegisterError::NameTaken(_))
    ));
}

#[tokio::test]
async fn of_two_uploads_of_one_name_at_once_the_second_is_not_kept() {
    let world = World::with_a_form().await;
    let first = world.register("a", "Oracle").await.unwrap().submission;
    let registration = Registration {
        principal: Principal("b".to_owned()),
        name: "oracle".to_owned(),
        benchmarks: vec!["bench".to_owned()],
        declares: BTreeMap::new(),
        digest: Digest::of(b"adapter"),
        key: None,
    };
    // As if the first name had come while the second upload was being received.
    let new = world.station.new_submission(&registration, 7);
    let now = world.clock.now();
    let check = JobId::draw(now, world.station.entropy());
    let store = world.station.store();
    assert!(
        !store
            .insert_submission(&new, None, check, now)
            .await
            .unwrap()
    );
    assert_eq!(store.submission(new.id).await.unwrap(), None);
    assert_eq!(store.jobs_alive(JobKind::Check).await.unwrap(), 1);
    assert_eq!(first.state, SubmissionState::Received);
}
