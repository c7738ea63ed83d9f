//! Query strings as closed sets: a key or value outside the list is a 400 that names the list.
//!
//! Decoding only; what a value means is the caller's business.

use std::collections::BTreeMap;

use assay_api::{BoardQuery, SortBy, SortOrder};
use assay_evidence::digest::Digest;

use super::problem::Problem;

/// Longest query string that is read.
const QUERY_BYTES_MAX: usize = 8 * 1024;
/// Most pairs of a query string.
const PAIRS_MAX: usize = 64;
/// Longest search text, in characters.
const SEARCH_CHARS_MAX: usize = 80;

/// A query string after its keys were checked.
#[derive(Debug, Default)]
pub struct Query(BTreeMap<String, Vec<String>>);

impl Query {
    /// Reads a raw query string that may hold these keys and no others.
    pub fn parse(raw: Option<&str>, allowed: &[&str]) -> Result<Self, Problem> {
        let raw = raw.unwrap_or_default();
        if raw.len() > QUERY_BYTES_MAX {
            let detail = format!("the query string is longer than {QUERY_BYTES_MAX} bytes");
            return Err(Problem::invalid(detail));
        }
        let mut pairs: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (count, pair) in raw.split('&').filter(|pair| !pair.is_empty()).enumerate() {
            if count == PAIRS_MAX {
                let detail = format!("the query string has more than {PAIRS_MAX} pairs");
                return Err(Problem::invalid(detail));
            }
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let key = decode(key)?;
            if !allowed.contains(&key.as_str()) {
                return Err(unknown_key(&key, allowed));
            }
            pairs.entry(key).or_default().push(decode(value)?);
        }
        Ok(Self(pairs))
    }

    /// The value of a key that may stand once; empty values count as absent.
    pub fn one(&self, key: &str) -> Result<Option<&str>, Problem> {
        match self.0.get(key).map(Vec::as_slice) {
            None => Ok(None),
            Some([value]) => Ok(Some(value.as_str()).filter(|value| !value.is_empty())),
            Some(_) => Err(Problem::invalid(format!(
                "the query key `{key}` stands twice; send it once"
            ))),
        }
    }

    /// All values of a key that may repeat.
    pub fn all(&self, key: &str) -> &[String] {
        self.0.get(key).map_or(&[], Vec::as_slice)
    }

    /// The value of a key whose values are a closed list.
    pub fn choice<T: Copy>(&self, key: &str, choices: &[(&str, T)]) -> Result<Option<T>, Problem> {
        let Some(value) = self.one(key)? else {
            return Ok(None);
        };
        let found = choices.iter().find(|(name, _)| *name == value);
        found.map(|(_, choice)| Some(*choice)).ok_or_else(|| {
            let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
            unknown_value(key, value, &names)
        })
    }

    /// `limit`: 1 to `most`, `usual` when absent.
    pub fn limit(&self, usual: u32, most: u32) -> Result<u32, Problem> {
        let Some(text) = self.one("limit")? else {
            return Ok(usual);
        };
        let limit = text.parse().ok().filter(|limit| (1..=most).contains(limit));
        limit.ok_or_else(|| {
            Problem::invalid(format!(
                "`limit` is {}; it goes from 1 to {most}",
                quoted(text)
            ))
        })
    }
}

/// The query of a board whose benchmark has these locales and sections.
pub fn board(
    raw: Option<&str>,
    locales: &[String],
    sections: &[String],
) -> Result<BoardQuery, Problem> {
    let query = Query::parse(raw, &["locale", "section", "sort", "order", "q"])?;
    let sort = query.choice(
        "sort",
        &[
            ("estimate", SortBy::Estimate),
            ("system", SortBy::System),
            ("answered", SortBy::Answered),
            ("fuel", SortBy::Fuel),
        ],
    )?;
    let order = query.choice(
        "order",
        &[("desc", SortOrder::Desc), ("asc", SortOrder::Asc)],
    )?;
    Ok(BoardQuery {
        locale: member(&query, "locale", locales)?,
        section: member(&query, "section", sections)?,
        sort,
        order,
        q: search(&query)?,
    })
}

/// The leaf hash of a receipt that may be named.
pub fn receipt(raw: Option<&str>) -> Result<Option<Digest>, Problem> {
    let query = Query::parse(raw, &["receipt"])?;
    let Some(text) = query.one("receipt")? else {
        return Ok(None);
    };
    let leaf = text.parse().map(Some);
    leaf.map_err(|_| {
        Problem::invalid(format!(
            "`receipt` is {}; it is a leaf hash of 64 hex digits",
            quoted(text)
        ))
    })
}

/// A page without a query takes no keys at all.
pub fn none(raw: Option<&str>) -> Result<(), Problem> {
    Query::parse(raw, &[]).map(|_| ())
}

fn member(query: &Query, key: &str, list: &[String]) -> Result<Option<String>, Problem> {
    let Some(value) = query.one(key)? else {
        return Ok(None);
    };
    if list.iter().any(|known| known == value) {
        return Ok(Some(value.to_owned()));
    }
    let names: Vec<&str> = list.iter().map(String::as_str).collect();
    Err(unknown_value(key, value, &names))
}

