//! Flags by their names: permissions, capabilities, options.

use bitflags::Flags;
use keyholder::contact::Permissions;
use keyholder::engineer::{AccessOptions, Capabilities};
use keyholder::policy::panel::SiteOptions;
use serde::{Deserialize, Deserializer, de};

use crate::complaint::choice;
use crate::values::OneOrMore;

/// Flags that people call by name.
pub trait NamedFlags: Flags<Bits: Into<u32>> + Copy {
    /// What one of them is called.
    const WORD: &'static str;
    /// Those that may be named; the others have keys of their own.
    const NAMED: Self;
    /// Whether `all` stands for all of them.
    const HAS_ALL: bool;
}

macro_rules! named_flags {
    ($($flags:ty: $word:literal, $has_all:literal, $named:expr;)*) => {$(
        impl NamedFlags for $flags {
            const WORD: &'static str = $word;
            const NAMED: Self = $named;
            const HAS_ALL: bool = $has_all;
        }
    )*};
}

named_flags! {
    Capabilities: "capability", true, Capabilities::all();
    AccessOptions: "option", false, AccessOptions::all();
    SiteOptions: "option", false, SiteOptions::all().difference(SiteOptions::LOCKOUT_AT_EACH_FURTHER);
    Permissions: "permission", false, Permissions::all().difference(
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
    /// The set of those names; `all` is all of them, where it may be written.
    ///
    /// # Errors
    /// The name nobody knows, and in a second line what to do.
    pub fn read(names: &[String]) -> Result<Self, String> {
        names.iter().try_fold(Self(F::empty()), |Self(set), name| {
            if name == "all" && F::HAS_ALL {
                return Ok(Self(F::NAMED));
            }
            let flag = F::from_name(&name.to_uppercase()).filter(|flag| F::NAMED.contains(*flag) && *name == name.to_lowercase());
            flag.map(|flag| Self(set.union(flag))).ok_or_else(|| {
                let known = Self(F::NAMED).write();
                let known: Vec<&str> = known.iter().map(String::as_str).collect();
                let hint = match own_key::<F>(name) {
                    Some(key) => format!("it has a key of its own: write `{key}`"),
                    None if name == "all" => format!("name each that is meant: {}", known.join(", ")),
                    None => choice(name, &known),
                };
                format!("no {} is called \"{name}\"\n{hint}", F::WORD)
            })
        })
    }

    /// The names of the flags that are set.
    pub fn write(self) -> Vec<String> {
        self.0.iter_names().map(|(name, _)| name.to_lowercase()).collect()
    }
}

/// How a flag is written that has a key of its own.
fn own_key<F: NamedFlags>(name: &str) -> Option<String> {
    let flag = F::from_name(&name.to_uppercase()).filter(|flag| !F::NAMED.contains(*flag))?;
    let (name, _) = flag.iter_names().next()?;
    Some(if name == "LOCKOUT_AT_EACH_FURTHER" {
        "lockout = { each_further = true }".to_owned()
    } else {
        format!("{} = true", name.to_lowercase())
    })
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
        for own in ["suspended", "duress", "guest", "remote_only", "powerless"] {
            let hint = read(&["with_schedule", own]).err().unwrap_or_default();
            assert!(hint.contains(&format!("a key of its own: write `{own} = true`")), "{hint}");
        }
        let hint = Names::<SiteOptions>::read(&["lockout_at_each_further".to_owned()]).err().unwrap_or_default();
        assert!(hint.contains("write `lockout = { each_further = true }`"), "{hint}");
        let hint = read(&["any_time"]).err().unwrap_or_default();
        assert!(hint.contains("write `anytime`"), "{hint}");
        let hint = read(&["dance"]).err().unwrap_or_default();
        assert!(hint.contains("\nwrite one of with_schedule, "), "{hint}");
    }

    #[test]
    fn all_stands_for_capabilities_only() {
        let all = ["all".to_owned()];
        assert_eq!(Names::<Capabilities>::read(&all), Ok(Names(Capabilities::all())));
        for refused in
            [Names::<Permissions>::read(&all).err(), Names::<SiteOptions>::read(&all).err(), Names::<AccessOptions>::read(&all).err()]
        {
            assert!(refused.is_some_and(|hint| hint.contains("name each that is meant: ")));
        }
    }
}
