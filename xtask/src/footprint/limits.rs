//! What there is to reach, and what was reached.

use std::collections::BTreeMap;

use super::elf::Sizes;
use super::image::Counts;
use super::table::grouped;

/// What was measured on one processor.
#[derive(Default)]
pub(crate) struct Measured {
    /// By image: sizes and the deepest stack.
    pub(crate) weights: BTreeMap<String, (Sizes, u32)>,
    /// By script.
    pub(crate) counts: BTreeMap<&'static str, Counts>,
}

/// One limit: what it is about, the most it may be, and how it comes out of what was measured.
struct Limit {
    name: &'static str,
    most: u64,
    value: fn(&Measured) -> Option<u64>,
}

const KIBIBYTE: u64 = 1024;
const CHECKS: [&str; 5] = ["user check", "code", "number and code", "engineer check", "firmware check"];

const LIMITS: [Limit; 14] = [
    Limit { name: "user check, 256 contacts: instructions", most: 3000, value: |of| of.most("panel-standard", "user check") },
    Limit { name: "- tenths of the floor in C", most: 60, value: |of| of.floor().map(|(mean, _, _, core)| core * 10 / mean) },
    Limit {
        name: "identification, 256 contacts: instructions besides one HMAC",
        most: 16 * 256,
        value: |of| {
            let code = of.most("panel-standard", "code")?;
            Some(code.saturating_sub(of.most("panel-standard", "user check")? + of.most("panel-standard", "HMAC-SHA-256")?))
        },
    },
    Limit {
        name: "engineer check, 64 engineers and 256 grants: instructions",
        most: 6000,
        value: |of| of.most("receiver-standard", "engineer check"),
    },
    Limit { name: "spread of a panel's checks: instructions", most: 0, value: |of| of.spread("panel-standard") },
    Limit { name: "spread of a small panel's checks: instructions", most: 0, value: |of| of.spread("panel-small") },
    Limit { name: "spread of a receiver's checks: instructions", most: 0, value: |of| of.spread("receiver-standard") },
    Limit {
        name: "decisions of a standard panel, without cryptography: bytes of flash",
        most: 12 * KIBIBYTE,
        value: |of| of.flash("decisions-standard"),
    },
    Limit { name: "- the three checks alone", most: 12 * KIBIBYTE, value: |of| of.flash("checks-standard") },
    Limit { name: "everything of a standard panel: bytes of flash", most: 40 * KIBIBYTE, value: |of| of.flash("everything-standard") },
    Limit {
        name: "small panel with everything: bytes of RAM, without stack",
        most: 6 * KIBIBYTE,
        value: |of| of.memory("everything-small"),
    },
    Limit {
        name: "- with the deepest stack of a check",
        most: 6 * KIBIBYTE,
        value: |of| Some(of.memory("everything-small")? + of.deepest("panel-small", &CHECKS)?),
    },
    Limit {
        name: "stack of any check: bytes",
        most: KIBIBYTE,
        value: |of| Some(of.deepest("panel-standard", &CHECKS)?.max(of.deepest("receiver-standard", &CHECKS)?)),
    },
    Limit {
        name: "stack of an installation, which verifies a signature: bytes",
        most: 8 * KIBIBYTE,
        value: |of| of.deepest("panel-standard", &["blob"]),
    },
];

impl Measured {
    fn most(&self, script: &str, kind: &str) -> Option<u64> {
        Some(self.counts.get(script)?.of(kind)?.most)
    }

    /// The largest difference between two answers of one kind.
    fn spread(&self, script: &str) -> Option<u64> {
        let counts = self.counts.get(script)?;
        CHECKS.iter().filter_map(|kind| counts.of(kind)).map(|count| count.most - count.least).max()
    }

    fn deepest(&self, script: &str, kinds: &[&str]) -> Option<u64> {
        let counts = self.counts.get(script)?;
        kinds.iter().filter_map(|kind| counts.of(kind)).map(|count| count.stack).max()
    }

    /// Flash of an image, the device's first state included.
    fn flash(&self, image: &str) -> Option<u64> {
        let (sizes, _) = self.weights.get(image)?;
        Some(u64::from(sizes.text + sizes.constants + sizes.data))
    }

    fn memory(&self, image: &str) -> Option<u64> {
        let (sizes, _) = self.weights.get(image)?;
        Some(u64::from(sizes.data + sizes.zeros))
    }

    /// Instructions of the floor (mean, fewest, most) and of the core's user check.
    pub(crate) fn floor(&self) -> Option<(u64, u64, u64, u64)> {
        let floor = self.counts.get("panel-standard")?.of("floor")?;
        Some((floor.sum / floor.asked, floor.least, floor.most, self.most("panel-standard", "user check")?))
    }
}

/// A row for each limit, a column for each processor.
pub(crate) fn rows(measured: &[(&'static str, Measured)]) -> Vec<Vec<String>> {
    let cell = |limit: &Limit, of: &Measured| match (limit.value)(of) {
        Some(value) => format!("{} {}", grouped(value), if value <= limit.most { "met" } else { "**missed**" }),
        None => "not measured".into(),
    };
    let row = |limit: &Limit| {
        let cells = measured.iter().map(|(_, of)| cell(limit, of));
        [limit.name.to_owned(), grouped(limit.most)].into_iter().chain(cells).collect()
    };
    LIMITS.iter().map(row).collect()
}
