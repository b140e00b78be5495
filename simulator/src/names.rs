//! What people call contacts, engineers and sites. No device knows these names.

use std::collections::BTreeMap;

/// The names that a policy file gives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CalledNames {
    /// The site's or receiver's.
    pub device: String,
    /// By user number.
    pub contacts: BTreeMap<u16, String>,
    /// By id.
    pub engineers: BTreeMap<u32, String>,
    /// By id.
    pub sites: BTreeMap<u32, String>,
}

impl CalledNames {
    /// `user 12 (Alice)`.
    pub fn contact(&self, user: u16) -> String {
        with_name(format!("user {user}"), self.contacts.get(&user))
    }

    /// `engineer 3 (Eve)`.
    pub fn engineer(&self, id: u32) -> String {
        with_name(format!("engineer {id}"), self.engineers.get(&id))
    }

    /// `site 17 (Corner Shop)`.
    pub fn site(&self, id: u32) -> String {
        with_name(format!("site {id}"), self.sites.get(&id))
    }
}

fn with_name(number: String, name: Option<&String>) -> String {
    match name {
        Some(name) => format!("{number} ({name})"),
        None => number,
    }
}
