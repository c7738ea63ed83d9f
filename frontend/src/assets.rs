//! Files that pages load: stylesheet, icon, and the modules of islands and verifier when they were built.
//!
//! All are embedded at build time under names that carry a digest of their content, so an answer
//! may be cached for ever. Nothing is read from disk at run time.

/// One embedded file.
#[derive(Debug)]
pub struct Asset {
    /// Name below `/assets/`, digest included.
    pub name: &'static str,
    /// `Content-Type` to send.
    pub content_type: &'static str,
    /// The file.
    pub bytes: &'static [u8],
    /// The file after brotli.
    pub brotli: &'static [u8],
    /// The file after gzip.
    pub gzip: &'static [u8],
}

/// A wasm module with the two files that start it.
#[derive(Debug)]
pub struct Module {
    /// Name of the script that a page names.
    pub boot: &'static str,
    /// Name of the generated JavaScript.
    pub glue: &'static str,
    /// Name of the wasm module.
    pub wasm: &'static str,
    /// Names that the generated JavaScript exports.
    pub exports: &'static [&'static str],
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// Every embedded file.
pub fn all() -> &'static [Asset] {
    ASSETS
}

/// The file at a request path such as `/assets/assay.0123456789abcdef.css`.
pub fn find(path: &str) -> Option<&'static Asset> {
    let name = path.strip_prefix("/assets/")?;
    ASSETS.iter().find(|asset| asset.name == name)
}

/// The islands' module; none when it was not built before this crate.
pub fn module() -> Option<&'static Module> {
    MODULE.as_ref()
}

/// The verifier's module; none when it was not built before this crate.
pub fn verifier() -> Option<&'static Module> {
    VERIFIER.as_ref()
}

/// Path of the stylesheet.
pub fn stylesheet() -> String {
    href(STYLESHEET)
}

/// Path of the icon.
pub fn icon() -> String {
    href(ICON)
}

/// Path of an embedded file by its name.
pub(crate) fn href(name: &str) -> String {
    format!("/assets/{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stylesheet_and_the_icon_are_found_under_hashed_names() {
        for (path, kind) in [
            (stylesheet(), "text/css; charset=utf-8"),
            (icon(), "image/svg+xml"),
        ] {
            let asset = find(&path).expect("is embedded");
            assert_eq!(asset.content_type, kind);
            let digest = asset.name.split('.').nth(1).expect("has a digest");
            assert_eq!(digest.len(), 16, "{path}");
            assert!(asset.brotli.len() < asset.bytes.len());
            assert!(asset.gzip.len() < asset.bytes.len());
        }
    }

    #[test]
    fn only_exact_names_below_assets_are_found() {
        assert!(find("/assets/").is_none());
        assert!(find(STYLESHEET).is_none());
        assert!(find("/assets/../Cargo.toml").is_none());
    }

    #[test]
    fn the_stylesheet_stays_below_twenty_kilobytes_after_brotli() {
        let asset = find(&stylesheet()).expect("is embedded");
        assert!(asset.brotli.len() <= 20 * 1024, "{}", asset.brotli.len());
    }

    #[test]
    fn the_parts_of_built_modules_are_embedded() {
        for module in [module(), verifier()].into_iter().flatten() {
            for name in [module.boot, module.glue, module.wasm] {
                assert!(find(&href(name)).is_some(), "{name}");
            }
        }
    }
}
