//! Who speaks for the station and who vouches for it: witnesses, keys with their ranges, manifest versions.

use assay_api::{Cosigner, KeyLine, ManifestLine, StationPage};
use leptos::prelude::*;

use crate::{Locale, format, record, scroll, text};

/// The policy's quorum; a station without one says so plainly.
pub(super) fn cosigners(page: &StationPage, locale: Locale) -> AnyView {
    let all = &page.quorum.cosigners;
    let body = if all.is_empty() {
        view! { <p>{text::station_lone(locale)}</p> }.into_any()
    } else {
        cosigner_table(all, locale)
    };
    view! {
        <section aria-labelledby="witnesses">
            <h2 id="witnesses">{text::station_witnesses(locale)}</h2>
            <p class="aside">
                {text::station_quorum(locale)} ": " <code>{page.quorum.rule.clone()}</code>
            </p>
            {body}
        </section>
    }
    .into_any()
}

fn cosigner_table(all: &[Cosigner], locale: Locale) -> AnyView {
    let caption = text::station_witnesses_caption(locale);
    let rows: Vec<_> = all.iter().map(|one| cosigner(one, locale)).collect();
    let table = view! {
        <table>
            {scroll::caption(caption)}
            <thead>
                <tr>
                    <th scope="col">{text::witness_name(locale)}</th>
                    <th scope="col">{text::witness_cosigned(locale)}</th>
                    <th scope="col">{text::run_age(locale)}</th>
                    <th scope="col">{text::witness_trouble(locale)}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    };
    scroll::region(caption, table.into_any(), locale)
}

fn cosigner(of: &Cosigner, locale: Locale) -> AnyView {
    let cosigned = of.cosigned.as_ref().map_or_else(
        || text::witness_never(locale).into_any(),
        |at| record::moment(at, locale),
    );
    let trouble = of.trouble.clone();
    view! {
        <tr>
            <th scope="row">
                <bdi>{of.name.clone()}</bdi>
            </th>
            <td>{cosigned}</td>
            <td>{of.age_seconds.map(|age| format::age(locale, age))}</td>
            <td>{trouble.unwrap_or_else(|| text::witness_no_trouble(locale).to_owned())}</td>
        </tr>
    }
    .into_any()
}

/// Keys by role, each with the part of the log where it counts.
pub(super) fn keys(all: &[KeyLine], locale: Locale) -> AnyView {
    let caption = text::station_keys_caption(locale);
    let rows: Vec<_> = all.iter().map(|key| key_row(key, locale)).collect();
    let table = view! {
        <table>
            {scroll::caption(caption)}
            <thead>
                <tr>
                    <th scope="col">{text::key_role(locale)}</th>
                    <th scope="col">{text::key_kind(locale)}</th>
                    <th scope="col">{text::key_range(locale)}</th>
                    <th scope="col">{text::key_id(locale)}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    };
    view! {
        <section aria-labelledby="keys">
            <h2 id="keys">{text::station_keys(locale)}</h2>
            {scroll::region(caption, table.into_any(), locale)}
        </section>
    }
    .into_any()
}

fn key_row(key: &KeyLine, locale: Locale) -> AnyView {
    let from = key.from.map(format::count);
    let range = match (from, key.until.as_deref()) {
        (None, None) => text::key_no_range(locale).to_owned(),
        (None, Some(end)) => text::key_until(locale, end),
        (Some(from), None) => text::key_from(locale, &from),
        (Some(from), Some(end)) => text::key_from_until(locale, &from, end),
    };
    view! {
        <tr>
            <th scope="row">{key.role.clone()}</th>
            <td>{key.kind.clone()}</td>
            <td>{range}</td>
            <td>{record::digest(&key.key)}</td>
        </tr>
    }
    .into_any()
}

/// Every version of the manifest, as the log holds it.
pub(super) fn manifests(all: &[ManifestLine], locale: Locale) -> AnyView {
    let caption = text::station_manifests_caption(locale);
    let rows: Vec<_> = all.iter().map(|line| manifest_row(line, locale)).collect();
    let table = view! {
        <table>
            {scroll::caption(caption)}
            <thead>
                <tr>
                    <th scope="col">{text::manifest_version(locale)}</th>
                    <th scope="col">{text::manifest_expires(locale)}</th>
                    <th scope="col">{text::manifest_record(locale)}</th>
                    <th scope="col">{text::station_manifest(locale)}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    };
    view! {
        <section aria-labelledby="manifests">
            <h2 id="manifests">{text::station_manifests(locale)}</h2>
            {scroll::region(caption, table.into_any(), locale)}
        </section>
    }
    .into_any()
}

fn manifest_row(of: &ManifestLine, locale: Locale) -> AnyView {
    let expired = of.expired.then(|| {
        view! { " " <strong>{text::manifest_expired(locale)}</strong> }
    });
    view! {
        <tr>
            <th scope="row">{format::count(of.version)}</th>
            <td>{record::day(&of.expires, locale)} {expired}</td>
            <td>{record::record(&of.record, locale)}</td>
            <td>{record::digest(&of.sha256)}</td>
        </tr>
    }
    .into_any()
}
