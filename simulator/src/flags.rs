//! Flags by their names: permissions, capabilities, options.

use bitflags::Flags;
use keyholder::contact::Permissions;
use keyholder::engineer::{AccessOptions, Capabilities};
use keyholder::policy::panel::SiteOptions;
use serde::{Deserialize, Deserializer, de};

use crate::complaint::suggestion;
use crate::values::OneOrMore;

/// Flags that people call by name.
pub trait NamedFlags: Flags<Bits: Into<u32>> + Copy {
    /// What one of them is called.
    const WORD: &'static str;
    /// Those that may be named; the others have keys of their own.
    const NAMED: Self;
}

macro_rules! named_flags {
    ($($flags:ty: $word:literal, $named:expr;)*) => {$(
        impl NamedFlags for $flags {
            const WORD: &'static str = $word;
            const NAMED: Self = $named;
        }
    )*};
}

named_flags! {
    Capabilities: "capability", Capabilities::all();
    AccessOptions: "option", AccessOptions::all();
    SiteOptions: "option", SiteOptions::all().difference(SiteOptions::LOCKOUT_AT_EACH_FURTHER);
    Permissions: "permission", Permissions::all().difference(
        Permissions::SUSPENDED
            .union(Permissions::DURESS)
            .union(Permissions::GUEST)
            .union(Permissions::REMOTE_ONLY)
            .union(Permissions::POWERLESS),
    );
}

/// A set of flags, written as their names in lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Names<F>(pub F);

impl<F: NamedFlags> Default for Names<F> {
    fn default() -> Self {
        Self(F::empty())
    }
}

impl<F: NamedFlags> Names<F> {
    /// The set of those names; `all` is all of them.
    ///
    /// # Errors
    /// The name nobody knows, and in a second line what to do.
    pub fn read(names: &[String]) -> Result<Self, String> {
        names.iter().try_fold(Self(F::empty()), |Self(set), name| {
            if name == "all" {
                return Ok(Self(F::NAMED));
            }
            let flag = F::from_name(&name.to_uppercase()).filter(|flag| F::NAMED.contains(*flag) && *name == name.to_lowercase());
            flag.map(|flag| Self(set.union(flag))).ok_or_else(|| {
                let known = Self(F::NAMED).write();
                let known: Vec<&str> = known.iter().map(String::as_str).collect();
                format!("no {} is called \"{name}\"\n{}; known here: {}", F::WORD, suggestion(name, &known), known.join(", "))
            })
        })
    }

    /// The names of the flags that are set.
    pub fn write(self) -> Vec<String> {
        self.0.iter_names().map(|(name, _)| name.to_lowercase()).collect()
    }
}

impl<'de, F: NamedFlags> Deserialize<'de> for Names<F> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let OneOrMore(names) = OneOrMore::deserialize(deserializer)?;
        Self::read(&names).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_flags_are_the_cores_own_in_lower_case() {
        let read = |names: &[&str]| Names::<Permissions>::read(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        assert_eq!(read(&["anytime", "cancel_alarm"]).map(|names| names.0), Ok(Permissions::ANYTIME | Permissions::CANCEL_ALARM));
        assert!(read(&["duress"]).is_err(), "it has a key of its own");
        let hint = read(&["any_time"]).err().unwrap_or_default();
        assert!(hint.contains("write `anytime`"), "{hint}");
    }
}
