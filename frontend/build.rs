//! Build script: compiles the catalogue and embeds assets for the server's build of this crate.
//!
//! The browser's build needs neither and gets nothing. No network, no tools.

#[cfg(feature = "ssr")]
#[path = "build/assets.rs"]
mod assets;
#[cfg(feature = "ssr")]
#[path = "build/catalogue.rs"]
mod catalogue;
#[cfg(feature = "ssr")]
#[path = "build/identity.rs"]
mod identity;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");
    #[cfg(feature = "ssr")]
    {
        let out = std::env::var("OUT_DIR").expect("cargo sets OUT_DIR");
        let out = std::path::Path::new(&out);
        catalogue::compile(std::path::Path::new("locales"), &out.join("catalogue.rs"));
        assets::embed(out);
        identity::write(out);
    }
}