fn search(query: &Query) -> Result<Option<String>, Problem> {
    let Some(text) = query.one("q")? else {
        return Ok(None);
    };
    if text.chars().count() > SEARCH_CHARS_MAX || text.chars().any(char::is_control) {
        let detail =
            format!("`q` takes at most {SEARCH_CHARS_MAX} characters and no control characters");
        return Err(Problem::invalid(detail));
    }
    Ok(Some(text.to_owned()))
}

fn unknown_key(key: &str, allowed: &[&str]) -> Problem {
    let key = quoted(key);
    if allowed.is_empty() {
        return Problem::invalid(format!("{key} is no query key of this path; it takes none"));
    }
    Problem::invalid(format!(
        "{key} is no query key of this path; it takes {}",
        allowed.join(", ")
    ))
}

fn unknown_value(key: &str, value: &str, names: &[&str]) -> Problem {
    let value = quoted(value);
    Problem::invalid(format!(
        "{value} is no value of `{key}`; it takes {}",
        names.join(", ")
    ))
}

/// At most 40 characters of foreign text between backticks, control characters replaced.
fn quoted(text: &str) -> String {
    let shown: String = text
        .chars()
        .take(40)
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect();
    format!("`{shown}`")
}

fn decode(text: &str) -> Result<String, Problem> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => hex_pair(rest.next(), rest.next()).ok_or_else(bad_escape)?,
            other => other,
        });
    }
    String::from_utf8(bytes).map_err(|_| bad_escape())
}

fn hex_pair(high: Option<u8>, low: Option<u8>) -> Option<u8> {
    let digit = |byte: u8| (byte as char).to_digit(16).map(|digit| digit as u8);
    Some(digit(high?)? * 16 + digit(low?)?)
}

fn bad_escape() -> Problem {
    Problem::invalid("the query string is not percent-encoded UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detail<T>(result: Result<T, Problem>) -> String {
        result.map(|_| ()).unwrap_err().detail
    }

    #[test]
    fn an_unknown_key_names_the_allowed_ones() {
        let refused = Query::parse(Some("color=red"), &["state", "limit"]);
        assert_eq!(
            detail(refused),
            "`color` is no query key of this path; it takes state, limit"
        );
        assert_eq!(
            detail(none(Some("x=1"))),
            "`x` is no query key of this path; it takes none"
        );
    }

    #[test]
    fn an_unknown_value_names_the_allowed_ones() {
        let refused = board(Some("sort=size"), &[], &[]);
        assert_eq!(
            detail(refused),
            "`size` is no value of `sort`; it takes estimate, system, answered, fuel"
        );
        let locales = vec!["en".to_owned(), "pt".to_owned()];
        let refused = board(Some("locale=fr"), &locales, &[]);
        assert_eq!(
            detail(refused),
            "`fr` is no value of `locale`; it takes en, pt"
        );
    }

    #[test]
    fn escapes_are_decoded_once_and_checked() {
        let query = board(Some("q=a%2Bb+c&sort=fuel&order=asc"), &[], &[]).expect("a valid query");
        assert_eq!(query.q.as_deref(), Some("a+b c"));
        assert_eq!(query.sort, Some(SortBy::Fuel));
        assert_eq!(query.order, Some(SortOrder::Asc));
        assert_eq!(
            detail(board(Some("q=%zz"), &[], &[])),
            "the query string is not percent-encoded UTF-8"
        );
        assert_eq!(
            detail(board(Some("q=%ff"), &[], &[])),
            "the query string is not percent-encoded UTF-8"
        );
    }

    #[test]
    fn a_key_stands_once_and_an_empty_value_is_absent() {
        assert_eq!(
            detail(board(Some("sort=fuel&sort=system"), &[], &[])),
            "the query key `sort` stands twice; send it once"
        );
        let query = board(Some("q=&sort="), &[], &[]).expect("a valid query");
        assert_eq!(query, BoardQuery::default());
    }

    #[test]
    fn a_receipt_is_named_by_its_leaf_hash() {
        let leaf = Digest::of(b"leaf");
        let raw = format!("receipt={leaf}");
        assert_eq!(receipt(Some(&raw)).expect("a leaf hash"), Some(leaf));
        assert_eq!(receipt(None).expect("an empty query"), None);
        assert_eq!(
            detail(receipt(Some("receipt=../policy"))),
            "`receipt` is `../policy`; it is a leaf hash of 64 hex digits"
        );
    }

    #[test]
    fn a_limit_outside_its_range_is_refused() {
        let query = Query::parse(Some("limit=201"), &["limit"]).expect("a known key");
        assert_eq!(
            detail(query.limit(50, 200)),
            "`limit` is `201`; it goes from 1 to 200"
        );
        let query = Query::parse(None, &["limit"]).expect("an empty query");
        assert_eq!(query.limit(50, 200).expect("the usual limit"), 50);
    }
}
