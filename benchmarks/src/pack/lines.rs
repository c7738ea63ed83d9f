//! Splits `items/*.jsonl` into lines and sorts them into tables, lists and families.
//!
//! It reads JSON strictly; what the objects mean is read elsewhere.

use assay_evidence::json::{self, Value};

use super::{PackFiles, manifest};
use crate::{
    fault::{Faults, Place},
    text,
};

/// Most files of a pack.
pub const FILES_MAX: usize = 64;
/// Longest file in bytes.
pub const FILE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Longest line in bytes.
pub const LINE_BYTES_MAX: usize = 64 * 1024;

/// A line that holds a JSON object.
pub(super) struct Line {
    pub place: Place,
    pub map: serde_json::Map<String, Value>,
}

/// All lines of a pack, by what they define, in order of file and line.
#[derive(Default)]
pub(super) struct Lines {
    pub tables: Vec<Line>,
    pub lists: Vec<Line>,
    pub families: Vec<Line>,
}

/// True for the files that define a form; others, such as `README.md`, do not change it.
pub(super) fn is_defining(path: &str) -> bool {
    path == manifest::FILE || is_items(path)
}

/// Reads every items file, and reports files that do not belong into a pack.
pub(super) fn read(files: &PackFiles, faults: &mut Faults) -> Lines {
    let mut lines = Lines::default();
    if files.len() > FILES_MAX {
        let message = format!("{} files, more than {FILES_MAX}", files.len());
        faults.at(&Place::file(manifest::FILE), message);
        return lines;
    }
    for (path, bytes) in files {
        if bytes.len() > FILE_BYTES_MAX {
            faults.at(
                &Place::file(path),
                format!("file is over {FILE_BYTES_MAX} bytes; split it"),
            );
        } else if is_items(path) {
            lines.read_file(path, bytes, faults);
        } else if !is_defining(path) && !matches!(path.as_str(), "README.md" | "LICENSE") {
            faults.at(
                &Place::file(path),
                "unknown file; a pack holds pack.toml, items/*.jsonl, README.md and LICENSE",
            );
        }
    }
    lines
}

impl Lines {
    fn read_file(&mut self, path: &str, bytes: &[u8], faults: &mut Faults) {
        for (index, line) in bytes.split(|&byte| byte == b'\n').enumerate() {
            let place = Place::line(path, index + 1);
            if line.len() > LINE_BYTES_MAX {
                faults.at(
                    &place,
                    format!("line is over {LINE_BYTES_MAX} bytes; split it"),
                );
            } else if !line.trim_ascii().is_empty() {
                self.read_line(&place, line, faults);
            }
        }
    }

    fn read_line(&mut self, place: &Place, line: &[u8], faults: &mut Faults) {
        let map = match json::parse(line) {
            Ok(Value::Object(map)) => map,
            Ok(_) => return faults.at(place, "a line must be a JSON object"),
            Err(error) => return faults.at(place, format!("not a JSON object: {error}")),
        };
        let Some((kind, name)) = self.kind_of(&map) else {
            let keys: Vec<&str> = map.keys().map(String::as_str).collect();
            let found = keys.join(", ");
            let near = keys.iter().find_map(|key| text::nearest(key, &KINDS));
            let hint = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
            let message =
                format!("a line has exactly one of `family`, `table`, `list`, not {found}{hint}");
            return faults.at(place, message);
        };
        let place = place.named(&name);
        kind.push(Line { place, map });
    }

    /// Where a line belongs, and the name that its fault messages carry.
    fn kind_of(
        &mut self,
        map: &serde_json::Map<String, Value>,
    ) -> Option<(&mut Vec<Line>, String)> {
        let mut kinds = KINDS.iter().filter(|kind| map.contains_key(**kind));
        let (kind, None) = (*kinds.next()?, kinds.next()) else {
            return None;
        };
        let name = map[kind].as_str().unwrap_or_default();
        let name = name.chars().filter(|c| !c.is_control()).take(64).collect();
        match kind {
            "family" => Some((&mut self.families, name)),
            "table" => Some((&mut self.tables, name)),
            _ => Some((&mut self.lists, name)),
        }
    }
}

const KINDS: [&str; 3] = ["family", "table", "list"];

fn is_items(path: &str) -> bool {
    let name = path
        .strip_prefix("items/")
        .and_then(|name| name.strip_suffix(".jsonl"));
    name.is_some_and(|name| !name.is_empty() && !name.contains('/'))
}
