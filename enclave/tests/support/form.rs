//! Small forms whose prompts tell the guest what to do.
#![allow(dead_code)]

use assay_benchmarks::{
    form::Form,
    item::{Grader, Item, Rule},
    locale::Locale,
};
use assay_evidence::{digest::Digest, seal::FormBody};

/// A form with one item for each prompt; the right answer is the prompt itself.
pub fn of(prompts: &[&str]) -> Form {
    let items = prompts
        .iter()
        .enumerate()
        .map(|(index, prompt)| item(index, prompt))
        .collect();
    Form {
        seed: *Digest::of(b"TEST ONLY enclave form").as_bytes(),
        items,
    }
}

/// A form of so many honest items.
pub fn honest(items: usize) -> Form {
    let prompts: Vec<String> = (0..items).map(|index| format!("answer {index}")).collect();
    of(&prompts.iter().map(String::as_str).collect::<Vec<_>>())
}

/// The body of a form.
pub fn body(form: &Form) -> FormBody {
    form.body()
}

fn item(index: usize, prompt: &str) -> Item {
    Item {
        benchmark: "test-only@1.0".to_owned(),
        family: format!("family-{index}"),
        grader: Grader::Exact {
            aliases: vec![prompt.to_owned()],
            rules: vec![Rule::FoldCase],
        },
        locale: locale(),
        max_bytes: 64,
        prompt: prompt.to_owned(),
        section: "only".to_owned(),
        weight: 1,
    }
}

fn locale() -> Locale {
    serde_json::from_str("\"en\"").expect("en is a locale of every benchmark")
}
