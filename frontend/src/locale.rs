//! The languages of the interface, each with its URL prefix.
//!
//! Negotiation is the server's; the languages of a benchmark's items are data, not these.

/// A language of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Locale {
    /// English.
    En,
}

impl Locale {
    /// Every locale, the default one first.
    pub const ALL: [Self; 1] = [Self::En];

    /// The full language tag, as in `<html lang>`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
        }
    }

    /// The path prefix without a trailing slash: `/en`.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::En => "/en",
        }
    }

    /// The locale whose tag is the first segment of a path, exactly as written.
    pub fn from_segment(segment: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|locale| locale.tag() == segment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_prefix_is_its_tag_and_is_read_back() {
        for locale in Locale::ALL {
            assert_eq!(locale.prefix(), format!("/{}", locale.tag()));
            assert_eq!(Locale::from_segment(locale.tag()), Some(locale));
        }
        assert_eq!(Locale::from_segment("EN"), None);
    }
}
