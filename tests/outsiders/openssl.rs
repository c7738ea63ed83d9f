//! `openssl` over the signed bytes of a record: the plainest check that there is.

use std::{fs, path::Path, process::Command};

use assay_evidence::keys::P256SigningKey;

use crate::station::{RECORDS, Station};

/// What it prints: `Verified OK`, or its refusal.
fn openssl(key: &Path, signature: &Path, signed: &Path) -> (Option<i32>, String) {
    let output = Command::new("openssl")
        .args(["dgst", "-sha256", "-verify"])
        .arg(key)
        .arg("-signature")
        .args([signature, signed])
        .output()
        .expect("openssl is installed by the set-up of the tests");
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    (output.status.code(), said)
}

#[test]
fn openssl_verifies_all_five_records_and_refuses_changed_bytes_and_other_keys() {
    let station = Station::new();
    for record in RECORDS {
        let [key, signature, signed] =
            ["--public-key", "--signature", "--pae"].map(|form| station.exported(record, form));
        assert_eq!(
            openssl(&key, &signature, &signed),
            (Some(0), "Verified OK".into()),
            "{record}"
        );

        let refused = (Some(1), "Verification failure".to_owned());
        let mut bytes = fs::read(&signed).unwrap();
        let last = bytes.len() - 2;
        bytes[last] ^= 1;
        let changed = station.write("changed", &bytes);
        assert_eq!(openssl(&key, &signature, &changed), refused, "{record}");

        let mut bytes = fs::read(&signature).unwrap();
        bytes[20] ^= 1;
        let changed = station.write("changed", &bytes);
        assert_eq!(openssl(&key, &changed, &signed), refused, "{record}");

        let stranger = P256SigningKey::from_pkcs8(&P256SigningKey::generate_pkcs8()).unwrap();
        let other = station.write("other.pem", stranger.public().pem());
        assert_eq!(openssl(&other, &signature, &signed), refused, "{record}");
    }
}
