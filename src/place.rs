//! Systems and areas.

use serde::{Deserialize, Serialize};

/// Most systems (control units) a site has.
pub const SYSTEMS: usize = 8;
/// Most areas a system has.
pub const AREAS: u8 = 32;

/// A set of areas of one system: bit `n - 1` is area `n`, 1..=32.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[serde(transparent)]
pub struct Areas(pub u32);

impl Areas {
    /// No area.
    pub const NONE: Self = Self(0);

    /// The set of the given area numbers, or `None` when one of them is not 1..=32.
    pub fn of(numbers: &[u8]) -> Option<Self> {
        numbers.iter().try_fold(Self::NONE, |set, &number| {
            let bit = 1_u32.checked_shl(u32::from(number.checked_sub(1)?))?;
            Some(Self(set.0 | bit))
        })
    }

    /// Whether every area of `self` is in `other`.
    pub const fn within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// Whether an area is in both.
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether there is no area in the set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The lowest area number, 0 when empty.
    pub const fn lowest(self) -> u8 {
        if self.0 == 0 { 0 } else { self.0.trailing_zeros() as u8 + 1 }
    }

    /// The area numbers, ascending.
    pub fn numbers(self) -> impl Iterator<Item = u8> {
        (1..=AREAS).filter(move |number| self.0 >> (number - 1) & 1 == 1)
    }
}

/// What a request is about: one system and some of its areas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Place {
    system: u8,
    areas: Areas,
}

impl Place {
    /// System 1..=8 and at least one area, or `None`.
    pub const fn new(system: u8, areas: Areas) -> Option<Self> {
        if 1 <= system && system as usize <= SYSTEMS && !areas.is_empty() { Some(Self { system, areas }) } else { None }
    }

    /// The system, 1..=8.
    pub const fn system(&self) -> u8 {
        self.system
    }

    /// The areas, never empty.
    pub const fn areas(&self) -> Areas {
        self.areas
    }

    /// What `columns` has of its system.
    #[inline(always)]
    pub(crate) fn of<'a, T>(&self, columns: &'a [T; SYSTEMS]) -> &'a T {
        let [first, ..] = columns;
        columns.get(usize::from(self.system).wrapping_sub(1) % SYSTEMS).unwrap_or(first)
    }
}

/// A list of (system, areas): for each system 1..=8 the areas of it that are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[serde(transparent)]
pub struct AreaList(pub [Areas; SYSTEMS]);

impl AreaList {
    /// No area of any system.
    pub const NONE: Self = Self([Areas::NONE; SYSTEMS]);
    /// Every area of every system.
    pub const ALL: Self = Self([Areas(u32::MAX); SYSTEMS]);

    /// The listed areas of `system` (1..=8).
    pub fn of_system(&self, system: u8) -> Areas {
        let index = usize::from(system).wrapping_sub(1);
        self.0.get(index).copied().unwrap_or(Areas::NONE)
    }

    /// Whether the whole place is listed.
    pub fn covers(&self, place: Place) -> bool {
        place.areas.within(*place.of(&self.0))
    }

    /// Whether every area of `self` is in `other`.
    pub fn within(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).fold(true, |within, (mine, theirs)| within & mine.within(*theirs))
    }

    /// Whether an area is in both.
    pub fn meets(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).any(|(mine, theirs)| mine.meets(*theirs))
    }

    /// Whether nothing is listed.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|areas| areas.is_empty())
    }
}

impl From<Place> for AreaList {
    fn from(place: Place) -> Self {
        let mut list = Self::NONE;
        if let Some(areas) = list.0.get_mut(usize::from(place.system) - 1) {
            *areas = place.areas;
        }
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn area_numbers_outside_1_to_32_are_refused() {
        assert_eq!(Areas::of(&[1, 2, 32]), Some(Areas(0x8000_0003)));
        assert_eq!(Areas::of(&[0]), None);
        assert_eq!(Areas::of(&[33]), None);
        assert_eq!(Areas::of(&[255]), None);
    }

    #[test]
    fn a_place_has_a_system_and_an_area() {
        assert!(Place::new(1, Areas(1)).is_some());
        assert!(Place::new(8, Areas(1)).is_some());
        assert!(Place::new(0, Areas(1)).is_none());
        assert!(Place::new(9, Areas(1)).is_none());
        assert!(Place::new(1, Areas::NONE).is_none());
    }
}
