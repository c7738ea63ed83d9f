//! Forms as documents show them: what was committed, and what became of it.

use assay_api::{FormDisclosure, FormRetirement, FormState, FormSummary};

use super::link;
use crate::store::{FormClass, FormRow, Retired, Revealed};

/// A form once its commitment is logged; what came later shows once its record is.
pub(super) fn summary(form: &FormRow) -> Option<FormSummary> {
    let retired = form.retired.as_ref().and_then(retirement);
    let revealed = form.revealed.as_ref().and_then(disclosure);
    Some(FormSummary {
        form: form.form.clone(),
        edition: form.edition.clone(),
        class: match form.class {
            FormClass::Practice => "practice".to_owned(),
            FormClass::Sealed => "sealed".to_owned(),
        },
        leaves: form.leaves,
        root: form.root.to_string(),
        commitment: link::record(form.commitment?),
        declared: form.declared.clone(),
        seal_sha256: form.seal.to_string(),
        state: match (&retired, &revealed) {
            (_, Some(_)) => FormState::Revealed,
            (Some(_), None) => FormState::Retired,
            (None, None) => FormState::Open,
        },
        retired,
        revealed,
    })
}

fn retirement(retired: &Retired) -> Option<FormRetirement> {
    Some(FormRetirement {
        reason: retired.reason.word().to_owned(),
        declared: retired.declared.clone(),
        record: link::record(retired.record?),
    })
}

fn disclosure(revealed: &Revealed) -> Option<FormDisclosure> {
    Some(FormDisclosure {
        declared: revealed.declared.clone(),
        record: link::record(revealed.record?),
        body_sha256: revealed.body.to_string(),
        body: link::blob_path(&revealed.body),
    })
}
