//! What is remembered from one start to the next.

use super::layout;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// How many recent files are listed.
const MOST_RECENT: usize = 12;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// None: as the system says, dark where it says nothing.
    pub dark: Option<bool>,
    /// Size of everything; 0: normal.
    pub zoom: f32,
    pub layout: layout::Saved,
    pub recent: Vec<PathBuf>,
}

impl Settings {
    const KEY: &str = "spikeground";

    /// As stored; unreadable settings are no settings.
    pub fn load(storage: Option<&dyn eframe::Storage>) -> Self {
        storage.and_then(|s| s.get_string(Self::KEY)).and_then(|text| ron::from_str(&text).ok()).unwrap_or_default()
    }

    pub fn store(&self, storage: &mut dyn eframe::Storage) {
        if let Ok(text) = ron::to_string(self) {
            storage.set_string(Self::KEY, text);
        }
    }

    /// Puts a file on top of the recent ones.
    pub fn remember(&mut self, path: PathBuf) {
        self.recent.retain(|p| *p != path);
        self.recent.insert(0, path);
        self.recent.truncate(MOST_RECENT);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_of_an_older_version_still_load() {
        let old: Settings = ron::from_str("(dark: Some(true))").unwrap();
        assert_eq!(old, Settings { dark: Some(true), ..Settings::default() });
    }

    #[test]
    fn a_file_is_listed_once_and_the_list_is_short() {
        let mut s = Settings::default();
        for i in 0..40 {
            s.remember(format!("{}.ron", i % 20).into());
        }
        assert_eq!(s.recent.len(), MOST_RECENT);
        assert_eq!(s.recent[0], PathBuf::from("19.ron"));
    }
}
